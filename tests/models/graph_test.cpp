#include <cmath>

#include <fovea/testing/gradient_check.hpp>

#include "models/networks.hpp"

#include "catch.hpp"

using namespace fovea;

namespace {

/// In [-1, 1), of a stream of its own for each `number`.
template <class T>
Tensor<T> graph_numbers(const Shape& shape, std::uint32_t number) {
    Tensor<T> result(shape);
    const random::Stream stream{13, random::Purpose::user, number, 0};
    for (Index i = 0; i < result.size(); ++i)
        result[i] = static_cast<T>(2 * stream.uniform(static_cast<std::uint64_t>(i)) - 1);
    return result;
}

Tensor<std::int32_t> graph_labels(Index count, Index classes) {
    Tensor<std::int32_t> labels(Shape{count});
    for (Index i = 0; i < count; ++i) labels[i] = static_cast<std::int32_t>(i * 5 % 7 % classes);
    return labels;
}

/// By all parameters, with central differences of the loss; eleven samples are two lanes.
void check_gradients(Model<double>& model, const Data<double>& data) {
    const auto result = gradient_check(model, data, {.entries = 60});
    INFO(result);
    CHECK(result.passed(1e-6));
}

template <class T>
Tensor<T> forward_by_hand(const Model<T>& model, const Tensor<T>& x, const std::string& layer) {
    const ConstView<T> kernel = model.parameter(layer + "/kernel");
    const ConstView<T> bias = model.parameter(layer + "/bias");
    Tensor<T> y(Shape{x.shape()[0], bias.size()});
    for (Index n = 0; n < y.shape()[0]; ++n)
        for (Index j = 0; j < bias.size(); ++j) {
            y(n, j) = bias[j];
            for (Index i = 0; i < x.shape()[1]; ++i) y(n, j) += x(n, i) * kernel(i, j);
        }
    return y;
}

} // namespace

TEST_CASE("Graph: nodes have the shape and name of what they come from") {
    Graph graph;
    const auto x = graph.input({6, 6, 3}, "picture");
    const auto other = graph.input({4});
    const auto h = Conv2D{.filters = 5, .kernel_size = 3, .name = "first"}(x);
    const auto y = Dense{7}(Flatten{}(h));
    CHECK(x.name() == "picture");
    CHECK(other.name() == "input_layer");
    CHECK(h.name() == "first");
    CHECK(h.shape() == Shape{4, 4, 5});
    CHECK(y.name() == "dense");
    CHECK(y.shape() == Shape{7});
    CHECK(graph["first"].wire() == h.wire());
    CHECK(graph["picture"].wire() == x.wire());
    CHECK(graph["flatten"].shape() == Shape{80});
    CHECK(x.then(Flatten{}).name() == "flatten_1");
    CHECK(Model<float>{{x}, {y}}.name() == "functional");
}

TEST_CASE("Graph: what does not fit is refused where it is called, and leaves no trace") {
    Graph graph;
    const auto x = graph.input({6, 6, 3}, "x");
    CHECK_THROWS_MATCHES(graph.input({2}, "x"), ValueError, says("Input: the name \"x\" is taken"));
    CHECK_THROWS_AS(graph.input({0, 3}), ShapeError);
    CHECK_THROWS_MATCHES((Dense{.units = 2, .name = "x"}(x)), ValueError, says("the name \"x\" is taken"));
    CHECK_THROWS_MATCHES((Conv2D{2, {7, 7}}(x)), ShapeError, says("Conv2D: kernel (7, 7) does not fit"));
    CHECK_THROWS_MATCHES(Add{}(x), ValueError, says("Add: takes at least two inputs, got 1"));
    CHECK_THROWS_MATCHES(Add{}(x, Flatten{}(x)), ShapeError, says("Add: an input of (108,) does not fit (6, 6, 3)"));
    CHECK_THROWS_MATCHES(Node<float>::merge(Add{}, {}), ValueError, says("Add: has no inputs"));
    Graph second;
    CHECK_THROWS_MATCHES(Add{}(x, second.input({6, 6, 3})), ValueError, says("Add: the inputs are of two graphs"));
    CHECK_THROWS_MATCHES(graph["y"], ValueError, says("the model has no layer \"y\"; it has flatten"));
    CHECK(Conv2D{2, {3, 3}}(x).name() == "conv2d");
    CHECK(Flatten{}(x).name() == "flatten_1");
}

