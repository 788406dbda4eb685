#include <cmath>

#include <fovea/testing/gradient_check.hpp>

#include "models/networks.hpp"

#include "catch.hpp"

using namespace fovea;

namespace {

template <class T>
Tensor<T> block_numbers(const Shape& shape, std::uint32_t number) {
    Tensor<T> result(shape);
    const random::Stream stream{19, random::Purpose::user, number, 0};
    for (Index i = 0; i < result.size(); ++i)
        result[i] = static_cast<T>(2 * stream.uniform(static_cast<std::uint64_t>(i)) - 1);
    return result;
}

std::string layer_names(const Model<float>& model) {
    std::string names;
    for (const NamedLayer<float>& layer : model.network().layers()) names += (names.empty() ? "" : " ") + layer.name;
    return names;
}

/// A layer of a program's own, without an operator(): y = factor * x.
struct Scaled {
    double factor;
    static constexpr std::string_view type = "Scaled";

    Shape output_shape(const Shape& input) const { return input; }

    template <class T>
    struct Layer {
        Layer(const Scaled& spec, const Shape&, ParameterRegistry&) : factor(static_cast<T>(spec.factor)) {}
        void forward(ConstView<T> x, View<T> y, Pass<T>&) const {
            for (Index i = 0; i < x.size(); ++i) y[i] = factor * x[i];
        }
        void backward(ConstView<T>, ConstView<T>, View<T> dy, View<T> dx, Pass<T>&) const {
            for (Index i = 0; i < dx.size(); ++i) dx[i] = factor * dy[i];
        }
        T factor;
    };
};

} // namespace

TEST_CASE("Chain: layers, blocks, functions and layers of one's own, one after another") {
    Graph graph;
    const auto x = graph.input({3});
    const auto twice = [](const auto& node) { return Add{}(node, node); };
    const auto y = Chain{Scaled{3}, twice, Chain{Identity{}, Scaled{5}}, Chain{}}(x);
    const Tensor<float> numbers{{1, 2, -1}};
    CHECK(Model{{x}, {y}}.predict(numbers) == Tensor<float>{{30, 60, -30}});
    CHECK(Identity{}(x).wire() == x.wire());
}

TEST_CASE("Chain: leaves no trace but its layers") {
    const Dataset set = networks::images(20);
    Sequential model{Input{6, 6, 1}, Chain{Conv2D{4, {3, 3}, Activation::relu}, MaxPooling2D{}}, Flatten{},
                     Chain{Dense{3, Activation::softmax}}};
    auto flat = networks::small();
    CHECK(layer_names(model) == layer_names(flat));
    CHECK(model.weights_hash() == flat.weights_hash());
    for (Sequential<float>* const one : {&model, &flat}) {
        networks::compile(*one);
        one->train_on_batch(set);
    }
    CHECK(model.weights_hash() == flat.weights_hash());
}

TEST_CASE("Residual: body and shortcut are added") {
    Graph graph;
    const auto x = graph.input({2});
    const Tensor<float> numbers{{1, 2}, {-3, 5}};
    CHECK(Model{{x}, {Residual{Scaled{10}}(x)}}.predict(numbers) == Tensor<float>{{11, 22}, {-33, 55}});
    CHECK(Model{{x}, {Residual{Scaled{10}, Scaled{2}}(x)}}.predict(numbers) == Tensor<float>{{12, 24}, {-36, 60}});
    CHECK(Model{{x}, {Residual{Residual{Scaled{2}}}(x)}}.predict(numbers) == Tensor<float>{{4, 8}, {-12, 20}});
    const auto projected = Residual{Dense{4}, Dense{4}}(x);
    CHECK(projected.shape() == Shape{4});
    CHECK(projected.name() == "add_4");
    CHECK_THROWS_MATCHES(Residual{Dense{4}}(x), ShapeError, says("Add: an input of (2,) does not fit (4,)"));
}

