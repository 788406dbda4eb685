#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <fovea/core/random.hpp>
#include <fovea/image/jpeg.hpp>

#include "catch.hpp"

using namespace fovea;
using image::stb::stbi_uc;

namespace {

std::vector<stbi_uc> idct(std::vector<short> block) {
    std::vector<stbi_uc> pixels(64);
    image::detail::jpeg::idct_block(pixels.data(), 8, block.data());
    return pixels;
}

/// The definition (ITU-T T.81, A.3.3), in double.
std::vector<double> defined_idct(const std::vector<short>& block) {
    const double pi = std::acos(-1.0);
    std::vector<double> pixels(64);
    for (int y = 0; y < 8; ++y)
        for (int x = 0; x < 8; ++x) {
            double sum = 0;
            for (int v = 0; v < 8; ++v)
                for (int u = 0; u < 8; ++u)
                    sum += (u == 0 ? std::sqrt(0.5) : 1) * (v == 0 ? std::sqrt(0.5) : 1) *
                           block[static_cast<std::size_t>(8 * v + u)] * std::cos((2 * x + 1) * u * pi / 16) *
                           std::cos((2 * y + 1) * v * pi / 16);
            pixels[static_cast<std::size_t>(8 * y + x)] = std::clamp(sum / 4 + 128, 0.0, 255.0);
        }
    return pixels;
}

std::vector<stbi_uc> doubled(std::vector<stbi_uc> near_row, std::vector<stbi_uc> far_row) {
    std::vector<stbi_uc> out(2 * near_row.size());
    const auto width = static_cast<int>(near_row.size());
    image::detail::jpeg::double_row(out.data(), near_row.data(), far_row.data(), width, 2);
    return out;
}

std::vector<stbi_uc> widened(std::vector<stbi_uc> row) {
    std::vector<stbi_uc> out(2 * row.size());
    (image::stb::stbi__resample_row_h_2)(out.data(), row.data(), nullptr, static_cast<int>(row.size()), 2);
    return out;
}

} // namespace

TEST_CASE("jpeg: the inverse transform is the definition's, to the nearest whole number or the next", "[image]") {
    const random::Stream stream{7};
    for (std::uint64_t round = 0; round < 200; ++round) {
        std::vector<short> block(64);
        for (std::size_t i = 0; i < 64; ++i) {
            const auto range = static_cast<std::uint32_t>(1 + 800 / (1 + i)); // fewer of high frequencies
            block[i] =
                static_cast<short>(static_cast<int>(stream.below(64 * round + i, 2 * range)) - static_cast<int>(range));
        }
        const auto pixels = idct(block);
        const auto defined = defined_idct(block);
        for (std::size_t i = 0; i < 64; ++i) REQUIRE(std::abs(pixels[i] - defined[i]) < 0.6);
    }
    CHECK(idct(std::vector<short>(64)) == std::vector<stbi_uc>(64, 128));
    std::vector<short> grey(64);
    grey[0] = 80; // 8 for each grey
    CHECK(idct(grey) == std::vector<stbi_uc>(64, 138));
}

TEST_CASE("jpeg: numbers of hostile files are taken, too", "[image]") {
    const short most = std::numeric_limits<short>::max();
    const short least = std::numeric_limits<short>::min();
    for (const short value : {most, least}) CHECK(idct(std::vector<short>(64, value)).size() == 64);
    std::vector<short> mixed(64);
    for (std::size_t i = 0; i < 64; ++i) mixed[i] = i % 3 == 0 ? most : least;
    CHECK(idct(mixed).size() == 64);
}

TEST_CASE("jpeg: chroma of half the width and height, by hand", "[image]") {
    // Sums of three times the near row and the far one: 40, 80, 120.
    CHECK(doubled({10, 20, 30}, {10, 20, 30}) == std::vector<stbi_uc>{10, 12, 18, 22, 28, 30});
    CHECK(doubled({0, 0, 0}, {4, 4, 8}) ==
          std::vector<stbi_uc>{1, 1, 1, 1, 2, 2}); // 4, 4, 8: (4*4+8)/16 ... (4*8+7)/16
    CHECK(doubled({1, 0, 0}, {4, 0, 0}) == std::vector<stbi_uc>{2, 1, 0, 0, 0, 0}); // (7 + 8) / 16 is below 1
    CHECK(doubled({0, 0, 0}, {0, 8, 0}) == std::vector<stbi_uc>{0, 0, 2, 1, 1, 0}); // (8 + 7) / 16, and (8 + 8) / 16
    CHECK(doubled({9, 7}, {100, 100}) == std::vector<stbi_uc>{9, 9, 7, 7}); // libjpeg repeats rows as short as this
    CHECK(doubled({5}, {100}) == std::vector<stbi_uc>{5, 5});
}

TEST_CASE("jpeg: chroma of half the width, by hand", "[image]") {
    CHECK(widened({10, 20, 30}) == std::vector<stbi_uc>{10, 13, 17, 23, 27, 30}); // 12.5 and 17.5, 22.5 and 27.5
    CHECK(widened({10, 11, 10}) == std::vector<stbi_uc>{10, 10, 11, 11, 10, 10}); // 10.25, 10.75, 10.75, 10.25
    CHECK(widened({1, 2}) == std::vector<stbi_uc>{1, 1, 2, 2});
    CHECK(widened({3}) == std::vector<stbi_uc>{3, 3});
}

TEST_CASE("jpeg: colours, by JFIF's formulas", "[image]") {
    const auto rgb = [](int y, int cb, int cr) {
        const auto of = [](int value) { return static_cast<stbi_uc>(value); };
        const stbi_uc in[] = {of(y), of(cb), of(cr)};
        std::vector<stbi_uc> out(4);
        image::detail::jpeg::to_rgb(out.data(), &in[0], &in[1], &in[2], 1, 4);
        return std::vector<int>(out.begin(), out.end());
    };
    CHECK(rgb(77, 128, 128) == std::vector<int>{77, 77, 77, 255});
    CHECK(rgb(76, 85, 255) == std::vector<int>{254, 0, 0, 255});  // red
    CHECK(rgb(29, 255, 107) == std::vector<int>{0, 0, 254, 255}); // blue
    for (int cb = 0; cb < 256; cb += 5)
        for (int cr = 0; cr < 256; cr += 5) {
            const auto made = rgb(128, cb, cr);
            const double expected[] = {128 + 1.402 * (cr - 128), 128 - 0.344136 * (cb - 128) - 0.714136 * (cr - 128),
                                       128 + 1.772 * (cb - 128)};
            for (std::size_t c = 0; c < 3; ++c)
                CHECK(std::abs(made[c] - std::clamp(expected[c], 0.0, 255.0)) <=
                      0.502); // the factors have 16 bits behind the point
        }
}
