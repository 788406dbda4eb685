#include <algorithm>
#include <limits>
#include <vector>

#include <fovea/core/tensor.hpp>
#include <fovea/ops/sum_blocks.hpp>

#include "catch.hpp"
#include "support/on_all_isas.hpp"
#include "support/whole_numbers.hpp"

using namespace fovea;

TEMPLATE_TEST_CASE("sum_blocks: adds from left to right and leaves zeros", "", float, double) {
    using T = TestType;
    for (const Isa target : available_isas()) {
        const IsaGuard guard(target);
        for (const Index blocks : {1, 2, 5})
            for (const Index count : {1, 15, 64, 67, 300}) {
                const Index stride = count + 3;
                Tensor<T> all = fractions<T>(Shape{blocks * stride}, 1);
                const Tensor<T> before = all;
                Tensor<T> sums(Shape{count}, std::numeric_limits<T>::quiet_NaN());
                REQUIRE(ops::sum_blocks(sums.data(), all.data(), stride, blocks, count));
                for (Index i = 0; i < count; ++i) {
                    T expected{};
                    for (Index block = 0; block < blocks; ++block) expected += before[block * stride + i];
                    REQUIRE(sums[i] == expected);
                }
                for (Index i = 0; i < all.size(); ++i) REQUIRE(all[i] == (i % stride < count ? T{0} : before[i]));
            }
    }
}

TEMPLATE_TEST_CASE("sum_blocks: adds to what is there", "", float, double) {
    using T = TestType;
    for (const Isa target : available_isas()) {
        const IsaGuard guard(target);
        for (const Index count : {1, 15, 64, 67, 300}) {
            Tensor<T> sums = fractions<T>(Shape{count}, 1), blocks = fractions<T>(Shape{2, count}, 2);
            const Tensor<T> old_sums = sums, old = blocks;
            REQUIRE(ops::sum_blocks(sums.data(), blocks.data(), count, Index{2}, count, true));
            for (Index i = 0; i < count; ++i) REQUIRE(sums[i] == old_sums[i] + old[i] + old[count + i]);
            REQUIRE(blocks == Tensor<T>(Shape{2, count}));
            sums[count - 1] = std::numeric_limits<T>::infinity();
            CHECK_FALSE(ops::sum_blocks(sums.data(), blocks.data(), count, Index{2}, count, true));
        }
    }
}

TEMPLATE_TEST_CASE("sum_blocks: tells of a sum that is not finite, wherever it is", "", float, double) {
    using T = TestType;
    for (const Index place : {0, 63, 64, 69})
        for (const T bad : {std::numeric_limits<T>::infinity(), std::numeric_limits<T>::quiet_NaN()}) {
            Tensor<T> all(Shape{2 * 70}, T{1});
            all[70 + place] = bad;
            Tensor<T> sums(Shape{70});
            CHECK_FALSE(ops::sum_blocks(sums.data(), all.data(), Index{70}, Index{2}, Index{70}));
        }
}
