#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include <fovea/image/stb.hpp>

/// What is done to a JPEG's numbers once stb has read them, in the whole-number arithmetic of libjpeg, which Pillow, PyTorch and
/// TensorFlow have, too: the standard leaves open how results are rounded, and stb's own way differs by up to 3.
namespace fovea::image::detail::jpeg {

inline std::uint8_t clamped(std::int32_t value) { return static_cast<std::uint8_t>(std::clamp(value, 0, 255)); }

/// Eight numbers, `step` apart, transformed in place, the results with 13 more bits behind the point. Loeffler, Ligtenberg and Moschytz,
/// "Practical fast 1-D DCT algorithms with 11 multiplications", ICASSP 1989. Wraps around where a hostile file has numbers too
/// large, hence the type.
inline std::array<std::uint32_t, 8> idct_line(const std::uint32_t* x, std::size_t step) {
    constexpr auto fix = [](double factor) { return static_cast<std::uint32_t>(factor * 8192 + 0.5); };
    const auto in = [&](std::size_t i) { return x[i * step]; };

    const std::uint32_t half = (in(2) + in(6)) * fix(0.541196100);
    const std::uint32_t e2 = half - in(6) * fix(1.847759065);
    const std::uint32_t e3 = half + in(2) * fix(0.765366865);
    const std::uint32_t e0 = (in(0) + in(4)) << 13;
    const std::uint32_t e1 = (in(0) - in(4)) << 13;
    const std::array<std::uint32_t, 4> even{e0 + e3, e1 + e2, e1 - e2, e0 - e3};

    const std::uint32_t all = (in(7) + in(3) + in(5) + in(1)) * fix(1.175875602);
    const std::uint32_t z1 = (in(7) + in(1)) * fix(0.899976223);
    const std::uint32_t z2 = (in(5) + in(3)) * fix(2.562915447);
    const std::uint32_t z3 = all - (in(7) + in(3)) * fix(1.961570560);
    const std::uint32_t z4 = all - (in(5) + in(1)) * fix(0.390180644);
    const std::array<std::uint32_t, 4> odd{in(1) * fix(1.501321110) - z1 + z4, in(3) * fix(3.072711026) - z2 + z3,
                                           in(5) * fix(2.053119869) - z2 + z4, in(7) * fix(0.298631336) - z1 + z3};
    return {even[0] + odd[0], even[1] + odd[1], even[2] + odd[2], even[3] + odd[3],
            even[3] - odd[3], even[2] - odd[2], even[1] - odd[1], even[0] - odd[0]};
}

/// To the nearest whole number, without the last `bits` bits.
inline std::uint32_t without(std::uint32_t value, int bits) {
    const auto rounded = static_cast<std::int32_t>(value + (1U << (bits - 1)));
    return static_cast<std::uint32_t>(rounded >> bits);
}

/// A block of 8 x 8, first the columns, with two bits kept behind the point, and then the rows.
inline void idct_block(stb::stbi_uc* out, int out_stride, short* data) {
    std::array<std::uint32_t, 64> x;
    for (std::size_t i = 0; i < 64; ++i) x[i] = static_cast<std::uint32_t>(std::int32_t{data[i]});
    for (std::size_t column = 0; column < 8; ++column) {
        std::uint32_t others = 0;
        for (std::size_t row = 1; row < 8; ++row) others |= x[8 * row + column];
        if (others == 0) { // as in most columns of most pictures: a mean and nothing else
            for (std::size_t row = 8; row-- > 0;) x[8 * row + column] = x[column] << 2;
            continue;
        }
        const auto line = idct_line(x.data() + column, 8);
        for (std::size_t row = 0; row < 8; ++row) x[8 * row + column] = without(line[row], 13 - 2);
    }
    for (std::size_t row = 0; row < 8; ++row, out += out_stride) {
        const auto line = idct_line(x.data() + 8 * row, 1);
        for (std::size_t column = 0; column < 8; ++column)
            out[column] = clamped(static_cast<std::int32_t>(without(line[column], 13 + 2 + 3)) + 128);
    }
}

/// A row of chroma made twice as wide, between the row that it is nearest to and the next one, where chroma has half the height, too. A
/// quarter of each neighbour; rows of one or two numbers are only repeated.
inline stb::stbi_uc* double_row(stb::stbi_uc* out, stb::stbi_uc* near_row, stb::stbi_uc* far_row, int width, int) {
    if (width <= 2) {
        for (int i = 0; i < width; ++i) out[2 * i] = out[2 * i + 1] = near_row[i];
        return out;
    }
    const auto sum = [&](int i) { return 3 * near_row[i] + far_row[i]; };
    for (int i = 0; i < width; ++i) {
        const int left = sum(std::max(i - 1, 0));
        const int right = sum(std::min(i + 1, width - 1));
        out[2 * i] = static_cast<stb::stbi_uc>((3 * sum(i) + left + 8) >> 4);
        out[2 * i + 1] = static_cast<stb::stbi_uc>((3 * sum(i) + right + 7) >> 4);
    }
    return out;
}

/// JFIF's YCbCr to RGB, with 16 bits behind the point.
inline void to_rgb(stb::stbi_uc* out, const stb::stbi_uc* y, const stb::stbi_uc* cb, const stb::stbi_uc* cr, int count,
                   int step) {
    constexpr std::int32_t half = 1 << 15;
    for (int i = 0; i < count; ++i, out += step) {
        const std::int32_t blue = cb[i] - 128;
        const std::int32_t red = cr[i] - 128;
        out[0] = clamped(y[i] + ((91881 * red + half) >> 16));
        out[1] = clamped(y[i] + ((-22554 * blue - 46802 * red + half) >> 16));
        out[2] = clamped(y[i] + ((116130 * blue + half) >> 16));
        if (step == 4) out[3] = 255;
    }
}

/// As stbi_load_from_memory does it, but for the above.
inline stb::stbi_uc* load(std::span<const stb::stbi_uc> bytes, int& width, int& height, int& channels) {
    stb::stbi__context context;
    stb::stbi__start_mem(&context, bytes.data(), static_cast<int>(bytes.size()));
    const auto decoder = std::make_unique<stb::stbi__jpeg>();
    decoder->s = &context;
    stb::stbi__setup_jpeg(decoder.get());
    decoder->idct_block_kernel = idct_block;
    decoder->resample_row_hv_2_kernel = double_row;
    decoder->YCbCr_to_RGB_kernel = to_rgb;
    return stb::load_jpeg_image(decoder.get(), &width, &height, &channels, 0);
}

} // namespace fovea::image::detail::jpeg
