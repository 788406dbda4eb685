#include <vector>

#include <fovea/data/moments.hpp>

#include "catch.hpp"

using namespace fovea;

TEST_CASE("Moments: of channels, by hand", "[data]") {
    const Tensor<float> x(Shape{2, 2, 2}, {1, 10, 2, 10, 3, 10, 6, 14});
    const auto moments = detail::moments_of(ConstView<float>(x), 2);
    REQUIRE(moments.size() == 2);
    CHECK(moments[0].count == 4);
    CHECK(moments[0].mean == 3);
    CHECK(moments[0].squares == 14); // 4 + 1 + 0 + 9
    CHECK(moments[0].least == 1);
    CHECK(moments[0].most == 6);
    CHECK(moments[1].mean == 11);
    CHECK(moments[1].deviation() == Catch::Approx(1.7320508075688772)); // of 1 + 1 + 1 + 9, by 4
}

TEST_CASE("Moments: bytes count as value / 255", "[data]") {
    const Tensor<std::uint8_t> x(Shape{1, 2, 1}, {0, 255});
    const auto moments = detail::moments_of(ConstView<std::uint8_t>(x), 1);
    CHECK(moments[0].mean == 0.5);
    CHECK(moments[0].deviation() == 0.5);
    CHECK(moments[0].most == 1);
}

TEST_CASE("Moments: parts put together are the whole", "[data]") {
    const std::vector<float> numbers{3, -1, 4, 1, 5, 9, 2, 6, 5, 3, 5};
    const auto of = [&](std::size_t first, std::size_t last) {
        const auto size = static_cast<Index>(last - first);
        return detail::moments_of(ConstView<float>(numbers.data() + first, Shape{size}), 1).front();
    };
    Moments sum;
    CHECK(sum.deviation() == 0);
    sum.add({});
    for (const auto& [first, last] : {std::pair{0, 1}, {1, 4}, {4, 4 + 6}, {10, 11}})
        sum.add(of(static_cast<std::size_t>(first), static_cast<std::size_t>(last)));
    sum.add({});
    CHECK(sum.count == 11);
    CHECK(sum.mean == Catch::Approx(42.0 / 11));
    CHECK(sum.squares == Catch::Approx(232 - 42.0 * 42 / 11)); // 232 is the sum of the squares
    CHECK(sum.least == -1);
    CHECK(sum.most == 9);
}

TEST_CASE("Moments: a small deviation far from zero is not lost", "[data]") {
    const Tensor<double> x(Shape{4}, {1e9 + 1, 1e9 + 2, 1e9 + 3, 1e9 + 4});
    Moments sum;
    for (int i = 0; i < 1000; ++i) sum.add(detail::moments_of(ConstView<double>(x), 1).front());
    CHECK(sum.squares == Catch::Approx(5000));
}
