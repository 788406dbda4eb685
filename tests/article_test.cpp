// The worked examples and the tables of docs/article.md. Numbers are those worked out there by hand.
#include <cmath>
#include <sstream>
#include <utility>

#include <fovea/layers/all.hpp>
#include <fovea/models/sequential.hpp>

#include "catch.hpp"

using namespace fovea;

namespace {

const Tensor<float> counting{{1, 2, 3}, {4, 5, 6}, {7, 8, 9}};

/// One image of one channel through one layer with the given parameters.
template <LayerSpec S>
Tensor<float> apply(const S& layer, const Tensor<float>& image, const std::vector<Tensor<float>>& weights = {}) {
    const Index height = image.shape()[0];
    const Index width = image.shape()[1];
    Sequential model{Input{height, width, 1}, layer};
    model.set_weights(weights);
    const Tensor<float> y = model.predict(image.reshape({1, height, width, 1}));
    return Tensor<float>(y.reshape({y.shape()[1], y.shape()[2]}));
}

Tensor<float> correlate(const Tensor<float>& kernel, Padding padding) {
    const Tensor<float> x{{1, 1, 1}, {0, 1, 1}, {0, 0, 1}};
    const Conv2D layer{.filters = 1, .kernel_size = {3, 3}, .padding = padding, .use_bias = false};
    return apply(layer, x, {Tensor<float>(kernel.reshape({3, 3, 1, 1}))});
}

/// The one sample (classes), of class 0, through a dense softmax layer whose kernel is the identity: what goes into the
/// softmax is the sample, and the gradient of the layer's bias is that of the logits.
Model<double>::Gradients cross_entropy(const Tensor<double>& logits) {
    const Index classes = logits.size();
    Tensor<double> identity(Shape{classes, classes});
    for (Index i = 0; i < classes; ++i) identity(i, i) = 1;
    Sequential<double> model{Input{classes}, Dense{.units = classes, .activation = Activation::softmax}};
    model.set_weights({identity, Tensor<double>(Shape{classes})});
    model.compile({.optimizer = SGD{}, .loss = Loss::sparse_categorical_crossentropy});
    const Tensor<double> x(logits.reshape({1, classes}));
    const Tensor<std::int32_t> label{0};
    auto [loss, gradients] = model.compute_gradients({x, label});
    return {loss, Tensor<double>(gradients.slice(classes * classes, classes * classes + classes))};
}

/// The page has three decimals.
void require_near(double computed, double by_hand) { REQUIRE(std::abs(computed - by_hand) < 0.0005); }

} // namespace

TEST_CASE("article: cross-correlation, the kernel of corners and centre", "[article]") {
    const Tensor<float> kernel{{1, 0, 1}, {0, 1, 0}, {1, 0, 1}};
    REQUIRE(correlate(kernel, Padding::valid) == Tensor<float>{{4}});
    REQUIRE(correlate(kernel, Padding::same) == Tensor<float>{{2, 2, 2}, {1, 4, 2}, {1, 1, 2}});
}

TEST_CASE("article: the kernel is not turned", "[article]") {
    REQUIRE(correlate(counting, Padding::valid) == Tensor<float>{{26}}); // turned, it would be 34
    REQUIRE(correlate(counting, Padding::same) == Tensor<float>{{20, 32, 24}, {11, 26, 20}, {3, 11, 8}});
    const Tensor<float> turned{{9, 8, 7}, {6, 5, 4}, {3, 2, 1}};
    REQUIRE(correlate(turned, Padding::same) == Tensor<float>{{10, 18, 16}, {19, 34, 30}, {7, 19, 22}});
}

TEST_CASE("article: output sizes", "[article]") {
    const auto side = [](Index kernel, Index stride, Index dilation, Padding padding) {
        const Size2D k = kernel, s = stride, d = dilation;
        return Conv2D{.filters = 1, .kernel_size = k, .strides = s, .padding = padding, .dilation_rate = d}
            .output_shape({28, 28, 1})[0];
    };
    REQUIRE(side(3, 1, 1, Padding::valid) == 26);
    REQUIRE(side(3, 2, 1, Padding::valid) == 13);
    REQUIRE(side(3, 1, 2, Padding::valid) == 24);
    REQUIRE(side(28, 1, 1, Padding::valid) == 1);
    REQUIRE(side(3, 1, 1, Padding::same) == 28);
    REQUIRE(side(3, 2, 1, Padding::same) == 14);
    REQUIRE(side(31, 3, 1, Padding::same) == 10);
    REQUIRE_THROWS_AS(side(29, 1, 1, Padding::valid), ShapeError);
}

TEST_CASE("article: a single zero of padding lies behind", "[article]") {
    // 4 pixels, k = 3, s = 2: two outputs, and one zero, which is the fifth pixel.
    const Conv2D layer{
        .filters = 1, .kernel_size = {1, 3}, .strides = {1, 2}, .padding = Padding::same, .use_bias = false};
    const Tensor<float> kernel(Shape{1, 3, 1, 1}, std::vector<float>{100, 10, 1});
    REQUIRE(apply(layer, {{1, 2, 3, 4}}, {kernel}) == Tensor<float>{{123, 340}});
}

