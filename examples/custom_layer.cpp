// A layer that fovea does not have, written outside of it: described, checked by the gradient check, and trained.
#include <iostream>

#include <fovea/fovea.hpp>
#include <fovea/testing/gradient_check.hpp>

using namespace fovea;

/// Swish with a learnt slope for each channel (Ramachandran et al. 2017):
///
///     y = x sigmoid(beta x);   x, y (batch, ..., channels), beta (channels), 1 at first
///
/// What a user writes down is this aggregate: its fields, its name, and what shape it makes of a sample's.
struct Swish {
    static constexpr std::string_view type = "Swish";

    void fields(SpecVisitor&) {} // it has none; with this a model that has such layers can be saved

    template <class T>
    class Layer;

    Shape output_shape(const Shape& input) const { return input; }
};

/// What the model builds from it once the input shape is known. It knows where its parameters lie; their values, and
/// where their gradients go, come with each pass.
template <class T>
class Swish::Layer {
public:
    Layer(const Swish&, const Shape& input, ParameterRegistry& parameters)
        : beta_(parameters.add("beta", {input.last()}, Initializer::ones)) {}

    void forward(ConstView<T> x, View<T> y, Pass<T>& pass) const {
        const ConstView<T> beta = pass.value(beta_);
        for (Index i = 0; i < x.size(); ++i) y[i] = x[i] * math::sigmoid(beta[i % beta.size()] * x[i]);
    }

    /// Activation gradients are written, parameter gradients added; what nobody wants is an empty view.
    void backward(ConstView<T> x, ConstView<T>, View<T> dy, View<T> dx, Pass<T>& pass) const {
        const ConstView<T> beta = pass.value(beta_);
        const View<T> dbeta = pass.gradient(beta_);
        for (Index i = 0; i < x.size(); ++i) {
            const Index channel = i % beta.size();
            const T s = math::sigmoid(beta[channel] * x[i]);
            const T slope = s * (1 - s) * x[i];
            if (!dbeta.empty()) dbeta[channel] += dy[i] * slope * x[i];
            if (!dx.empty()) dx[i] = dy[i] * (s + slope * beta[channel]);
        }
    }

private:
    Parameter beta_;
};

static_assert(LayerSpec<Swish>); // says here, and not in the depths of a model, if something is missing

int main() try {
    const GradientCheckResult check = gradient_check(Swish{}, {2, 5, 4, 3}); // 2 samples of (5, 4, 3)
    std::cout << "Swish: " << check << "\n\n";
    if (!check.passed()) return 1;

    const Dataset train = synthetic_digits(4000, 1);
    const Dataset test = synthetic_digits(1000, 1, train.size());
    Sequential model{
        Input{28, 28, 1},
        Conv2D{.filters = 8, .kernel_size = {3, 3}, .strides = {2, 2}},
        Swish{},
        Conv2D{.filters = 16, .kernel_size = {3, 3}, .strides = {2, 2}},
        Swish{},
        Flatten{},
        Dense{.units = 10, .activation = Activation::softmax},
    };
    model.summary();
    model.compile({
        .optimizer = Adam{.learning_rate = 0.003},
        .loss = Loss::sparse_categorical_crossentropy,
        .metrics = {Metric::accuracy},
    });
    model.fit(train, {.epochs = 5, .verbose = 2});
    const auto [loss, accuracy] = model.evaluate(test, {.verbose = 0});

    std::cout << "\nTest accuracy: " << accuracy << "\nbeta of the first Swish: " << model.parameter("swish/beta")
              << '\n';
    return accuracy > 0.6 ? 0 : 1; // guessing has 0.1
} catch (const Error& error) {
    std::cerr << "custom_layer: " << error.what() << '\n';
    return 1;
}
