// The worked examples of docs/article.md, computed by fovea's layers beside the numbers worked out by hand.
#include <iomanip>
#include <iostream>
#include <sstream>

#include <fovea/fovea.hpp>

using namespace fovea;

namespace {

bool all_agree = true;

void compare(const std::string& what, const Tensor<float>& computed, const Tensor<float>& expected) {
    const bool agrees = allclose(computed, expected, 0, 0.0005); // by hand there are three decimals
    all_agree = all_agree && agrees;
    std::cout << what << (agrees ? "" : "   DISAGREES") << '\n';
    std::istringstream left(text(computed)), right(text(expected));
    std::cout << std::left << std::setw(40) << "computed"
              << "by hand\n";
    for (std::string a, b; std::getline(left, a) && std::getline(right, b);)
        std::cout << std::setw(40) << a << b << '\n';
    std::cout << '\n';
}

/// What a layer makes of one image of one channel; its parameters, if it has any, are `weights`.
template <LayerSpec S>
Tensor<float> apply(const S& layer, const Tensor<float>& image, const std::vector<Tensor<float>>& weights = {}) {
    const Index height = image.shape()[0];
    const Index width = image.shape()[1];
    Sequential model{Input{height, width, 1}, layer};
    model.set_weights(weights);
    const Tensor<float> y = model.predict(image.reshape({1, height, width, 1}));
    return Tensor<float>(y.reshape({y.shape()[1], y.shape()[2]}));
}

Tensor<float> correlate(const Tensor<float>& image, const Tensor<float>& kernel, Padding padding) {
    const Conv2D layer{.filters = 1, .kernel_size = {3, 3}, .padding = padding, .use_bias = false};
    return apply(layer, image, {Tensor<float>(kernel.reshape({3, 3, 1, 1}))});
}

void cross_correlation() {
    const Tensor<float> x{{1, 1, 1}, {0, 1, 1}, {0, 0, 1}};
    const Tensor<float> cross{{1, 0, 1}, {0, 1, 0}, {1, 0, 1}};
    compare("Cross-correlation, valid", correlate(x, cross, Padding::valid), {{4}});
    compare("Cross-correlation, same", correlate(x, cross, Padding::same), {{2, 2, 2}, {1, 4, 2}, {1, 1, 2}});

    const Tensor<float> counting{{1, 2, 3}, {4, 5, 6}, {7, 8, 9}};
    compare("A kernel that shows whether it is turned (34 if it is)", correlate(x, counting, Padding::valid), {{26}});
    compare("The same kernel, same padding", correlate(x, counting, Padding::same),
            {{20, 32, 24}, {11, 26, 20}, {3, 11, 8}});
}

void pooling() {
    const Tensor<float> x{{1, 2, 3}, {4, 5, 6}, {7, 8, 9}};
    const auto same = Padding::same;
    compare("Max-pooling, stride 1", apply(MaxPooling2D{.strides = 1}, x), {{5, 6}, {8, 9}});
    compare("Max-pooling, stride 2", apply(MaxPooling2D{}, x), {{5}});
    compare("Max-pooling, stride 2, same", apply(MaxPooling2D{.padding = same}, x), {{5, 6}, {8, 9}});
    compare("Average pooling, stride 1", apply(AveragePooling2D{.strides = 1}, x), {{3, 4}, {6, 7}});
    compare("Average pooling, stride 2", apply(AveragePooling2D{}, x), {{3}});
    compare("Average pooling, stride 2, same", apply(AveragePooling2D{.padding = same}, x), {{3, 4.5}, {7.5, 9}});
}

void relu() {
    const Tensor<float> x{{1, -2, 3}, {0, 5, -6}, {-7, 8, -9}};
    const AnyLayer<float> layer = [&] {
        ParameterRegistry no_parameters;
        return AnyLayer<float>(ActivationLayer{Activation::relu}, x.shape().tail(), no_parameters);
    }();
    Pass<float> pass;
    pass.training = true;
    Tensor<float> y(x.shape()), dy(x.shape(), 1), dx(x.shape());
    layer.forward(x, y, pass);
    layer.backward(x, y, dy, dx, pass);
    compare("relu", y, {{1, 0, 3}, {0, 5, 0}, {0, 8, 0}});
    compare("Its gradient, which is 0 at 0", dx, {{1, 0, 1}, {0, 1, 0}, {0, 1, 0}});
}

/// A softmax layer whose weights are the identity: its input is the logits, and its bias has their gradient.
void softmax_and_cross_entropy(const Tensor<float>& logits, const Tensor<float>& probabilities, float loss,
                               const Tensor<float>& gradient) {
    const Index classes = logits.size();
    Tensor<float> identity(Shape{classes, classes});
    for (Index i = 0; i < classes; ++i) identity(i, i) = 1;
    Sequential model{Input{classes}, Dense{.units = classes, .activation = Activation::softmax}};
    model.set_weights({identity, Tensor<float>(Shape{classes})});
    model.compile({.optimizer = SGD{}, .loss = Loss::sparse_categorical_crossentropy});

    const Tensor<float> x(logits.reshape({1, classes}));
    const Tensor<std::int32_t> label{0};
    const auto [computed_loss, gradients] = model.compute_gradients({x, label});
    const Index bias = model.network().parameter("dense/bias").place.offset;
    compare("Softmax", model.predict(x), Tensor<float>(probabilities.reshape({1, classes})));
    compare("Cross-entropy of class 0", {static_cast<float>(computed_loss)}, {loss});
    compare("Its gradient by the logits", Tensor<float>(gradients.slice(bias, bias + classes)), gradient);
}

} // namespace

int main() {
    cross_correlation();
    pooling();
    softmax_and_cross_entropy({0, 0}, {0.5, 0.5}, 0.693F, {-0.5, 0.5});
    softmax_and_cross_entropy({2, 1, 0}, {0.665F, 0.245F, 0.090F}, 0.408F, {-0.335F, 0.245F, 0.090F});
    relu();
    std::cout << (all_agree ? "Everything agrees.\n" : "Something DISAGREES.\n");
    return all_agree ? 0 : 1;
}
