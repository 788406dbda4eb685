#pragma once
#include <array>
#include <cctype>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <ostream>
#include <span>
#include <string>
#include <string_view>

#include <fovea/core/shape.hpp>

namespace fovea::image {

/// The formats of picture files. `pnm` are PGM and PPM, as text and as bytes.
enum class Format { png, jpeg, bmp, tga, pnm };

inline std::string_view name_of(Format format) {
    constexpr std::array<std::string_view, 5> names{"PNG", "JPEG", "BMP", "TGA", "PNM"};
    return names[static_cast<std::size_t>(format)];
}

inline std::ostream& operator<<(std::ostream& out, Format format) { return out << name_of(format); }

/// What a file's name says, in any case: .png, .jpg, .jpeg, .bmp, .tga, .pgm, .ppm or .pnm.
inline std::optional<Format> format_of_name(const std::filesystem::path& path) {
    std::string extension = path.extension().string();
    for (char& c : extension) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (extension == ".png") return Format::png;
    if (extension == ".jpg" || extension == ".jpeg") return Format::jpeg;
    if (extension == ".bmp") return Format::bmp;
    if (extension == ".tga") return Format::tga;
    if (extension == ".pgm" || extension == ".ppm" || extension == ".pnm") return Format::pnm;
    return {};
}

/// What the first bytes say. TGA has no signature: its header only has to make sense.
inline std::optional<Format> format_of_bytes(std::span<const std::byte> bytes) {
    const auto at = [&](std::size_t i) { return i < bytes.size() ? static_cast<int>(bytes[i]) : -1; };
    if (at(0) == 0x89 && at(1) == 'P' && at(2) == 'N' && at(3) == 'G') return Format::png;
    if (at(0) == 0xFF && at(1) == 0xD8 && at(2) == 0xFF) return Format::jpeg;
    if (at(0) == 'B' && at(1) == 'M') return Format::bmp;
    if (at(0) == 'P' && (at(1) == '2' || at(1) == '3' || at(1) == '5' || at(1) == '6')) return Format::pnm;
    const int kind = at(2);
    const int bits = at(16);
    const bool palette = at(1) == 1 && (kind == 1 || kind == 9) && bits == 8;
    const bool color =
        at(1) == 0 && (kind == 2 || kind == 10) && (bits == 15 || bits == 16 || bits == 24 || bits == 32);
    const bool grey = at(1) == 0 && (kind == 3 || kind == 11) && bits == 8;
    if (bytes.size() >= 18 && (palette || color || grey)) return Format::tga;
    return {};
}

/// What a file says of its picture, before anything is decoded.
struct Info {
    Format format;
    Index height;
    Index width;
};

} // namespace fovea::image
