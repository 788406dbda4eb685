#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <new>
#include <string>
#include <vector>

#include <fovea/core/rounding.hpp>
#include <fovea/image/file.hpp>
#include <fovea/image/format.hpp>
#include <fovea/image/pnm.hpp>
#include <fovea/image/stb.hpp>

namespace fovea::image {

struct SaveOptions {
    int quality = 75; ///< of JPEG, 1 to 100; Pillow's default
};

namespace detail {

inline void append_bytes(void* bytes, void* data, int size) {
    auto& all = *static_cast<std::vector<std::byte>*>(bytes);
    const auto* first = static_cast<const std::byte*>(data);
    all.insert(all.end(), first, first + size);
}

/// Numbers from 0 to 1 as bytes; what is outside becomes 0 or 255.
inline Tensor<std::uint8_t> to_bytes(ConstView<float> picture) {
    Tensor<std::uint8_t> bytes(picture.shape());
    std::transform(picture.begin(), picture.end(), bytes.begin(), [](float value) {
        require<NumericError>(!std::isnan(value), "save: the picture has a number that is not a number (nan)");
        const float scaled = 255 * std::clamp(value, 0.0F, 1.0F);
        return static_cast<std::uint8_t>(rounded(scaled) + 0.5F);
    });
    return bytes;
}

} // namespace detail

/// x (height, width) or (height, width, channels) as the bytes of a file: PNG (1 to 4 channels), JPEG and PNM (1 or 3), BMP (1, 3
/// or 4). Throws ShapeError for other shapes and ValueError for what the format cannot hold.
inline std::vector<std::byte> encode(ConstView<std::uint8_t> picture, Format format, const SaveOptions& options = {}) {
    const Shape& shape = picture.shape();
    const bool flat = shape.rank() == 2;
    const Index channels = flat ? 1 : shape.rank() == 3 ? shape[2] : 0;
    require<ShapeError>(1 <= channels && channels <= 4,
                        "save: expected a picture (height, width, 1 to 4 channels), got ", shape);
    detail::check_extents(shape[0], shape[1], channels, "save");
    require<ValueError>(format != Format::tga, "save: TGA is only read; PNG, JPEG, BMP, PGM and PPM are written");
    require<ValueError>(format == Format::png || channels == 1 || channels == 3 ||
                            (format == Format::bmp && channels == 4),
                        "save: ", format, " cannot hold ", channels, " channels");
    require<ValueError>(1 <= options.quality && options.quality <= 100, "save: expected a quality from 1 to 100, got ",
                        options.quality);
    if (format == Format::pnm) return detail::encode_pnm(picture.reshape({shape[0], shape[1], channels}));

    const auto height = static_cast<int>(shape[0]);
    const auto width = static_cast<int>(shape[1]);
    const auto depth = static_cast<int>(channels);
    std::vector<std::byte> bytes;
    int written = 0;
    if (format == Format::png)
        written = stb::stbi_write_png_to_func(detail::append_bytes, &bytes, width, height, depth, picture.data(),
                                              width * depth);
    else if (format == Format::jpeg)
        written = stb::stbi_write_jpg_to_func(detail::append_bytes, &bytes, width, height, depth, picture.data(),
                                              options.quality);
    else
        written = stb::stbi_write_bmp_to_func(detail::append_bytes, &bytes, width, height, depth, picture.data());
    if (written == 0) throw std::bad_alloc();
    return bytes;
}

/// As above, of numbers from 0 to 1; what is outside becomes 0 or 1. Throws NumericError for NaN, too.
inline std::vector<std::byte> encode(ConstView<float> picture, Format format, const SaveOptions& options = {}) {
    return encode(detail::to_bytes(picture), format, options);
}

/// Writes a picture of bytes, or of float from 0 to 1, to the file in the format that its name says: .png, .jpg, .jpeg, .bmp, .pgm
/// or .ppm. Throws as `encode`, ValueError for other names, and DataError if the file cannot be written.
template <class T>
void save(const std::filesystem::path& path, const T& picture, const SaveOptions& options = {}) {
    const auto format = format_of_name(path);
    require<ValueError>(format.has_value(), path.string(),
                        ": expected a name with .png, .jpg, .jpeg, .bmp, .pgm or .ppm");
    detail::write_file(path, encode(picture, *format, options));
}

} // namespace fovea::image
