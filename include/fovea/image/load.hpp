#pragma once
#include <concepts>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <fovea/data/dataset.hpp>
#include <fovea/image/color.hpp>
#include <fovea/image/file.hpp>
#include <fovea/image/jpeg.hpp>
#include <fovea/image/pnm.hpp>

/// Pictures from PNG, JPEG, BMP, TGA, PGM and PPM files. What the file holds decides, not its name. 16 bits a channel become 8. Everything
/// that is wrong with a file is a DataError that names it and the reason: a side above 65535, more than 2^28 bytes of
/// pixels, an end that is missing, damage. Pixels are exact; those of JPEG are libjpeg's, so Pillow's, where chroma is as large as luma or has
/// half its width, with half its height or the whole, and differ by a little for other ratios, which are rare.
namespace fovea::image {

namespace detail {

inline Format known_format(std::span<const std::byte> bytes, const std::string& name) {
    require<DataError>(!bytes.empty(), name, ": expected a picture, the file is empty");
    const auto format = format_of_bytes(bytes);
    require<DataError>(format.has_value(), name, ": expected a picture (PNG, JPEG, BMP, TGA, PGM or PPM), the ",
                       bytes.size(), " bytes are none");
    return *format;
}

inline Info check(std::span<const std::byte> bytes, const std::string& name) {
    const Bytes all(bytes, name);
    switch (known_format(bytes, name)) {
    case Format::png:
        return check_png(all);
    case Format::jpeg:
        return check_jpeg(all);
    case Format::bmp:
        return check_bmp(all);
    case Format::tga:
        return check_tga(all);
    case Format::pnm:
        break;
    }
    const PnmHeader header = check_pnm(all);
    return {Format::pnm, header.height, header.width};
}

/// Pixels that stb allocated.
struct StbFree {
    void operator()(void* pixels) const { free(pixels); }
};

inline Tensor<std::uint8_t> decode_with_stb(std::span<const std::byte> bytes, const Info& info,
                                            const std::string& name) {
    const auto* data = reinterpret_cast<const stb::stbi_uc*>(bytes.data());
    const auto size = static_cast<int>(bytes.size());
    int height = 0;
    int width = 0;
    int channels = 0;
    const std::unique_ptr<stb::stbi_uc, StbFree> pixels(
        info.format == Format::jpeg ? jpeg::load(std::span(data, bytes.size()), width, height, channels)
                                    : stb::stbi_load_from_memory(data, size, &width, &height, &channels, 0));
    if (!pixels) {
        const char* const reason = stb::stbi_failure_reason();
        throw DataError(
            text(name, ": the ", info.format, " cannot be decoded (", reason ? reason : "no reason given", ")"));
    }
    require<DataError>(height == info.height && width == info.width && 1 <= channels && channels <= 4, name,
                       ": the header says ", info.height, " x ", info.width, " pixels, decoded are ", height, " x ",
                       width);
    return Tensor<std::uint8_t>(ConstView<std::uint8_t>(pixels.get(), Shape{height, width, channels}));
}

} // namespace detail

/// The format and size of a picture in memory; looks through the file, decodes nothing. Throws DataError; `name` is for its message.
inline Info inspect(std::span<const std::byte> bytes, const std::string& name = "picture") {
    return detail::check(bytes, name);
}

/// The format and size of a picture file.
inline Info inspect(const std::filesystem::path& path) {
    std::vector<std::byte> buffer;
    return inspect(detail::read_file(path, buffer), path.string());
}

/// A picture in memory -> (height, width, channels); float is value / 255. Throws DataError; `name` is for its message.
template <class T = std::uint8_t>
    requires(std::same_as<T, std::uint8_t> || std::same_as<T, float>)
Tensor<T> decode(std::span<const std::byte> bytes, ColorMode mode = ColorMode::as_is,
                 const std::string& name = "picture") {
    const Info info = detail::check(bytes, name);
    Tensor<std::uint8_t> picture = info.format == Format::pnm ? detail::decode_pnm(detail::Bytes(bytes, name))
                                                              : detail::decode_with_stb(bytes, info, name);
    if (mode != ColorMode::as_is && picture.shape()[2] != channels_of(mode)) picture = convert_color(picture, mode);
    if constexpr (std::same_as<T, float>)
        return picture.map([](std::uint8_t value) { return fovea::detail::byte_fractions<float>[value]; });
    else
        return picture;
}

/// A picture file -> (height, width, channels); float is value / 255. Throws DataError.
template <class T = std::uint8_t>
Tensor<T> load(const std::filesystem::path& path, ColorMode mode = ColorMode::as_is) {
    std::vector<std::byte> buffer;
    return decode<T>(detail::read_file(path, buffer), mode, path.string());
}

} // namespace fovea::image