TEST_CASE("article: pooling", "[article]") {
    const auto same = Padding::same;
    REQUIRE(apply(MaxPooling2D{.strides = 1}, counting) == Tensor<float>{{5, 6}, {8, 9}});
    REQUIRE(apply(MaxPooling2D{}, counting) == Tensor<float>{{5}});
    REQUIRE(apply(MaxPooling2D{.padding = same}, counting) == Tensor<float>{{5, 6}, {8, 9}});
    REQUIRE(apply(AveragePooling2D{.strides = 1}, counting) == Tensor<float>{{3, 4}, {6, 7}});
    REQUIRE(apply(AveragePooling2D{}, counting) == Tensor<float>{{3}});
    REQUIRE(apply(AveragePooling2D{.padding = same}, counting) == Tensor<float>{{3, 4.5}, {7.5, 9}});
}

TEST_CASE("article: padding is not counted in pooling", "[article]") {
    const Tensor<float> negative = counting.map([](float value) { return -value; });
    REQUIRE(apply(MaxPooling2D{.padding = Padding::same}, negative) == Tensor<float>{{-1, -3}, {-7, -9}});
}

TEST_CASE("article: cross-entropy of two equal probabilities", "[article]") {
    const auto [loss, gradient] = cross_entropy({0, 0});
    require_near(loss, 0.693);
    require_near(gradient[0], -0.5);
    require_near(gradient[1], 0.5);
}

TEST_CASE("article: cross-entropy of the logits (2, 1, 0)", "[article]") {
    const auto [loss, gradient] = cross_entropy({2, 1, 0});
    require_near(loss, 0.408);
    require_near(gradient[0], -0.335);
    require_near(gradient[1], 0.245);
    require_near(gradient[2], 0.090);
}

TEST_CASE("article: cross-entropy from given probabilities, sparse and one-hot", "[article]") {
    Sequential<double> model{Input{2}, ActivationLayer{}};
    const Tensor<double> half{{0.5, 0.5}};
    model.compile({.optimizer = SGD{}, .loss = Loss::sparse_categorical_crossentropy});
    require_near(model.test_on_batch({half, Tensor<std::int32_t>{0}}).at("loss"), 0.693);
    require_near(model.test_on_batch({Tensor<double>{{1, 0}}, Tensor<std::int32_t>{1}}).at("loss"), 16.118); // -ln 1e-7
    model.compile({.optimizer = SGD{}, .loss = Loss::categorical_crossentropy});
    require_near(model.test_on_batch({half, Tensor<double>{{1, 0}}}).at("loss"), 0.693);
}

TEST_CASE("article: softmax applied twice cannot fall below ln(1 + 9/e)", "[article]") {
    Tensor<double> logits(Shape{1, 10});
    logits(0, 0) = 100; // the model is as sure as it can be, and right
    Sequential<double> model{Input{10}, ActivationLayer{Activation::softmax}};
    model.compile({.optimizer = SGD{}, .loss = SparseCategoricalCrossentropy{.from_logits = true}});
    require_near(model.test_on_batch({logits, Tensor<std::int32_t>{0}}).at("loss"), 1.461);
}

TEST_CASE("article: relu and its gradient", "[article]") {
    const Tensor<float> x{{1, -2, 3}, {0, 5, -6}, {-7, 8, -9}};
    ParameterRegistry no_parameters;
    const AnyLayer<float> layer(ActivationLayer{Activation::relu}, x.shape().tail(), no_parameters);
    Pass<float> pass;
    pass.training = true;
    Tensor<float> y(x.shape()), dy(x.shape(), 1), dx(x.shape());
    layer.forward(x, y, pass);
    layer.backward(x, y, dy, dx, pass);
    REQUIRE(y == Tensor<float>{{1, 0, 3}, {0, 5, 0}, {0, 8, 0}});
    REQUIRE(dx == Tensor<float>{{1, 0, 1}, {0, 1, 0}, {0, 1, 0}}); // 0 at 0
}

TEST_CASE("article: layers and parameters of the network", "[article]") {
    using enum Activation;
    const Sequential model{
        Input{28, 28, 1},
        Conv2D{.filters = 32, .kernel_size = {3, 3}, .activation = relu},
        MaxPooling2D{.pool_size = {2, 2}},
        Conv2D{.filters = 64, .kernel_size = {3, 3}, .activation = relu},
        MaxPooling2D{.pool_size = {2, 2}},
        Conv2D{.filters = 64, .kernel_size = {3, 3}, .activation = relu},
        Flatten{},
        Dense{.units = 64, .activation = relu},
        Dense{.units = 10, .activation = softmax},
    };
    const std::vector<std::pair<Shape, Index>> expected{
        {{26, 26, 32}, 320}, {{13, 13, 32}, 0}, {{11, 11, 64}, 18496}, {{5, 5, 64}, 0},
        {{3, 3, 64}, 36928}, {{576}, 0},        {{64}, 36928},         {{10}, 650},
    };
    const Network<float>& network = model.network();
    REQUIRE(network.layers().size() == expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        const NamedLayer<float>& layer = network.layers()[i];
        Index parameters = 0;
        for (std::size_t p = layer.first; p < layer.last; ++p) parameters += network.parameters()[p].place.size();
        INFO(layer.name);
        REQUIRE(layer.layer.output_shape() == expected[i].first);
        REQUIRE(parameters == expected[i].second);
    }
    REQUIRE(model.count_params() == 93322);

    std::ostringstream summary;
    model.summary(summary);
    REQUIRE_THAT(summary.str(), contains("Total params: 93,322 (364.54 KB)"));
}
