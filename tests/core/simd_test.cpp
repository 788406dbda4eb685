#include "catch.hpp"

#include <vector>

#include <fovea/core/simd.hpp>

namespace simd = fovea::simd;
using fovea::Index;

TEMPLATE_TEST_CASE("a vector holds as many numbers as its width says", "", float, double) {
    CHECK(simd::width<TestType> * static_cast<Index>(sizeof(TestType)) == static_cast<Index>(simd::bytes));
    CHECK(sizeof(simd::Vector<TestType>) == simd::bytes);
}

TEMPLATE_TEST_CASE("vectors are loaded from and stored to any address", "", float, double) {
    constexpr Index width = simd::width<TestType>;
    std::vector<TestType> from(static_cast<std::size_t>(width) + 2);
    for (std::size_t i = 0; i < from.size(); ++i) from[i] = static_cast<TestType>(i) + TestType{0.5};
    std::vector<TestType> to(from.size());
    simd::store(to.data() + 1, simd::load(from.data() + 1));
    CHECK(to.front() == 0);
    CHECK(to.back() == 0);
    for (std::size_t i = 1; i + 1 < to.size(); ++i) CHECK(to[i] == from[i]);
}

TEMPLATE_TEST_CASE("vectors are added and multiplied number by number", "", float, double) {
    constexpr Index width = simd::width<TestType>;
    std::vector<TestType> numbers(static_cast<std::size_t>(width));
    for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<TestType>(i);
    const auto x = simd::load(numbers.data());
    const auto result = x * simd::broadcast(TestType{3}) + x;
    for (Index i = 0; i < width; ++i) CHECK(result[i] == static_cast<TestType>(4 * i));
}

TEMPLATE_TEST_CASE("broadcast repeats one number", "", float, double) {
    const auto x = simd::broadcast(TestType{2.5});
    for (Index i = 0; i < simd::width<TestType>; ++i) CHECK(x[i] == TestType{2.5});
}

TEST_CASE("unroll counts at compile time") {
    std::vector<int> seen;
    simd::unroll<4>([&](auto i) {
        constexpr int constant = i;
        seen.push_back(constant);
    });
    CHECK(seen == std::vector<int>{0, 1, 2, 3});
    simd::unroll<0>([&](auto) { seen.clear(); });
    CHECK(seen.size() == 4);
}
