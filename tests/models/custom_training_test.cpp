#include <cmath>
#include <limits>

#include "models/networks.hpp"
#include "support/same_bits.hpp"

#include "catch.hpp"

using namespace fovea;

namespace {

template <class T>
Tensor<T> custom_numbers(const Shape& shape, std::uint32_t number) {
    Tensor<T> result(shape);
    const random::Stream stream{17, random::Purpose::user, number, 0};
    for (Index i = 0; i < result.size(); ++i)
        result[i] = static_cast<T>(2 * stream.uniform(static_cast<std::uint64_t>(i)) - 1);
    return result;
}

template <class T>
Sequential<T> dense_network() {
    return Sequential<T>{Input{5}, Dense{7, Activation::relu}, Dense{4, Activation::tanh}, Dense{3}};
}

/// The mean over the batch of the mean squared error, as one writes it down.
template <class T>
double custom_squared_error(Model<T>& model, const Tensor<T>& target) {
    const ConstView<T> y = model.output();
    const View<T> dy = model.output_gradient();
    double loss = 0;
    for (Index i = 0; i < y.size(); ++i) {
        const T difference = y[i] - target[i];
        loss += static_cast<double>(difference) * static_cast<double>(difference) / static_cast<double>(y.size());
        dy[i] = 2 * difference / static_cast<T>(y.size());
    }
    return loss;
}

/// One step with one of fovea's losses, asked for by hand.
template <class T>
void custom_step(Model<T>& model, const Data<T>& data, const AnyLoss<T>& loss, const Targets<T>& targets) {
    model.forward(data);
    const T scale = static_cast<T>(1 / static_cast<double>(data.size()));
    loss.evaluate({model.output(), targets, {}, model.output_gradient(), scale, false});
    model.backward();
    model.apply_gradients();
}

} // namespace

TEMPLATE_TEST_CASE("custom training: a loss of one's own trains as the built-in one does", "[models]", float, double) {
    const auto x = custom_numbers<TestType>({20, 5}, 1);
    const auto target = custom_numbers<TestType>({20, 3}, 2);
    auto model = dense_network<TestType>();
    auto built_in = dense_network<TestType>();
    model.compile({.optimizer = SGD{.learning_rate = 0.1, .momentum = 0.9}});
    built_in.compile({.optimizer = SGD{.learning_rate = 0.1, .momentum = 0.9}, .loss = Loss::mean_squared_error});
    // The same sums, but for the roundings of the own loss: some 6e-8 or 1e-16 a step.
    const double tolerance = std::is_same_v<TestType, float> ? 1e-5 : 1e-13;
    for (int step = 0; step < 10; ++step) {
        INFO("step " << step);
        model.forward(x);
        const double loss = custom_squared_error(model, target);
        model.backward();
        model.apply_gradients();
        CHECK(loss == Catch::Approx(built_in.train_on_batch(x, target).at("loss")).epsilon(tolerance));
    }
    CHECK(model.iteration() == 10);
    for (std::size_t i = 0; i < model.get_weights().size(); ++i)
        CHECK(allclose(model.get_weights()[i], built_in.get_weights()[i], tolerance, tolerance));
}

TEST_CASE("custom training: with the gradients of the built-in loss the weights have the same bits") {
    const auto x = custom_numbers<float>({20, 5}, 1);
    const auto target = custom_numbers<float>({20, 3}, 2);
    const Dataset images = networks::images(20);
    const AnyLoss<float> logits = SparseCategoricalCrossentropy{.from_logits = true};
    const auto with_logits = [] { // BatchNormalization, Dropout, and an output without activation
        auto model = networks::normalized();
        const auto graph = model.graph();
        return Model<float>{graph.inputs(), {Dense{3}(graph["dropout"])}};
    };
    for (const int threads : {1, 3}) {
        INFO(threads << " threads");
        const networks::Threads guard(threads);
        auto model = dense_network<float>();
        auto built_in = dense_network<float>();
        model.compile({.optimizer = Adam{}});
        built_in.compile({.optimizer = Adam{}, .loss = Loss::mean_squared_error});
        auto normalized = with_logits();
        auto other = normalized;
        normalized.compile({.optimizer = Adam{}});
        other.compile({.optimizer = Adam{}, .loss = logits});
        for (int step = 0; step < 5; ++step) {
            custom_step<float>(model, x, Loss::mean_squared_error, {{}, target});
            built_in.train_on_batch(x, target);
            custom_step<float>(normalized, images.images, logits, {images.labels, {}});
            other.train_on_batch(images);
        }
        CHECK(model.weights_hash() == built_in.weights_hash());
        CHECK(normalized.weights_hash() == other.weights_hash());
    }
}