TEST_CASE("Graph: layers in braces are called from left to right") {
    Graph graph;
    const auto x = graph.input({3});
    const auto y = Add{}({Dense{2}(x), Dense{2, Activation::relu}(x), Dense{2}(x)});
    const Model model{{x}, {y}};
    REQUIRE(model.network().layers().size() == 4);
    CHECK(model.layer("dense").layer.activation() == Activation::linear);
    CHECK(model.layer("dense_1").layer.activation() == Activation::relu);
    CHECK(model.network().layers()[1].name == "dense_1");
    const auto same = [&](const auto& merge) { return merge({x, x}).shape() == x.shape(); };
    using Nodes = std::initializer_list<Node<float>>;
    CHECK(same([](Nodes n) { return Subtract{}(n); }));
    CHECK(same([](Nodes n) { return Multiply{}(n); }));
    CHECK(same([](Nodes n) { return Average{}(n); }));
    CHECK(same([](Nodes n) { return Maximum{}(n); }));
    CHECK(same([](Nodes n) { return Minimum{}(n); }));
    CHECK(Concatenate{}({x, x, x}).shape() == Shape{9});
}

TEST_CASE("Model of nodes: inputs and outputs that make no sense are refused") {
    Graph graph;
    const auto a = graph.input({3}, "a");
    const auto b = graph.input({3}, "b");
    const auto sum = Add{.name = "sum"}(a, b);
    const auto y = Dense{.units = 2, .name = "y"}(a);
    using Nodes = std::vector<Node<float>>;
    const auto model = [](const Nodes& inputs, const Nodes& outputs) { return Model<float>(inputs, outputs); };
    CHECK_THROWS_MATCHES(model({}, {y}), ValueError,
                         says("Model: needs at least one input and one output, got no input"));
    CHECK_THROWS_MATCHES(model({a}, {}), ValueError,
                         says("Model: needs at least one input and one output, got 1 and 0"));
    CHECK_THROWS_MATCHES(model({a}, {sum}), ValueError,
                         says("Model: an output needs the input \"b\", which is not among the inputs"));
    CHECK_THROWS_MATCHES(model({a, b}, {y}), ValueError, says("Model: no output needs the input \"b\""));
    CHECK_THROWS_MATCHES(model({a, a}, {y}), ValueError, says("Model: \"a\" is named twice among the inputs"));
    CHECK_THROWS_MATCHES(model({a}, {y, y}), ValueError, says("Model: \"y\" is named twice among the outputs"));
    CHECK_THROWS_MATCHES(model({a}, {a}), ValueError, says("Model: \"a\" is an input and an output"));
    CHECK_THROWS_MATCHES(model({a, sum}, {sum}), ValueError, says("is an input and an output"));
    Graph second;
    const auto c = second.input({3});
    CHECK_THROWS_MATCHES(model({a}, {Dense{2}(c)}), ValueError, says("Model: inputs and outputs are of two graphs"));
    CHECK_THROWS_MATCHES(model({a, c}, {y}), ValueError, says("Model: inputs and outputs are of two graphs"));
}

TEST_CASE("a graph that is a row of layers has the bits of a Sequential") {
    Graph graph;
    const auto x = graph.input({6, 6, 1});
    Model model{{x},
                {Dense{3, Activation::softmax}(Flatten{}(MaxPooling2D{}(Conv2D{4, {3, 3}, Activation::relu}(x))))}};
    auto sequential = networks::small();
    CHECK(model.weights_hash() == sequential.weights_hash());
    const Dataset set = networks::images(40);
    for (Model<float>* const one : {&model, static_cast<Model<float>*>(&sequential)}) {
        networks::compile(*one);
        one->fit(set, {.epochs = 2, .verbose = 0});
    }
    CHECK(model.weights_hash() == sequential.weights_hash());
    CHECK(model.predict(set) == sequential.predict(set));
}

