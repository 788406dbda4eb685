// Any bytes are a safetensors file or a DataError; a model is loaded from it, or it is an Error.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>

#include <fovea/io/model_file.hpp>

namespace {

/// In memory where there is such a folder; one for each process.
const std::filesystem::path& fuzzed_file() {
    static const std::filesystem::path path = [] {
        const std::filesystem::path shared = "/dev/shm";
        const auto folder = std::filesystem::exists(shared) ? shared : std::filesystem::temp_directory_path();
        return folder / ("fovea-fuzz-" + std::to_string(std::random_device{}()));
    }();
    return path;
}

void read_all(fovea::safetensors::File& file) {
    for (const fovea::safetensors::Entry& entry : file.entries()) {
        if (entry.dtype == "F32") file.tensor<float>(entry);
        if (entry.dtype == "F64") file.tensor<double>(entry);
        if (entry.dtype == "U8") file.tensor<std::uint8_t>(entry);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace fovea;
    std::ofstream(fuzzed_file(), std::ios::binary)
        .write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
    try {
        safetensors::File file(fuzzed_file());
        read_all(file);
    } catch (const DataError&) {
    } catch (const ShapeError&) { // more axes than a Tensor has
    }
    try {
        load_model(fuzzed_file(), {.memory_limit = 1 << 22});
    } catch (const Error&) {
    }
    return 0;
}