TEST_CASE("Sequential: blocks stand among layers") {
    Sequential model{Input{6, 6, 2},
                     Residual{Chain{Conv2D{.filters = 2, .kernel_size = 3, .padding = Padding::same},
                                    BatchNormalization{}, ActivationLayer{Activation::relu}}},
                     Residual{Conv2D{.filters = 4, .kernel_size = 3, .strides = 2, .padding = Padding::same},
                              Conv2D{.filters = 4, .kernel_size = 1, .strides = 2}},
                     [](const auto& x) {
                         return Concatenate{}({GlobalAveragePooling2D{}(x), GlobalMaxPooling2D{}(x)});
                     },
                     Dense{3, Activation::softmax}};
    CHECK(layer_names(model) == "conv2d batch_normalization activation add conv2d_1 conv2d_2 add_1 "
                                "global_average_pooling2d global_max_pooling2d concatenate dense");
    CHECK(model.network().output_shape() == Shape{3});
    networks::compile(model);
    const auto x = block_numbers<float>({30, 6, 6, 2}, 1);
    Tensor<std::int32_t> labels(Shape{30});
    for (Index i = 0; i < 30; ++i) labels[i] = static_cast<std::int32_t>(i % 3);
    const auto losses = model.fit(x, labels, {.epochs = 8, .verbose = 0})["loss"];
    CHECK(losses.back() < losses.front());
    // One that does not fit leaves the model as it was.
    const auto weights = model.weights_hash();
    CHECK_THROWS_AS(model.add(Residual{Dense{4}}), ShapeError);
    CHECK(model.weights_hash() == weights);
    CHECK(model.network().output_shape() == Shape{3});
    CHECK(model.is_compiled());
    model.add(Residual{Dense{3}});
    CHECK_FALSE(model.is_compiled());
    CHECK_THROWS_MATCHES((Sequential{Residual{Dense{4}}, Input{4}}), StateError,
                         says("the first item of a model must be Input{...}, got a block of layers"));
}

TEST_CASE("Shared: has its parameters once, and gradients that are the sum over its uses") {
    // The same network with copies of the layers in place of the shared ones: their gradients must add up.
    const auto make = [](auto&& first, auto&& second) {
        Graph<double> graph;
        const auto a = graph.input({5});
        const auto b = graph.input({5});
        const auto ya = first(a);
        const auto yb = second(b);
        const auto out = Dense{.units = 2, .name = "out"}(Multiply{}(ya, yb));
        return Model<double>{{a, b}, {out}};
    };
    const auto chain = [](const std::string& suffix) {
        return Chain{Dense{.units = 4, .activation = Activation::tanh, .name = "p" + suffix},
                     Dense{.units = 3, .name = "q" + suffix}};
    };
    const Shared trunk{chain("")};
    auto model = make(trunk, trunk);
    auto apart = make(chain("1"), chain("2"));
    CHECK(model.count_params() == 5 * 4 + 4 + 4 * 3 + 3 + 3 * 2 + 2);
    CHECK(apart.count_params() == 2 * (5 * 4 + 4 + 4 * 3 + 3) + 3 * 2 + 2);
    const std::vector<std::string> shared{"p/kernel", "p/bias", "q/kernel", "q/bias"};
    const auto name = [](const std::string& of, const char* copy) { return of.substr(0, 1) + copy + of.substr(1); };
    for (const std::string& p : shared)
        for (const char* copy : {"1", "2"}) {
            const Tensor<double> value(std::as_const(model).parameter(p));
            std::copy(value.begin(), value.end(), apart.parameter(name(p, copy)).begin());
        }
    const Tensor<double> out(std::as_const(model).parameter("out/kernel"));
    std::copy(out.begin(), out.end(), apart.parameter("out/kernel").begin());

    const auto at = block_numbers<double>({20, 5}, 2);
    const auto bt = block_numbers<double>({20, 5}, 3);
    const auto yt = block_numbers<double>({20, 2}, 4);
    const Data<double> data = Data<double>(at, yt).add_input(bt);
    for (auto* const one : {&model, &apart}) one->compile({.optimizer = SGD{}, .loss = Loss::mean_squared_error});
    const auto sum = model.compute_gradients(data);
    const auto parts = apart.compute_gradients(data);
    CHECK(sum.loss == parts.loss);
    for (const std::string& p : shared) {
        INFO(p);
        const auto gradient = [](const Model<double>& of, const Tensor<double>& all, const std::string& which) {
            const Parameter& place = of.network().parameter(which).place;
            return Tensor<double>(ConstView<double>(all.data() + place.offset, place.shape));
        };
        Tensor<double> expected = gradient(apart, parts.values, name(p, "1"));
        const Tensor<double> second = gradient(apart, parts.values, name(p, "2"));
        for (Index i = 0; i < expected.size(); ++i) expected[i] += second[i];
        CHECK(allclose(gradient(model, sum.values, p), expected, 1e-13, 1e-15)); // added in another order
    }
    const auto result = gradient_check(model, data);
    INFO(result);
    CHECK(result.passed(1e-6));
}

