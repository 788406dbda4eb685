#include <cmath>
#include <set>
#include <vector>

#include <fovea/augment/draw.hpp>

#include "catch.hpp"

using namespace fovea;

TEST_CASE("Draw: the words of a sample's blocks of Philox, in order", "[augment]") {
    const random::Stream stream{7, random::Purpose::augment, 2, 5};
    const auto word = [&](Index sample, std::uint64_t i) {
        return stream.uniform(4 * (static_cast<std::uint64_t>(sample) << 32) + i);
    };
    Draw draw(7, 11, 5, 2);
    for (std::uint64_t i = 0; i < 6; ++i) CHECK(draw.uniform(0, 1) == word(11, i));
    CHECK(draw.normal() == math::normal_quantile(word(11, 6)));
    CHECK(draw.chance(1));
    CHECK(Draw(7, 11, 5, 2).below(1000) == stream.below(std::uint64_t{11} << 32, 1000));
    CHECK(Draw(random::Stream{1, random::Purpose::dropout, 3, 4}, 9).uniform(0, 1) ==
          random::Stream{1, random::Purpose::dropout, 3, 4}.uniform(std::uint64_t{9} << 34));
}

TEST_CASE("Draw: seed, sample, epoch and number all count", "[augment]") {
    std::set<double> first;
    for (const auto& [seed, sample, epoch, number] :
         std::vector<std::array<Index, 4>>{{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}, {0, 0, 0, 1}, {0, 0, 0, 0}})
        first.insert(Draw(static_cast<std::uint64_t>(seed), sample, epoch, number).uniform(0, 1));
    CHECK(first.size() == 5);
}

TEST_CASE("Draw: numbers lie where they should", "[augment]") {
    Draw draw(1, 0, 0, 0);
    constexpr int count = 20000;
    double sum = 0, least = 9, most = -9, normal = 0;
    int hits = 0;
    std::vector<int> seen(5);
    for (int i = 0; i < count; ++i) {
        const double u = draw.uniform(-2, 3);
        sum += u;
        least = std::min(least, u);
        most = std::max(most, u);
        normal += draw.normal();
        hits += draw.chance(0.3) ? 1 : 0;
        ++seen.at(static_cast<std::size_t>(draw.below(5)));
        CHECK_FALSE(draw.chance(0));
    }
    CHECK(least > -2);
    CHECK(most < 3);
    // Five standard deviations each: 5 / sqrt(12 count), 1 / sqrt(count), sqrt(0.21 / count), sqrt(0.16 count).
    CHECK(sum / count == Catch::Approx(0.5).margin(0.051));
    CHECK(normal / count == Catch::Approx(0).margin(0.036));
    CHECK(static_cast<double>(hits) / count == Catch::Approx(0.3).margin(0.0163));
    for (const int times : seen) CHECK(std::abs(times - count / 5) < 283);
    CHECK(draw.uniform(0.125, 0.125) == 0.125);
    CHECK(draw.below(1) == 0);
}