TEST_CASE("two inputs and two outputs: values by hand") {
    Graph<double> graph;
    const auto a = graph.input({2}, "a");
    const auto b = graph.input({3}, "b");
    const auto h = Dense{.units = 4, .name = "h"}(a);
    const auto k = Dense{.units = 4, .name = "k"}(b);
    const auto y = Dense{.units = 2, .name = "y"}(Add{}(h, k));
    const Model model{{b, a}, {y, k}}; // in the order that is asked for
    CHECK(model.network().input_names() == std::vector<std::string>{"b", "a"});
    CHECK(model.network().output_name(1) == "k");
    const auto at = graph_numbers<double>({9, 2}, 1);
    const auto bt = graph_numbers<double>({9, 3}, 2);
    const auto outputs = model.predict_outputs(Data<double>(bt).add_input(at));
    REQUIRE(outputs.size() == 2);
    const auto ht = forward_by_hand(model, at, "h");
    const auto kt = forward_by_hand(model, bt, "k");
    Tensor<double> sum = ht;
    for (Index i = 0; i < sum.size(); ++i) sum[i] += kt[i];
    CHECK(allclose(outputs[1], kt, 0, 1e-14)); // sums of a few numbers of about 1 in another order
    CHECK(allclose(outputs[0], forward_by_hand(model, sum, "y"), 0, 1e-14));
    for (const Index batch_size : {1, 4, 100})
        CHECK(model.predict_outputs(Data<double>(bt).add_input(at), {.batch_size = batch_size}) == outputs);
}

TEST_CASE("models of several inputs and outputs: data that does not fit is refused") {
    auto model = networks::branching();
    const networks::BranchingData<> set(5);
    CHECK_THROWS_MATCHES(model.predict(set.data), StateError,
                         says("predict: the model has 2 outputs; predict_outputs returns them all"));
    CHECK_THROWS_MATCHES(model.predict_outputs(set.set), ShapeError, says("predict: the model takes 2 inputs, got 1"));
    CHECK_THROWS_MATCHES(model.predict_outputs(Data<float>(set.set).add_input(set.values)), ShapeError,
                         says("predict: the model takes samples of shape (4,) for \"numbers\", got (2,)"));
    networks::compile_branching(model);
    const Data<float> one_target = Data<float>(set.set).add_input(set.numbers);
    CHECK_THROWS_MATCHES(model.fit(one_target), ShapeError,
                         says("fit: the model has 2 outputs, the data has targets for 1"));
    const Data<float> swapped =
        Data<float>(set.set.images).add_input(set.numbers).add_target(set.values).add_target(set.set.labels);
    CHECK_THROWS_AS(model.evaluate(swapped), ShapeError);
    const Data<float> none = Data<float>(set.set.images).add_input(set.numbers);
    CHECK_THROWS_MATCHES(model.train_on_batch(none), ValueError, says("the data has no targets"));
    CHECK_THROWS_MATCHES(model.fit(set.data, {.class_weight = {{1, 2.0}}}), ValueError,
                         says("fit: class_weight needs one class label a sample, and one output"));
}

TEST_CASE("compile: losses for several outputs") {
    auto model = networks::branching();
    const auto mse = Loss::mean_squared_error;
    CHECK_THROWS_MATCHES(model.compile({.optimizer = SGD{}, .loss = mse}), ValueError,
                         says("compile: the model has 2 outputs, got losses for 1"));
    CHECK_THROWS_MATCHES(model.compile({.optimizer = SGD{}, .losses = {mse, mse, mse}}), ValueError,
                         says("the model has 2 outputs, got losses for 3"));
    CHECK_THROWS_MATCHES(model.compile({.optimizer = SGD{}, .loss = mse, .losses = {mse, mse}}), ValueError,
                         says("compile: got both loss and losses"));
    CHECK_THROWS_MATCHES(model.compile({.optimizer = SGD{},
                                        .metrics = {Metric::accuracy},
                                        .losses = {mse, mse},
                                        .output_metrics = {{}, {Metric::accuracy}}}),
                         ValueError, says("compile: got both metrics and output_metrics"));
    CHECK_THROWS_MATCHES(model.compile({.optimizer = SGD{}, .metrics = {Metric::accuracy}, .losses = {mse, mse}}),
                         ValueError, says("compile: the model has 2 outputs, got metrics for 1"));
    CHECK_THROWS_MATCHES(model.compile({.optimizer = SGD{}, .losses = {mse, {}}}), ValueError,
                         says("compile: a loss is missing"));
    CHECK_THROWS_MATCHES(model.compile({.optimizer = SGD{}, .losses = {mse, mse}, .loss_weights = {1, 2, 3}}),
                         ValueError, says("got loss_weights for 3"));
    CHECK_THROWS_MATCHES(model.compile({.optimizer = SGD{}, .losses = {mse, mse}, .loss_weights = {1, NAN}}),
                         ValueError, says("compile: the weight of a loss must be finite, got nan"));
    CHECK_FALSE(model.is_compiled());
}

