#include <algorithm>
#include <cmath>
#include <sstream>
#include <string>
#include <vector>

#include <fovea/core/random.hpp>
#include <fovea/layers/all.hpp>
#include <fovea/models/sequential.hpp>
#include <fovea/testing/gradient_check.hpp>

#include "catch.hpp"

using namespace fovea;
namespace {

constexpr Activation linear = Activation::linear;
constexpr Activation relu = Activation::relu;
constexpr Activation softmax = Activation::softmax;

template <class T>
Tensor<T> noise(const Shape& shape, std::uint32_t number) {
    Tensor<T> result(shape);
    const random::Stream stream{31, random::Purpose::user, number, 0};
    for (Index i = 0; i < result.size(); ++i)
        result[i] = static_cast<T>(2 * stream.uniform(static_cast<std::uint64_t>(i)) - 1);
    return result;
}

Tensor<std::int32_t> labels(Index count, Index classes) {
    Tensor<std::int32_t> result(Shape{count});
    for (Index i = 0; i < count; ++i) result[i] = static_cast<std::int32_t>(i % classes);
    return result;
}

/// Names of the layers that each step runs, `conv2d+max_pooling2d dense`.
template <class T>
std::string steps_of(const Model<T>& model, bool training) {
    std::string result;
    for (const Step<T>& step : make_steps(model.network().wiring(), training, model.fuses())) {
        result += result.empty() ? "" : " ";
        for (const std::size_t call : step.calls)
            result += (call > step.calls.front() ? "+" : "") + model.network().layers()[call].name;
    }
    return result;
}

template <class T>
double largest_difference(std::span<const T> a, std::span<const T> b) {
    REQUIRE(a.size() == b.size());
    double largest = 0;
    for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(static_cast<double>(a[i] - b[i])));
    return largest;
}

/// The same network fused and layer by layer, over a batch of random images: outputs, loss and gradients.
template <class T>
void check_same_results(Sequential<T> model, Index samples) {
    const Tensor<T> images = noise<T>(model.network().input_shape().prepend(samples), 1);
    const Tensor<std::int32_t> classes = labels(samples, model.network().output_shape().last());
    Sequential<T> apart = model;
    apart.set_fuses(false);
    REQUIRE(make_steps(model.network().wiring(), true, true).size() <
            make_steps(apart.network().wiring(), true, false).size());
    for (Sequential<T>* m : {&model, &apart})
        m->compile({.optimizer = SGD{}, .loss = Loss::sparse_categorical_crossentropy});
    // In float sums of up to 600 products near 1 are rounded in two different orders.
    const double tolerance = std::is_same_v<T, float> ? 1e-6 : 1e-13;
    CHECK(largest_difference<T>(model.predict(images).span(), apart.predict(images).span()) <= tolerance);
    const auto together = model.compute_gradients({images, classes});
    const auto one_by_one = apart.compute_gradients({images, classes});
    CHECK(std::abs(together.loss - one_by_one.loss) <= tolerance);
    CHECK(largest_difference<T>(together.values.span(), one_by_one.values.span()) <= tolerance);
    CHECK(std::any_of(together.values.begin(), together.values.end(), [](T g) { return g != 0; }));
}

Conv2D conv(Index filters, Activation activation = relu) {
    return {.filters = filters, .kernel_size = {3, 3}, .activation = activation};
}

} // namespace

TEST_CASE("fusion: which layers become one step") {
    Sequential<float> model{Input{14, 14, 2},
                            conv(4, linear),
                            BatchNormalization{},
                            ActivationLayer{relu},
                            MaxPooling2D{},
                            conv(4),
                            MaxPooling2D{},
                            Flatten{},
                            Dense{5},
                            BatchNormalization{},
                            ActivationLayer{Activation::tanh},
                            Dense{3},
                            ActivationLayer{softmax}};
    CHECK(steps_of(model, true) ==
          "conv2d batch_normalization activation max_pooling2d conv2d_1+max_pooling2d_1 flatten dense "
          "batch_normalization_1 activation_1 dense_1+activation_2");
    CHECK(steps_of(model, false) ==
          "conv2d+batch_normalization+activation+max_pooling2d conv2d_1+max_pooling2d_1 flatten "
          "dense+batch_normalization_1+activation_1 dense_1+activation_2");
    model.set_fuses(false);
    CHECK(make_steps(model.network().wiring(), true, model.fuses()).size() == 12);
    CHECK(make_steps(model.network().wiring(), false, model.fuses()).size() == 12);
}

