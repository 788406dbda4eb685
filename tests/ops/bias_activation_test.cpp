#include <vector>

#include <fovea/core/random.hpp>
#include <fovea/core/tensor.hpp>
#include <fovea/ops/bias_activation.hpp>

#include "catch.hpp"

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