TEST_CASE("custom training: a loss over two outputs, by central differences") {
    // How far two branches are apart, weighed by a third output's exponential: no sum of losses of single outputs.
    Graph<double> graph;
    const auto x = graph.input({4});
    const auto h = Dense{5, Activation::tanh}(x);
    const auto a = Dense{.units = 3, .name = "a"}(h);
    const auto b = Dense{.units = 3, .activation = Activation::softmax, .name = "b"}(Concatenate{}(h, x));
    Model model{{x}, {a, b, Dense{.units = 1, .name = "scale"}(Add{}(a, b))}}; // which reads the other two
    model.compile({.optimizer = SGD{}});
    const auto data = custom_numbers<double>({11, 4}, 3);
    const auto loss = [&] {
        model.forward(data);
        double sum = 0;
        for (Index n = 0; n < 11; ++n)
            for (Index j = 0; j < 3; ++j)
                sum += std::exp(model.output(2)[n]) * std::pow(model.output(0)(n, j) - model.output(1)(n, j), 2);
        return sum;
    };
    loss();
    for (Index n = 0; n < 11; ++n) {
        const double scale = std::exp(model.output(2)[n]);
        model.output_gradient(2)[n] = 0;
        for (Index j = 0; j < 3; ++j) {
            const double apart = model.output(0)(n, j) - model.output(1)(n, j);
            model.output_gradient(0)(n, j) = 2 * scale * apart;
            model.output_gradient(1)(n, j) = -2 * scale * apart;
            model.output_gradient(2)[n] += scale * apart * apart;
        }
    }
    model.backward();
    const std::vector<double> gradients(model.gradients().begin(), model.gradients().end());
    for (const NamedParameter& p : model.network().parameters()) {
        INFO(p.name);
        const View<double> values = model.parameter(p.name);
        for (Index i = 0; i < values.size(); ++i) {
            const double here = values[i];
            values[i] = here + 1e-5;
            const double above = loss();
            values[i] = here - 1e-5;
            const double below = loss();
            values[i] = here;
            // Sums of about 30 are exact to 1e-14, divided by a step of 1e-5, which itself makes an error of its square.
            CHECK(gradients[static_cast<std::size_t>(p.place.offset + i)] ==
                  Catch::Approx((above - below) / 2e-5).epsilon(1e-6).margin(1e-7));
        }
    }
}

TEST_CASE("custom training: forward without backward changes nothing but moving averages") {
    const Dataset set = networks::images(20);
    auto model = networks::small();
    networks::compile(model);
    auto other = model;
    model.forward(set.images);
    model.forward(set.images.slice(0, 3)); // of another size
    CHECK(model.weights_hash() == other.weights_hash());
    model.train_on_batch(set);
    other.train_on_batch(set);
    CHECK(model.weights_hash() == other.weights_hash());

    auto normalized = networks::normalized();
    const Tensor<float> mean(normalized.parameter("batch_normalization/moving_mean"));
    const Tensor<float> gamma(normalized.parameter("batch_normalization/gamma"));
    normalized.forward(set.images);
    CHECK_FALSE(Tensor<float>(normalized.parameter("batch_normalization/moving_mean")) == mean);
    CHECK(Tensor<float>(normalized.parameter("batch_normalization/gamma")) == gamma);
}

TEST_CASE("custom training: outputs are those of training, one row a sample") {
    auto model = networks::branching();
    const networks::BranchingData<> set(20);
    model.forward(set.data);
    CHECK(model.output().shape() == Shape{20, 3});
    CHECK(model.output(1).shape() == Shape{20, 2});
    CHECK(model.output_gradient(1).shape() == Shape{20, 2});
    // Without dropout and with the averages of inference they are what predict gives.
    auto plain = networks::small();
    const Dataset images = networks::images(20);
    plain.forward(images.images);
    CHECK(same_bits(Tensor<float>(plain.output()), plain.predict(images)));
}

TEST_CASE("custom training: gradients may be changed before they are applied") {
    const auto x = custom_numbers<float>({6, 5}, 1);
    auto model = dense_network<float>();
    model.compile({.optimizer = SGD{}});
    const auto hash = model.weights_hash();
    model.forward(x);
    std::fill(model.output_gradient().begin(), model.output_gradient().end(), 1.0F);
    model.backward();
    REQUIRE(model.gradients().size() == static_cast<std::size_t>(model.count_params()));
    CHECK(model.gradients().back() == 6); // the last bias: 1 from each sample
    std::fill(model.gradients().begin(), model.gradients().end(), 0.0F);
    model.apply_gradients();
    CHECK(model.weights_hash() == hash);
    CHECK(model.iteration() == 1);

    // Those of compute_gradients can be applied too, which makes a step of it.
    const auto target = custom_numbers<float>({6, 3}, 2);
    auto other = model;
    for (auto* const one : {&model, &other}) one->compile({.optimizer = SGD{}, .loss = Loss::mean_squared_error});
    model.compute_gradients(Data<float>(x, target));
    model.apply_gradients();
    other.train_on_batch(x, target);
    CHECK(model.weights_hash() == other.weights_hash());
}