TEST_CASE("fusion: what no rule covers stays apart") {
    const auto steps = [](auto first, auto second) {
        Sequential<float> model{Input{9, 9, 2}, first, second};
        return make_steps(model.network().wiring(), true, true).size();
    };
    CHECK(steps(conv(4), MaxPooling2D{}) == 1);
    CHECK(steps(conv(4, linear), MaxPooling2D{.pool_size = {3, 2}}) == 1);
    CHECK(steps(conv(4), MaxPooling2D{.pool_size = 2, .strides = 3}) == 1);
    CHECK(steps(conv(4), MaxPooling2D{.pool_size = 3, .strides = 2}) == 2);             // windows overlap
    CHECK(steps(conv(4), MaxPooling2D{.pool_size = 2, .padding = Padding::same}) == 2); // and reach over the edge
    CHECK(steps(conv(4, Activation::tanh), MaxPooling2D{}) == 2);
    CHECK(steps(conv(4, linear), ReLU{}) == 1);
    CHECK(steps(conv(4, linear), ReLU{.max_value = 6}) == 2); // no activation of ours
    CHECK(steps(conv(4), AveragePooling2D{}) == 2);
    CHECK(steps(conv(4), ActivationLayer{relu}) == 2); // it has an activation already
    CHECK(steps(conv(4, linear), BatchNormalization{}) == 2);
    CHECK(steps(BatchNormalization{}, conv(4)) == 2);
    Conv2D grouped = conv(4);
    grouped.groups = 2;
    CHECK(steps(grouped, MaxPooling2D{}) == 2);
}

TEMPLATE_TEST_CASE("fusion: the same results as layer by layer, within rounding", "", float, double) {
    using T = TestType;
    SECTION("the article's network") {
        check_same_results(Sequential<T>{Input{28, 28, 1}, conv(32), MaxPooling2D{}, conv(64), MaxPooling2D{}, conv(64),
                                         Flatten{}, Dense{64, relu}, Dense{10, softmax}},
                           11);
    }
    SECTION("activations as layers") {
        check_same_results(
            Sequential<T>{Input{9, 9, 2}, conv(5, linear), ReLU{}, MaxPooling2D{}, Flatten{}, Dense{3}, Softmax{}}, 9);
    }
    SECTION("padding, strides, no activation, windows of other sizes") {
        check_same_results(
            Sequential<T>{Input{17, 15, 3},
                          Conv2D{.filters = 7, .kernel_size = {5, 3}, .strides = {1, 2}, .padding = Padding::same},
                          MaxPooling2D{.pool_size = {3, 2}},
                          Conv2D{.filters = 20, .kernel_size = {2, 2}, .activation = relu, .padding = Padding::same},
                          MaxPooling2D{.pool_size = {2, 1}, .strides = {2, 3}}, Flatten{}, Dense{3, softmax}},
            9);
    }
    SECTION("winograd with padding, and a deep direct convolution") {
        check_same_results(
            Sequential<T>{Input{12, 13, 32},
                          Conv2D{.filters = 40, .kernel_size = {3, 3}, .activation = relu, .padding = Padding::same},
                          MaxPooling2D{},
                          Conv2D{.filters = 24, .kernel_size = {2, 3}, .activation = relu, .use_bias = false},
                          MaxPooling2D{}, Flatten{}, Dense{4}, ActivationLayer{softmax}},
            9);
    }
    SECTION("where Winograd would be chosen, windows other than its tiles") {
        check_same_results(Sequential<T>{Input{14, 14, 32}, conv(32), MaxPooling2D{.pool_size = 3}, Flatten{},
                                         Dense{5, relu}, ActivationLayer{softmax}, Dense{3}, ActivationLayer{softmax}},
                           9);
        check_same_results(Sequential<T>{Input{14, 13, 24}, conv(24), MaxPooling2D{.pool_size = {1, 2}}, Flatten{},
                                         Dense{3}, ActivationLayer{softmax}},
                           3);
        Conv2D direct = conv(24);
        direct.kernels = ConvolutionKernels::all(ConvolutionKernel::direct);
        check_same_results(
            Sequential<T>{Input{13, 14, 24}, direct, MaxPooling2D{.pool_size = {3, 2}}, Flatten{}, Dense{3, softmax}},
            3);
    }
    SECTION("activations and normalization as layers of their own") {
        check_same_results(
            Sequential<T>{Input{8, 8, 2}, conv(6, linear), BatchNormalization{}, ActivationLayer{Activation::gelu},
                          conv(5, linear), ActivationLayer{Activation::silu}, Flatten{}, Dense{8},
                          BatchNormalization{.center = false}, ActivationLayer{Activation::elu}, Dense{3, softmax}},
            10);
    }
}