TEST_CASE("the loss is the sum of the outputs' losses by their weights; logs have Keras's keys") {
    auto model = networks::branching<double>();
    const networks::BranchingData<double> set(21);
    model.compile({.optimizer = SGD{},
                   .losses = {Loss::sparse_categorical_crossentropy, Loss::mean_squared_error},
                   .loss_weights = {2, 0.25},
                   .output_metrics = {{Metric::accuracy, SparseTopKCategoricalAccuracy{.k = 2}}, {}}});
    const auto outputs = model.predict_outputs(set.data);
    const std::vector<double> weights{1, 0, 2.5, 1, 1, 1, 1, 0.5, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 3};
    for (const bool weighted : {false, true}) {
        double label_loss = 0;
        double value_loss = 0;
        double right = 0;
        for (Index n = 0; n < 21; ++n) {
            const double w = weighted ? weights[static_cast<std::size_t>(n)] : 1;
            const Index label = set.set.labels[n];
            label_loss -= w * std::log(outputs[0](n, label)) / 21;
            for (Index j = 0; j < 2; ++j) value_loss += w * std::pow(outputs[1](n, j) - set.values(n, j), 2) / 2 / 21;
            const auto row = outputs[0].row(n);
            right += std::max_element(row.begin(), row.end()) - row.begin() == label ? 1 : 0;
        }
        const Evaluation result = model.evaluate(
            set.data, {.batch_size = 8, .verbose = 0, .sample_weight = weighted ? weights : std::vector<double>{}});
        CHECK(result["label_loss"] == Catch::Approx(label_loss).epsilon(1e-12)); // 21 doubles
        CHECK(result["value_loss"] == Catch::Approx(value_loss).epsilon(1e-12));
        CHECK(result.loss == Catch::Approx(2 * label_loss + 0.25 * value_loss).epsilon(1e-12));
        CHECK(result["loss"] == result.loss);
        CHECK(result["label_accuracy"] == Catch::Approx(right / 21).epsilon(1e-15));
        CHECK(result.metric == result["label_accuracy"]);
        std::vector<std::string> keys;
        for (const auto& [key, value] : result.logs) keys.push_back(key);
        CHECK(keys == std::vector<std::string>{"label_accuracy", "label_loss",
                                               "label_sparse_top_k_categorical_accuracy", "loss", "value_loss"});
    }
    const History history = model.fit(set.data, {.epochs = 2, .validation_data = set.data, .verbose = 0});
    CHECK(history["label_loss"].size() == 2);
    CHECK(history["val_value_loss"].size() == 2);
    CHECK(history["loss"][0] == Catch::Approx(2 * history["label_loss"][0] + 0.25 * history["value_loss"][0]));
    CHECK(history["val_loss"][1] == Catch::Approx(model.evaluate(set.data, {.verbose = 0}).loss).epsilon(1e-12));
    CHECK(history["loss"][1] < history["loss"][0]);
}

TEST_CASE("logs: the second output of a shared layer has a name of its own") {
    Graph graph;
    const auto a = graph.input({3});
    const auto b = graph.input({3});
    const Shared d{Dense{.units = 2, .name = "d"}};
    Model model{{a, b}, {d(a), d(b)}};
    model.compile({.optimizer = SGD{}, .losses = {Loss::mean_squared_error, Loss::mean_squared_error}});
    const auto x = graph_numbers<float>({4, 3}, 1);
    const auto y = graph_numbers<float>({4, 2}, 2);
    const Logs logs = model.train_on_batch(Data<float>(x, y).add_input(x).add_target(y));
    CHECK(logs.size() == 3);
    CHECK(logs.at("d_loss") == logs.at("d_1_loss"));
    CHECK(logs.at("loss") == Catch::Approx(2 * logs.at("d_loss")).epsilon(1e-12));
}