TEST_CASE("custom training: what comes too early or too late is refused") {
    const auto x = custom_numbers<float>({6, 5}, 1);
    const auto target = custom_numbers<float>({6, 3}, 2);
    auto model = dense_network<float>();
    const auto needs_forward = [&](Model<float>& m) {
        CHECK_THROWS_MATCHES(m.output(), StateError, says("output: call forward(...) first"));
        CHECK_THROWS_MATCHES(m.output_gradient(), StateError, says("output_gradient: call forward(...) first"));
        CHECK_THROWS_MATCHES(m.backward(), StateError, says("backward: call forward(...) first"));
    };
    const auto needs_backward = [&](Model<float>& m) {
        CHECK_THROWS_MATCHES(m.gradients(), StateError, says("gradients: call backward() first"));
        CHECK_THROWS_MATCHES(m.apply_gradients(), StateError, says("apply_gradients: call backward() first"));
    };
    const auto forward = [&] {
        model.forward(x);
        std::fill(model.output_gradient().begin(), model.output_gradient().end(), 1.0F);
    };
    needs_forward(model);
    forward(); // without compile
    model.backward();
    needs_forward(model);
    CHECK_THROWS_MATCHES(model.apply_gradients(), StateError, says("apply_gradients: the model has not been compiled"));
    model.compile({.optimizer = SGD{}});
    CHECK_THROWS_MATCHES(model.fit(x, target), StateError, says("fit: the model has been compiled without a loss"));
    CHECK_THROWS_MATCHES(model.compile({.optimizer = SGD{}, .metrics = {Metric::accuracy}}), ValueError,
                         says("compile: metrics without a loss"));
    forward();
    needs_backward(model); // those of before are gone
    Model<float> copy = model;
    needs_forward(copy); // which has no memory of its own yet
    needs_backward(copy);
    model.backward();
    copy = model;
    needs_backward(copy);

    CHECK_THROWS_MATCHES(model.forward(custom_numbers<float>({6, 4}, 1)), ShapeError,
                         says("forward: the model takes samples of shape (5,), got (4,)"));
    CHECK_THROWS_MATCHES(model.forward(Tensor<float>(Shape{0, 5})), ValueError, says("forward: the data set is empty"));
    forward();
    CHECK_THROWS_MATCHES(model.output(1), ValueError, says("output: there is no output 1, only 1"));
    CHECK_THROWS_MATCHES(model.output_gradient(2), ValueError, says("there is no output 2, only 1"));

    // Other training takes the memory.
    model.compile({.optimizer = SGD{}, .loss = Loss::mean_squared_error});
    forward();
    model.train_on_batch(x, target);
    needs_forward(model);
    forward();
    model.compute_gradients(Data<float>(x, target));
    needs_forward(model);
    forward();
    auto broken = x;
    broken[8] = std::numeric_limits<float>::quiet_NaN();
    CHECK_THROWS_AS(model.forward(broken), NumericError);
    needs_forward(model);

    // Another layer makes it another network.
    auto longer = dense_network<float>();
    longer.forward(x);
    longer.add(Dense{2});
    needs_forward(longer);
    longer.forward(x);
    CHECK(longer.output().shape() == Shape{6, 2});
    CHECK_THROWS_AS(Sequential<float>{}.forward(x), StateError);
}

TEST_CASE("custom training: a gradient that is not finite is refused, and the next step is as if it had not been") {
    const auto x = custom_numbers<float>({20, 5}, 1);
    const auto target = custom_numbers<float>({20, 3}, 2);
    auto model = dense_network<float>();
    model.compile({.optimizer = SGD{}});
    auto other = model;
    model.forward(x);
    custom_squared_error(model, target);
    model.output_gradient()[17] = std::numeric_limits<float>::infinity();
    CHECK_THROWS_MATCHES(model.backward(), NumericError, says("the gradient of dense"));
    CHECK_THROWS_MATCHES(model.apply_gradients(), StateError, says("call backward() first"));
    CHECK(model.weights_hash() == other.weights_hash());
    for (auto* const one : {&model, &other}) {
        one->forward(x);
        custom_squared_error(*one, target);
        one->backward();
        one->apply_gradients();
    }
    CHECK(model.weights_hash() == other.weights_hash());
    CHECK(model.iteration() == 1);
}

TEST_CASE("custom training: frozen layers stay") {
    const auto x = custom_numbers<float>({20, 5}, 1);
    const auto target = custom_numbers<float>({20, 3}, 2);
    auto model = dense_network<float>();
    model.compile({.optimizer = Adam{}});
    model.layer("dense_1").trainable = false;
    const auto before = model.get_weights();
    model.forward(x);
    custom_squared_error(model, target);
    model.backward();
    model.apply_gradients();
    for (const std::size_t i : {0U, 1U, 4U, 5U}) CHECK_FALSE(model.get_weights()[i] == before[i]);
    for (const std::size_t i : {2U, 3U}) CHECK(model.get_weights()[i] == before[i]);
}