TEST_CASE("fusion: normalization is folded with the averages that training has reached") {
    Sequential<double> model{
        Input{8, 8, 3}, conv(6, linear), BatchNormalization{.momentum = 0.5}, ActivationLayer{relu},   MaxPooling2D{},
        Flatten{},      Dense{4},        BatchNormalization{.scale = false},  ActivationLayer{softmax}};
    model.compile({.optimizer = Adam{.learning_rate = 0.01}, .loss = Loss::sparse_categorical_crossentropy});
    const Tensor<double> images = noise<double>({16, 8, 8, 3}, 2);
    const Tensor<double> before = model.predict(images);
    model.fit(images, labels(16, 4), {.epochs = 5, .batch_size = 8, .verbose = 0});
    const Tensor<double> folded = model.predict(images);
    model.set_fuses(false);
    CHECK(largest_difference<double>(folded.span(), model.predict(images).span()) < 1e-12);
    CHECK(largest_difference<double>(folded.span(), before.span()) > 1e-3);
}

TEST_CASE("fusion: gradients of fused layers agree with differences") {
    Sequential<double> model{
        Input{10, 11, 2}, conv(5),  MaxPooling2D{},          Conv2D{6, {2, 2}}, MaxPooling2D{.pool_size = {2, 3}},
        Flatten{},        Dense{3}, ActivationLayer{softmax}};
    model.compile({.optimizer = SGD{}, .loss = Loss::sparse_categorical_crossentropy});
    const auto check = gradient_check(model, Data<double>(noise<double>({3, 10, 11, 2}, 3), labels(3, 3)));
    INFO(check);
    CHECK(check.passed());
}

TEST_CASE("fusion: frozen layers in a fused step keep their values and pass the gradient on") {
    Sequential<double> model{Input{10, 10, 2}, conv(4),   MaxPooling2D{},   conv(3),
                             MaxPooling2D{},   Flatten{}, Dense{3, softmax}};
    model.layer("conv2d_1").trainable = false;
    model.compile({.optimizer = SGD{.learning_rate = 1}, .loss = Loss::sparse_categorical_crossentropy});
    const std::vector<Tensor<double>> before = model.get_weights();
    model.train_on_batch(noise<double>({8, 10, 10, 2}, 4), labels(8, 3));
    const std::vector<Tensor<double>> after = model.get_weights();
    CHECK_FALSE(after[0] == before[0]); // conv2d/kernel
    CHECK(after[2] == before[2]);       // conv2d_1/kernel
    CHECK(after[3] == before[3]);
    CHECK_FALSE(after[4] == before[4]); // dense/kernel
}

TEST_CASE("fusion: a kernel that was asked for is used, and refused where it cannot do it") {
    Conv2D wanted = conv(32);
    wanted.kernels = ConvolutionKernels::all(ConvolutionKernel::direct);
    const auto plan = [](const Conv2D& spec) {
        Sequential<float> model{Input{12, 12, 32}, spec, Flatten{}, Dense{2}};
        std::ostringstream out;
        model.plan(64, out);
        return out.str();
    };
    CHECK(plan(conv(32)).find("winograd, dx winograd, dw winograd") != std::string::npos);
    CHECK(plan(wanted).find("direct, dx direct, dw direct") != std::string::npos);
    Conv2D impossible{.filters = 4, .kernel_size = {5, 5}};
    impossible.kernels = ConvolutionKernels::all(ConvolutionKernel::winograd);
    CHECK_THROWS_AS(plan(impossible), ValueError);
}
