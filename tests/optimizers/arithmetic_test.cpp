#include <fovea/optimizers/arithmetic.hpp>

#include <limits>
#include <vector>

#include "catch.hpp"

using namespace fovea;

TEST_CASE("in_blocks: every element once, and nothing behind the last", "[optimizers]") {
    for (const Index count : {Index{0}, Index{1}, detail::update_block - 1, detail::update_block,
                              detail::update_block + 1, 5 * detail::update_block + 3}) {
        CAPTURE(count);
        std::vector<int> x(static_cast<std::size_t>(count) + 1, 10);
        std::vector<int> added(x.size());
        for (std::size_t i = 0; i < added.size(); ++i) added[i] = static_cast<int>(i);
        const auto add = [](int* a, const int* b) {
            for (Index j = 0; j < detail::update_block; ++j) a[j] += b[j];
        };
        detail::in_blocks(count, add, x.data(), std::as_const(added).data());
        for (Index i = 0; i < count; ++i) CHECK(x[static_cast<std::size_t>(i)] == 10 + i);
        CHECK(x.back() == 10);
    }
}

TEMPLATE_TEST_CASE("square_roots: as std::sqrt", "[optimizers]", float, double) {
    using Limits = std::numeric_limits<TestType>;
    std::vector<TestType> x(static_cast<std::size_t>(detail::update_block));
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<TestType>(i * i * i) / 7;
    x[1] = Limits::denorm_min();
    x[2] = Limits::infinity();
    x[3] = Limits::max();
    const std::vector<TestType> before = x;
    detail::square_roots(x.data());
    for (std::size_t i = 0; i < x.size(); ++i) CHECK(x[i] == std::sqrt(before[i]));
    x[0] = Limits::quiet_NaN();
    detail::square_roots(x.data());
    CHECK(std::isnan(x[0]));
}

TEST_CASE("power: by repeated multiplication", "[optimizers]") {
    CHECK(detail::power(0.9, 0) == 1);
    CHECK(detail::power(0.9, 1) == 0.9);
    CHECK(detail::power(0.5, 10) == 0x1p-10);
    CHECK(detail::power(0.75, 3) == 0.421875);
    CHECK(detail::power(0.999, 1000) == Catch::Approx(0.36769542477096373).epsilon(1e-13));
    CHECK(detail::power(0.9, 1'000'000) == 0);
}

TEST_CASE("sum_of_squares: in double", "[optimizers]") {
    std::vector<float> x(1001);
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i);
    CHECK(detail::sum_of_squares<float>(x) == 333833500); // 1000 * 1001 * 2001 / 6, beyond float's 2^24
    CHECK(detail::sum_of_squares<float>({}) == 0);
}