TEST_CASE("class_weight: works for a target that was added as for one that came with the samples") {
    const Dataset set = networks::images(20);
    const auto train = [](const Data<float>& data) {
        auto model = networks::small();
        networks::compile(model);
        model.fit(data, {.batch_size = 8, .verbose = 0, .class_weight = {{0, 2.0}, {2, 0.5}}});
        return model.weights_hash();
    };
    CHECK(train(Data<float>(set.images).add_target(set.labels)) == train(set));
}

TEST_CASE("graph gradients: a node with three readers, and the same node twice in one Add") {
    Graph<double> graph;
    const auto x = graph.input({5});
    const auto h = Dense{4, Activation::tanh}(x);
    const auto twice = Add{}(h, h);
    const auto product =
        Multiply{}(h, Dense{4, Activation::sigmoid}(h), twice); // h has four readers, and is read five times
    Model model{{x}, {Dense{2}(Concatenate{}(product, twice))}};
    model.compile({.optimizer = SGD{}, .loss = Loss::mean_squared_error});
    const auto xt = graph_numbers<double>({11, 5}, 1);
    const auto yt = graph_numbers<double>({11, 2}, 2);
    check_gradients(model, {xt, yt});
}

TEST_CASE("graph gradients: images that branch and meet, fused and not") {
    Graph<double> graph;
    const auto x = graph.input({6, 6, 2});
    const auto h = Conv2D{.filters = 3, .kernel_size = 3, .activation = Activation::tanh, .padding = Padding::same}(x);
    const auto pooled = MaxPooling2D{}(Conv2D{4, {3, 3}}(h));
    const auto other = AveragePooling2D{.pool_size = 3}(Conv2D{4, {1, 1}, Activation::gelu}(h));
    const auto gate = Reshape{{1, 1, 3}}(Dense{3, Activation::sigmoid}(GlobalAveragePooling2D{}(h)));
    const auto most = Maximum{}(pooled, other);
    const auto features =
        Concatenate{}({Flatten{}(most), Flatten{}(Minimum{}({Multiply{}(h, gate), Conv2D{3, {1, 1}}(h)}))});
    Model model{{x}, {Dense{3, Activation::softmax}(features)}};
    model.compile({.optimizer = SGD{}, .loss = Loss::sparse_categorical_crossentropy});
    const auto xt = graph_numbers<double>({11, 6, 6, 2}, 3);
    const auto labels = graph_labels(11, 3);
    for (const bool fuses : {true, false}) {
        INFO((fuses ? "fused" : "not fused"));
        model.set_fuses(fuses);
        check_gradients(model, {xt, labels});
    }
}

TEST_CASE("graph gradients: an output that other layers read") {
    // Softmax and cross-entropy are then no pair: what comes back from the readers is by the softmax's output.
    Graph<double> graph;
    const auto x = graph.input({4});
    const auto label = Dense{.units = 3, .activation = Activation::softmax, .name = "label"}(x);
    const auto apart = ActivationLayer{.activation = Activation::softmax, .name = "apart"}(Dense{3}(x));
    const auto value = Dense{.units = 2, .name = "value"}(Concatenate{}(label, apart, x));
    Model model{{x}, {label, value, apart}};
    model.compile({.optimizer = SGD{},
                   .losses = {Loss::sparse_categorical_crossentropy, Loss::mean_squared_error,
                              Loss::sparse_categorical_crossentropy},
                   .loss_weights = {1, 3, 1}});
    const auto xt = graph_numbers<double>({11, 4}, 4);
    const auto yt = graph_numbers<double>({11, 2}, 5);
    const auto labels = graph_labels(11, 3);
    const auto others = graph_labels(11, 2);
    const Data<double> data = Data<double>(xt, labels).add_target(yt).add_target(others);
    check_gradients(model, data);
    // The loss is Keras's in training and in evaluation alike.
    CHECK(model.evaluate(data, {.verbose = 0}).loss ==
          Catch::Approx(model.compute_gradients(data).loss).epsilon(1e-12));
}

