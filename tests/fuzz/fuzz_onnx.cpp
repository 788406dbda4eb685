// Any bytes are an ONNX file that becomes a model, or an Error.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <fovea/onnx/import.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    try {
        fovea::detail::read_onnx(fovea::onnx::from_bytes({reinterpret_cast<const char*>(data), size}),
                                 {.memory_limit = 1e7});
    } catch (const fovea::Error&) {
    }
    return 0;
}
