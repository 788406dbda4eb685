#include "catch.hpp"

#include <limits>
#include <vector>

#include <fovea/core/simd.hpp>

#include "support/isa.hpp"

#define FOVEA_KERNELS "core/simd_test.inl"
#include <fovea/core/simd/for_each_target.inl>

using namespace fovea;

TEMPLATE_TEST_CASE("a vector is as many bytes as the instruction set has, and goes into a panel", "", float, double) {
    for (const auto& [isa, bytes] :
         {std::pair(Isa::generic, 16), std::pair(Isa::avx2, 32), std::pair(Isa::avx512, 64)}) {
        if (!is_available(isa)) continue;
        const IsaGuard guard(isa);
        CHECK(simd::dispatch([](auto target) { return bytes_of_vector<TestType>(target); }) == bytes);
    }
    CHECK(simd::panel<TestType> * static_cast<Index>(sizeof(TestType)) == 64);
    CHECK(simd::padded<TestType>(0) == 0);
    CHECK(simd::padded<TestType>(1) == simd::panel<TestType>);
    CHECK(simd::padded<TestType>(simd::panel<TestType>) == simd::panel<TestType>);
    CHECK(simd::padded<TestType>(simd::panel<TestType> + 1) == 2 * simd::panel<TestType>);
}

TEMPLATE_TEST_CASE("vectors, whole and in part, are loaded from and stored to any address", "", float, double) {
    std::vector<TestType> from(static_cast<std::size_t>(simd::panel<TestType>) + 2);
    for (std::size_t i = 0; i < from.size(); ++i) from[i] = static_cast<TestType>(i) + TestType{0.5};
    for (const Isa isa : available_isas()) {
        INFO(isa);
        const IsaGuard guard(isa);
        const auto width =
            static_cast<std::size_t>(simd::dispatch([](auto target) { return bytes_of_vector<TestType>(target); })) /
            sizeof(TestType);
        std::vector<TestType> to(from.size());
        simd::dispatch([&](auto target) { copy_vector<TestType>(target, from.data() + 1, to.data() + 1); });
        for (std::size_t i = 0; i < to.size(); ++i) CHECK(to[i] == (1 <= i && i <= width ? from[i] : 0));
        for (std::size_t count = 0; count <= width; ++count) {
            std::vector<TestType> part(from.size(), -1), lanes(from.size(), -1);
            simd::dispatch([&](auto target) {
                copy_part<TestType>(target, from.data() + 1, part.data() + 1, static_cast<Index>(count), lanes.data());
            });
            for (std::size_t i = 0; i < part.size(); ++i) CHECK(part[i] == (1 <= i && i <= count ? from[i] : -1));
            for (std::size_t i = 0; i < width; ++i) CHECK(lanes[i] == (i < count ? from[i + 1] : 0));
        }
    }
}

TEMPLATE_TEST_CASE("vectors calculate number by number, and fma rounds once", "", float, double) {
    constexpr auto panel = static_cast<std::size_t>(simd::panel<TestType>);
    constexpr TestType epsilon = std::numeric_limits<TestType>::epsilon();
    std::vector<TestType> a(panel), b(panel), c(panel);
    for (std::size_t i = 0; i < panel; ++i) {
        a[i] = 1 + epsilon * static_cast<TestType>(i + 1);
        b[i] = i % 3 == 0 ? 1 - epsilon : 2;
        c[i] = -1;
    }
    for (const Isa isa : available_isas()) {
        INFO(isa);
        const IsaGuard guard(isa);
        std::vector<TestType> results(6 * panel);
        simd::dispatch([&](auto target) { calculate(target, a.data(), b.data(), c.data(), results.data()); });
        for (std::size_t i = 0; i < panel; ++i) {
            CHECK(results[i] == a[i] + b[i]);
            CHECK(results[panel + i] == a[i] * b[i]);
            CHECK(results[2 * panel + i] == std::fma(a[i], b[i], c[i]));
            CHECK(results[3 * panel + i] == std::max(a[i], b[i]));
            CHECK(results[4 * panel + i] == (a[i] < b[i] ? a[i] : c[i]));
            CHECK(results[5 * panel + i] == a[0]);
        }
        // (1 + e) (1 - e) - 1 = -e^2, which is lost where the product is rounded first.
        CHECK(results[2 * panel] == -epsilon * epsilon);
    }
}

TEMPLATE_TEST_CASE("the larger of a number and NaN is the first of them", "", float, double) {
    constexpr TestType nan = std::numeric_limits<TestType>::quiet_NaN();
    constexpr auto panel = static_cast<std::size_t>(simd::panel<TestType>);
    std::vector<TestType> a(panel, 1), b(panel, nan), c(panel), results(6 * panel);
    a[0] = nan;
    b[0] = 2;
    for (const Isa isa : available_isas()) {
        const IsaGuard guard(isa);
        simd::dispatch([&](auto target) { calculate(target, a.data(), b.data(), c.data(), results.data()); });
        CHECK(std::isnan(results[3 * panel]));
        CHECK(results[3 * panel + 1] == 1);
    }
}
