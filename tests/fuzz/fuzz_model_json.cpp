// Any text is the JSON of a model that runs and is written again as it was read, or a DataError.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <fovea/io/model_json.hpp>
#include <fovea/io/test_vector.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace fovea;
    try {
        const Model<float> model =
            model_from_json(std::string_view(reinterpret_cast<const char*>(data), size), 1 << 22);
        const std::string json = model_to_json(model);
        if (model_to_json(model_from_json(json, 1 << 22)) != json) std::abort();
        detail::TestVector{}.outputs(model);
    } catch (const DataError&) {
    }
    return 0;
}