TEST_CASE("graph gradients: shared layers have the sum over their uses") {
    Graph<double> graph;
    const auto a = graph.input({6, 6, 2});
    const auto b = graph.input({5, 4, 2});
    const Shared conv{Conv2D{2, {3, 3}, Activation::tanh}};
    const Shared trunk{Chain{conv, GlobalAveragePooling2D{}, Dense{3, Activation::gelu}}};
    const auto again = Flatten{}(conv(conv(a))); // behind itself
    Model model{{a, b}, {Dense{2}(Concatenate{}(Subtract{}({trunk(a), trunk(b)}), again))}};
    CHECK(model.network().layers().size() == 7);
    model.compile({.optimizer = SGD{}, .loss = Loss::mean_squared_error});
    const auto at = graph_numbers<double>({11, 6, 6, 2}, 6);
    const auto bt = graph_numbers<double>({11, 5, 4, 2}, 7);
    const auto yt = graph_numbers<double>({11, 2}, 8);
    check_gradients(model, Data<double>(at, yt).add_input(bt));
}

TEST_CASE("graph gradients: BatchNormalization in a branch, shared and frozen") {
    Graph<double> graph;
    const auto x = graph.input({4, 4, 2});
    const auto h = Conv2D{3, {2, 2}}(x);
    const Shared norm{BatchNormalization{.name = "norm"}};
    const auto first = ActivationLayer{Activation::tanh}(norm(h));
    const auto second = norm(Conv2D{3, {1, 1}, Activation::silu}(first));
    const auto frozen = BatchNormalization{.trainable = false}(Conv2D{3, {1, 1}}(h));
    Model model{{x}, {Dense{2}(Flatten{}(Average{}(first, second, frozen, h)))}};
    model.compile({.optimizer = SGD{}, .loss = Loss::mean_squared_error});
    const auto xt = graph_numbers<double>({11, 4, 4, 2}, 9);
    const auto yt = graph_numbers<double>({11, 2}, 10);
    check_gradients(model, {xt, yt});
    model.layer("norm").trainable = false; // gradients pass through it to what stands in front
    check_gradients(model, {xt, yt});
}

TEST_CASE("graph gradients: the network that branches in all ways") {
    auto model = networks::branching<double>();
    networks::compile_branching(model);
    const networks::BranchingData<double> set(11);
    check_gradients(model, set.data);
}

TEST_CASE("frozen parts keep their weights, and leave the others' gradients as they are") {
    auto model = networks::branching();
    networks::compile_branching(model, SGD{.learning_rate = 0.1});
    const networks::BranchingData<> set(20);
    const auto before = model.get_weights();
    auto thawed = model;
    const auto all = thawed.compute_gradients(set.data).values;
    // Everything in front of the second output, but for what the first one alone needs.
    for (const char* name : {"conv2d", "conv2d_1", "dense"}) model.layer(name).trainable = false;
    const auto some = model.compute_gradients(set.data).values;
    for (const NamedLayer<float>& layer : model.network().layers())
        for (std::size_t i = layer.first; i < layer.last; ++i) {
            const NamedParameter& p = model.network().parameters()[i];
            INFO(p.name);
            if (model.network().is_trained(layer, p))
                CHECK(std::equal(p.place.in(some.span()).begin(), p.place.in(some.span()).end(),
                                 p.place.in(all.span()).begin()));
        }
    model.train_on_batch(set.data);
    const auto after = model.get_weights();
    for (const NamedLayer<float>& layer : model.network().layers())
        for (std::size_t i = layer.first; i < layer.last; ++i) {
            INFO(model.network().parameters()[i].name);
            CHECK((after[i] == before[i]) == !layer.trainable);
        }
    // And thawed again they move.
    for (NamedLayer<float>* layer : {&model.layer("conv2d"), &model.layer("dense")}) layer->trainable = true;
    model.train_on_batch(set.data);
    CHECK_FALSE(Tensor<float>(model.parameter("conv2d/kernel")) == before[0]);
    // With all frozen there is nothing to do.
    for (const NamedLayer<float>& layer : model.network().layers()) model.layer(layer.name).trainable = false;
    const auto hash = model.weights_hash();
    CHECK(model.train_on_batch(set.data).at("loss") > 0);
    CHECK(model.weights_hash() == hash);
}

