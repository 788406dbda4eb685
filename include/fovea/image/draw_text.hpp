#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <fovea/core/tensor.hpp>
#include <fovea/image/stb_font.hpp>

/// Small text on pictures.
namespace fovea::image::detail {

inline constexpr Index text_height = 12; ///< of a line, with what lies below it

/// What can be drawn: a ? in place of each character that is not ASCII, or none to print.
inline std::string drawable(std::string_view text) {
    std::string result;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool continues = (byte & 0xC0) == 0x80; // a character of UTF-8
        if (!continues) result += 32 <= byte && byte < 127 ? c : '?';
    }
    return result;
}

inline Index text_width(std::string text) { return stb::stb_easy_font_width(text.data()); }

/// The text if it is no wider than `width` pixels, or as much of it as is with two points behind it.
inline std::string fitted_text(std::string_view text, Index width) {
    std::string whole = drawable(text);
    if (text_width(whole) <= width) return whole;
    while (!whole.empty() && text_width(whole + "..") > width) whole.pop_back();
    return whole + "..";
}

/// On a picture of (height, width, channels), from pixel (top, left) on; what lies outside is left out.
inline void draw_text(View<std::uint8_t> picture, Index top, Index left, std::string_view text,
                      std::uint8_t value = 0) {
    struct Corner {
        float x, y, z;
        std::array<unsigned char, 4> color;
    };
    std::string characters = drawable(text);
    constexpr std::size_t most_strokes = 16; // of one character
    std::vector<std::array<Corner, 4>> strokes(most_strokes * characters.size() + 1);
    const int count = stb::stb_easy_font_print(0, 0, characters.data(), nullptr, strokes.data(),
                                               static_cast<int>(strokes.size() * sizeof(strokes[0])));
    const Shape& shape = picture.shape();
    const auto within = [](Index place, Index extent) { return std::clamp<Index>(place, 0, extent); };
    for (const auto& corners : std::span(strokes).first(static_cast<std::size_t>(count))) {
        const Index first_row = within(top + static_cast<Index>(corners[0].y), shape[0]);
        const Index last_row = within(top + static_cast<Index>(corners[2].y), shape[0]);
        const Index first_column = within(left + static_cast<Index>(corners[0].x), shape[1]);
        const Index last_column = within(left + static_cast<Index>(corners[2].x), shape[1]);
        for (Index row = first_row; row < last_row; ++row)
            std::fill(&picture(row, first_column, 0),
                      &picture(row, first_column, 0) + (last_column - first_column) * shape[2], value);
    }
}

} // namespace fovea::image::detail
