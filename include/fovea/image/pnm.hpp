#pragma once
#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include <fovea/core/tensor.hpp>
#include <fovea/image/check.hpp>

/// PGM and PPM: `P5`, width, height and the largest value as text, and then the values; `P2` and `P3` have them as text, too.
namespace fovea::image::detail {

struct PnmHeader {
    Index height = 0;
    Index width = 0;
    Index channels = 1;
    std::uint32_t largest = 0; ///< what white is; values above 255 have two bytes
    bool as_text = false;
    std::size_t end = 0; ///< where the values begin

    Index values() const { return height * width * channels; }
};

/// The next number of the text, behind spaces and comments; moves `at` behind it.
inline std::uint32_t pnm_number(const Bytes& bytes, std::size_t& at) {
    const auto is_space = [](std::uint32_t c) { return c == ' ' || (9 <= c && c <= 13); };
    const auto is_digit = [](std::uint32_t c) { return '0' <= c && c <= '9'; };
    while (at < bytes.size() && (is_space(bytes[at]) || bytes[at] == '#'))
        at = bytes[at] == '#' ? bytes.find('\n', at) : at + 1;
    bytes.need(std::uint64_t{at} + 1);
    std::uint32_t number = 0;
    const std::size_t first = at;
    for (; at < bytes.size() && is_digit(bytes[at]) && number <= 99999; ++at) number = 10 * number + bytes[at] - '0';
    require<DataError>(at > first && number <= 99999, bytes.name(), ": expected a number up to 99999 near byte ",
                       first);
    return number;
}

inline PnmHeader check_pnm(const Bytes& bytes) {
    PnmHeader header;
    bytes.need(3);
    header.as_text = bytes[1] == '2' || bytes[1] == '3';
    header.channels = bytes[1] == '3' || bytes[1] == '6' ? 3 : 1;
    std::size_t at = 2;
    header.width = pnm_number(bytes, at);
    header.height = pnm_number(bytes, at);
    header.largest = pnm_number(bytes, at);
    require<DataError>(0 < header.largest && header.largest <= 65535, bytes.name(),
                       ": expected a largest value from 1 to 65535, got ", header.largest);
    check_extents(header.height, header.width, header.channels, bytes.name());
    header.end = at + 1; // one space
    const auto values = static_cast<std::uint64_t>(header.values());
    bytes.need(header.end + (header.as_text ? 2 * values - 1 : header.largest > 255 ? 2 * values : values));
    return header;
}

inline Tensor<std::uint8_t> decode_pnm(const Bytes& bytes) {
    const PnmHeader header = check_pnm(bytes);
    Tensor<std::uint8_t> picture(Shape{header.height, header.width, header.channels});
    std::size_t at = header.end;
    for (std::uint8_t& value : picture) {
        std::uint32_t number = 0;
        if (header.as_text) {
            number = pnm_number(bytes, at);
        } else if (header.largest > 255) {
            number = bytes.big16(at);
            at += 2;
        } else {
            number = bytes[at++];
        }
        require<DataError>(number <= header.largest, bytes.name(), ": a value is ", number, ", the largest is ",
                           header.largest);
        value = static_cast<std::uint8_t>((number * 255 + header.largest / 2) / header.largest);
    }
    return picture;
}

/// A (height, width, 1 or 3) picture as PGM or PPM.
inline std::vector<std::byte> encode_pnm(ConstView<std::uint8_t> picture) {
    const Shape& shape = picture.shape();
    const std::string header = text(shape[2] == 1 ? "P5" : "P6", '\n', shape[1], ' ', shape[0], "\n255\n");
    std::vector<std::byte> bytes(header.size() + picture.span().size());
    const auto values = std::copy_n(std::as_bytes(std::span(header)).begin(), header.size(), bytes.begin());
    std::copy_n(std::as_bytes(picture.span()).begin(), picture.span().size(), values);
    return bytes;
}

} // namespace fovea::image::detail