TEST_CASE("Shared: inputs of another size where the parameters allow it") {
    Graph graph;
    const auto a = graph.input({6, 6, 2});
    const auto b = graph.input({9, 5, 2});
    const auto c = graph.input({6, 6, 3});
    const Shared conv{Conv2D{4, {3, 3}}};
    CHECK(conv(a).shape() == Shape{4, 4, 4});
    CHECK(conv(b).shape() == Shape{7, 3, 4});
    CHECK_THROWS_MATCHES(conv(c), ShapeError,
                         says("conv2d/kernel of shape (3, 3, 2, 4) cannot be shared by a layer whose input asks for"));
    const Shared dense{Dense{3}};
    dense(Flatten{}(a));
    CHECK_THROWS_MATCHES(
        dense(Flatten{}(b)), ShapeError,
        says("dense/kernel of shape (72, 3) cannot be shared by a layer whose input asks for (90, 3)"));
    CHECK(graph["conv2d"].shape() == Shape{4, 4, 4}); // the first of its results
    Graph other;
    CHECK_THROWS_MATCHES(conv(other.input({6, 6, 2})), ValueError, says("Shared: called on nodes of two graphs"));
}

TEST_CASE("Shared: within another, with merges, and as a copy") {
    Graph graph;
    const auto a = graph.input({4});
    const auto b = graph.input({4});
    const Shared inner{Dense{4, Activation::tanh}};
    const Shared outer{[&](const auto& x) { return Add{}({inner(x), inner(inner(x)), Dense{4}(x)}); }};
    const auto copy = outer;
    const auto ya = outer(a);
    const auto yb = copy(b);
    Model model{{a, b}, {ya, yb}};
    CHECK(model.count_params() == 2 * (4 * 4 + 4));
    CHECK(layer_names(model) == "dense dense_1 add");
    const auto x = block_numbers<float>({5, 4}, 5);
    const auto other = block_numbers<float>({5, 4}, 6);
    const auto first = model.predict_outputs(Data<float>(x).add_input(other));
    const auto swapped = model.predict_outputs(Data<float>(other).add_input(x));
    CHECK(first[0] == swapped[1]);
    CHECK(first[1] == swapped[0]);
    CHECK_FALSE(first[0] == first[1]);
}

TEST_CASE("Shared: BatchNormalization moves its averages once for each use, one after the other") {
    Graph<double> graph;
    const auto a = graph.input({1});
    const auto b = graph.input({1});
    const Shared norm{BatchNormalization{.momentum = 0.5}};
    Model model{{a, b}, {Subtract{}({norm(a), norm(b)})}};
    const Tensor<double> at{{1}, {3}};  // mean 2, variance 1
    const Tensor<double> bt{{2}, {10}}; // mean 6, variance 16
    model.forward(Data<double>(at).add_input(bt));
    CHECK(model.parameter("batch_normalization/moving_mean")[0] == (0.0 + 2) / 2 / 2 + 6.0 / 2);
    CHECK(model.parameter("batch_normalization/moving_variance")[0] == (1.0 + 1) / 2 / 2 + 16.0 / 2);
    // Each use is normalized by its own batch: (-1, 1) / sqrt(1.001) less (-4, 4) / sqrt(16.001).
    CHECK(model.output()[1] == Catch::Approx(1 / std::sqrt(1.001) - 4 / std::sqrt(16.001)).epsilon(1e-14));
}

TEST_CASE("Shared: Dropout draws anew for each use") {
    Graph graph;
    const auto x = graph.input({200});
    const Shared dropout{Dropout{0.5}};
    Model model{{x}, {dropout(x), dropout(x)}};
    model.forward(Tensor<float>(Shape{1, 200}, 1.0F));
    Index differ = 0;
    for (Index i = 0; i < 200; ++i) differ += model.output(0)[i] != model.output(1)[i] ? 1 : 0;
    CHECK(differ > 60); // of 200 fair coins the half differ, 100 +- 7
    CHECK(differ < 140);
}
