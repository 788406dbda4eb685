// Any text is the JSON of a model that runs and is written again as it was read, or a DataError.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <fovea/augment/all.hpp>
#include <fovea/io/model_json.hpp>
#include <fovea/io/test_vector.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace fovea;
    try {
        const auto read = [](std::string_view json) {
            return model_from_json<float, AugmentationLayers>(json, 1 << 22);
        };
        const Model<float> model = read({reinterpret_cast<const char*>(data), size});
        const std::string json = model_to_json(model);
        if (model_to_json(read(json)) != json) std::abort();
        detail::TestVector{}.outputs(model);
    } catch (const DataError&) {
    }
    return 0;
}
