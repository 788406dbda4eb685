#include <vector>

#include <fovea/core/random.hpp>
#include <fovea/core/tensor.hpp>
#include <fovea/ops/bias_activation.hpp>

#include "catch.hpp"
#include "support/on_all_isas.hpp"
#include "support/whole_numbers.hpp"

using namespace fovea;

TEST_CASE("bias_activation_forward: adds the bias of each channel, then activates, and keeps the sum if asked to") {
    Tensor<double> y{{1, -2, 3}, {-4, 5, -6}};
    Tensor<double> z(y.shape());
    ops::bias_activation_forward<double>(y, Tensor<double>{1, 1, 4}, Activation::relu, z.data());
    CHECK(z == Tensor<double>{{2, -1, 7}, {-3, 6, -2}});
    CHECK(y == Tensor<double>{{2, 0, 7}, {0, 6, 0}});
}

TEST_CASE("bias_activation_forward is what bias and activation are one after the other") {
    const Tensor<float> input{{0.5F, -2, 3, 0.25F, 1}, {-4, 5, -6, 7, 0}};
    const Tensor<float> bias{1, -1, 0.5F, 0, 2};
    for (const auto& [activation, name] : detail::activation_names) {
        for (const bool with_bias : {false, true}) {
            for (const bool with_z : {false, true}) {
                INFO(name << ' ' << with_bias << ' ' << with_z);
                auto expected_z = input;
                for (Index i = 0; with_bias && i < input.size(); ++i) expected_z[i] += bias[i % 5];
                auto expected = expected_z;
                ops::activation_forward(activation, expected.view());
                auto y = input;
                Tensor<float> z(input.shape(), 99);
                ops::bias_activation_forward<float>(y, with_bias ? bias.view() : ConstView<float>{}, activation,
                                                    with_z ? z.data() : nullptr);
                CHECK(y == expected);
                CHECK(z == (with_z ? expected_z : Tensor<float>(input.shape(), 99)));
            }
        }
    }
}

TEST_CASE("bias_gradient: adds the sum over all rows") {
    const Tensor<double> dz(Shape{2, 1, 2, 3}, {1, 10, 100, 2, 20, 200, 3, 30, 300, 4, 40, 400});
    Tensor<double> db{5, 6, 7};
    ops::bias_gradient<double>(dz, db);
    CHECK(db == Tensor<double>{15, 106, 1007});
}

TEST_CASE("bias_gradient: any number of channels and rows") {
    for (const Index channels : {1, 3, 64, 65, 200}) {
        for (const Index rows : {1, 127, 128, 129, 300}) {
            Tensor<double> dz(Shape{rows, channels});
            std::vector<double> sums(static_cast<std::size_t>(channels),
                                     0.0); // of whole numbers, so exact in any order
            for (Index i = 0; i < dz.size(); ++i)
                sums[static_cast<std::size_t>(i % channels)] += dz[i] = static_cast<double>(i * 7 % 1001);
            Tensor<double> db(Shape{channels});
            ops::bias_gradient<double>(dz, db);
            INFO(channels << " channels, " << rows << " rows");
            CHECK(db == Tensor<double>(Shape{channels}, sums));
        }
    }
}

TEST_CASE("bias_gradient: the rounding of a long sum stays small") {
    // 0.1F added up 2^18 times one by one is off by 0.7 %.
    const Tensor<float> dz(Shape{1 << 18, 2}, 0.1F);
    Tensor<float> db(Shape{2});
    ops::bias_gradient<float>(dz, db);
    CHECK(db[0] == Catch::Approx(static_cast<double>(0.1F) * (1 << 18)).epsilon(2e-5));
    CHECK(db[1] == db[0]);
}

TEMPLATE_TEST_CASE("bias_activation_forward: rows of any length, on all instruction sets", "", float, double) {
    for (const Index channels : {1, 2, 3, 5, 8, 10, 15, 16, 17, 31, 33, 64, 100, 1023, 1024, 1025, 2100}) {
        for (const Index rows : {1, 2, 5, 19}) {
            INFO(rows << " rows of " << channels);
            const auto input = whole_numbers<TestType>({rows, channels}, 1);
            const auto bias = whole_numbers<TestType>({channels}, 2);
            const auto results = on_all_isas([&] {
                std::vector<Tensor<TestType>> y(3, input);
                ops::bias_activation_forward<TestType>(y[0].view(), bias, Activation::relu, nullptr);
                ops::bias_activation_forward<TestType>(y[1].view(), bias, Activation::silu, nullptr);
                ops::bias_activation_forward<TestType>(y[2].view(), bias, Activation::linear, nullptr);
                return y;
            });
            auto expected = input;
            for (Index i = 0; i < input.size(); ++i) expected[i] += bias[i % channels];
            CHECK(results[2] == expected);
            auto activated = expected;
            ops::activation_forward(Activation::silu, activated.view());
            CHECK(results[1] == activated);
            for (TestType& value : expected) value = std::max<TestType>(value, 0);
            CHECK(results[0] == expected);
        }
    }
}

TEMPLATE_TEST_CASE("bias_gradient: the same bits on all instruction sets", "", float, double) {
    for (const Index channels : {1, 3, 8, 15, 16, 17, 63, 64, 65, 100, 130})
        for (const Index rows : {1, 2, 127, 129, 500}) {
            INFO(rows << " rows of " << channels);
            const auto dz = uniform_numbers<TestType>({rows, channels}, 1);
            const auto result = on_all_isas([&] {
                auto db = whole_numbers<TestType>({channels}, 2);
                ops::bias_gradient<TestType>(dz, db);
                return std::vector{db};
            });
            auto expected = whole_numbers<double>({channels}, 2);
            for (Index i = 0; i < dz.size(); ++i) expected[i % channels] += static_cast<double>(dz[i]);
            // A block of 128 numbers below 1, of which each addition rounds by half a unit at most.
            CHECK(allclose(result[0], expected.template cast<TestType>(), 1e-6, 2e-4));
        }
}