TEST_CASE("sub-models: between any nodes, with copies of the weights") {
    auto model = networks::branching();
    networks::compile_branching(model);
    const networks::BranchingData<> set(13);
    model.fit(set.data, {.epochs = 2, .batch_size = 8, .verbose = 0});
    const auto outputs = model.predict_outputs(set.data);

    const auto graph = model.graph();
    REQUIRE(graph.inputs().size() == 2);
    REQUIRE(graph.outputs().size() == 2);
    const Model<float> encoder{graph.inputs(), {graph["dropout"]}};
    const Model<float> label{{graph["dropout"]}, {graph.outputs()[0]}};
    const Model<float> value{{graph["dropout"], graph["label"]}, {graph["value"]}};
    CHECK(value.network().input_names() == std::vector<std::string>{"dropout", "label"});
    CHECK(encoder.network().layers().size() + label.network().layers().size() + value.network().layers().size() ==
          model.network().layers().size());
    const auto features = encoder.predict(set.data);
    CHECK(label.predict(features) == outputs[0]);
    CHECK(value.predict(Data<float>(features).add_input(outputs[0])) == outputs[1]);

    // What is trained here is not changed there, and the other way round.
    const auto hash = encoder.weights_hash();
    model.fit(set.data, {.verbose = 0});
    CHECK(encoder.weights_hash() == hash);
    Model<float> other{graph.inputs(), {Dense{5, Activation::softmax}(graph["dropout"])}};
    const auto trained = model.weights_hash();
    other.parameter("conv2d/kernel")[0] += 1;
    CHECK(model.weights_hash() == trained);
    CHECK(other.network().output_shape() == Shape{5});
}

TEST_CASE("sub-models: the rest of a siamese network has two inputs from one layer") {
    Graph graph;
    const auto a = graph.input({3}, "a");
    const auto b = graph.input({3}, "b");
    const Shared d{Dense{.units = 3, .name = "d"}};
    const auto da = d(a);
    const auto db = d(b);
    const auto y = Dense{1}(Subtract{}(da, db));
    const Model head{{da, db}, {y}};
    CHECK(head.network().input_names() == std::vector<std::string>{"d", "d_1"});
    const Model whole{{a, b}, {y}};
    const Model trunk{{a}, {da}};
    const auto at = graph_numbers<float>({4, 3}, 1);
    const auto bt = graph_numbers<float>({4, 3}, 2);
    CHECK(head.predict(Data<float>(trunk.predict(at)).add_input(trunk.predict(bt))) ==
          whole.predict(Data<float>(at).add_input(bt)));

    const auto dda = d(da);
    const Model second{{da}, {dda}}; // from the first result of a layer to its second
    CHECK(second.network().input_names() == std::vector<std::string>{"d_1"});
    CHECK(second.network().layers().front().name == "d");
    CHECK(second.predict(trunk.predict(at)) == Model{{a}, {dda}}.predict(at));
}

TEST_CASE(
    "predict: the bits of a network that branches depend on neither threads nor neighbours; fused or not is rounding") {
    auto model = networks::branching();
    networks::compile_branching(model);
    const networks::BranchingData<> set(21);
    model.fit(set.data, {.batch_size = 8, .verbose = 0});
    const auto outputs = model.predict_outputs(set.data);
    for (const int threads : {1, 2, 3, 7}) {
        const networks::Threads guard(threads);
        CHECK(model.predict_outputs(set.data, {.batch_size = 5}) == outputs);
    }
    const Tensor<std::uint8_t> image(set.set.images.slice(13, 14));
    const Tensor<float> numbers(set.numbers.slice(13, 14));
    CHECK(model.predict_outputs(Data<float>(image).add_input(numbers))[1] == Tensor<float>(outputs[1].slice(13, 14)));
    model.set_fuses(false);
    const auto apart = model.predict_outputs(set.data);
    for (std::size_t i = 0; i < 2; ++i) CHECK(allclose(apart[i], outputs[i], 1e-5, 1e-5)); // 2^-24 is 6e-8
}

TEST_CASE("a training step of a network that branches is the same within rounding whether fused or not") {
    const networks::BranchingData<double> set(21);
    const auto train = [&](bool fuses) {
        auto model = networks::branching<double>();
        model.set_fuses(fuses);
        networks::compile_branching(model, SGD{.learning_rate = 0.05});
        model.fit(set.data, {.epochs = 3, .batch_size = 16, .verbose = 0});
        return model.get_weights();
    };
    const auto fused = train(true);
    const auto apart = train(false);
    for (std::size_t i = 0; i < fused.size(); ++i) CHECK(allclose(fused[i], apart[i], 1e-10, 1e-10));
}
