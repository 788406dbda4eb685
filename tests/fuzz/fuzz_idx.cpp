// Any bytes, raw or gzip, are an IDX file or a DataError.
#include <cstddef>
#include <cstdint>

#include <fovea/data/gzip.hpp>
#include <fovea/data/idx.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    try {
        fovea::idx::parse(std::as_bytes(std::span(data, size)), "fuzz");
    } catch (const fovea::DataError&) {
    }
    return 0;
}
