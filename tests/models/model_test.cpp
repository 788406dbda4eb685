#include <cmath>
#include <limits>

#include <fovea/schedules/all.hpp>

#include "models/networks.hpp"
#include "support/hash.hpp"

#include "catch.hpp"

using namespace fovea;

namespace {

Tensor<float> rows(const Tensor<float>& all, Index first, Index last) { return Tensor<float>(all.slice(first, last)); }

std::vector<std::uint8_t> bytes_of(const Tensor<float>& values) {
    const auto* const first = reinterpret_cast<const std::uint8_t*>(values.data());
    return {first, first + values.size() * Index{sizeof(float)}};
}

Tensor<float> copy_of(const Model<float>& model, const std::string& name) {
    return Tensor<float>(model.parameter(name));
}

} // namespace

TEST_CASE("predict: the bits do not depend on batch_size, threads or the samples beside") {
    const Dataset set = networks::images(21);
    for (const bool normalized : {false, true}) {
        const auto model = normalized ? networks::normalized() : networks::small();
        const Tensor<float> reference = model.predict(set.images);
        REQUIRE(reference.shape() == Shape{21, 3});
        for (const Index batch : {1, 2, 7, 20, 21, 1000})
            CHECK(model.predict(set.images, {.batch_size = batch}) == reference);
        CHECK(model.predict(set) == reference); // labels are no matter
        for (const int threads : {1, 2, 7}) {
            const networks::Threads guard(threads);
            CHECK(model.predict(set.images) == reference);
        }
        for (const Index i : {0, 13, 20}) CHECK(model.predict(set.images.slice(i, i + 1)) == rows(reference, i, i + 1));
    }
}

TEST_CASE("predict: an empty set gives no outputs, callbacks see batches") {
    const auto model = networks::small();
    CHECK(model.predict(Tensor<float>(Shape{0, 6, 6, 1})).shape() == Shape{0, 3});
    struct Counter : Callback<float> {
        std::string calls;
        void on_predict_begin() override { calls += "begin "; }
        void on_predict_batch_begin(Index batch) override { calls += std::to_string(batch); }
        void on_predict_batch_end(Index batch) override { calls += text("-", batch, ' '); }
        void on_predict_end() override { calls += "end"; }
    } counter;
    const Dataset set = networks::images(5);
    CHECK(model.predict(set.images, {.batch_size = 3, .callbacks = {&counter}}) == model.predict(set.images));
    CHECK(counter.calls == "begin 0-0 1-1 end"); // Keras's order
}

TEST_CASE("predict: float, double and byte images mean the same numbers") {
    const auto model = networks::small();
    const Dataset set = networks::images(5);
    const Tensor<double> wide = set.images.map([](std::uint8_t byte) { return static_cast<double>(byte) / 255; });
    const Tensor<float> narrow = set.images.map([](std::uint8_t byte) { return static_cast<float>(byte) / 255.0F; });
    CHECK(model.predict(narrow) == model.predict(set.images));
    CHECK(model.predict(wide) == model.predict(set.images));
}

TEST_CASE("evaluate: the mean over all samples, whatever the batch_size") {
    const Dataset set = networks::images(21);
    auto model = networks::normalized();
    networks::compile(model);
    model.fit(set, {.batch_size = 8, .verbose = 0});
    const Tensor<float> y = model.predict(set.images);
    double expected = 0;
    double right = 0;
    for (Index i = 0; i < 21; ++i) {
        const Index label = set.labels[i];
        expected -= std::log(static_cast<double>(y(i, label))) / 21;
        right += std::max_element(y.row(i).begin(), y.row(i).end()) - y.row(i).begin() == label ? 1 : 0;
    }
    const Evaluation result = model.evaluate(set.images, set.labels, {.verbose = 0});
    // The probabilities are floats, and their sum, by which a loss may divide, is 1 up to a few roundings of 6e-8.
    CHECK(result.loss == Catch::Approx(expected).epsilon(1e-6));
    CHECK(result["loss"] == result.loss);
    CHECK(result["accuracy"] == result.metric);
    for (const Index batch : {Index{1}, Index{2}, Index{7}, Index{21}, std::numeric_limits<Index>::max()}) {
        const auto [loss, accuracy] = model.evaluate(set, {.batch_size = batch, .verbose = 0});
        CHECK(loss == Catch::Approx(result.loss).epsilon(1e-12)); // 21 doubles summed in another order
        CHECK(accuracy == Catch::Approx(right / 21).epsilon(1e-15));
    }
    CHECK(model.test_on_batch(set).at("loss") == Catch::Approx(result.loss).epsilon(1e-12));
}

TEST_CASE("evaluate: sample weights weigh the loss, metrics count every sample, as in Keras") {
    const Dataset set = networks::images(4);
    auto model = networks::small();
    networks::compile(model);
    std::vector<double> losses;
    for (Index i = 0; i < 4; ++i)
        losses.push_back(model.evaluate(set.images.slice(i, i + 1), set.labels.slice(i, i + 1), {.verbose = 0}).loss);
    const Evaluation weighted = model.evaluate(set, {.verbose = 0, .sample_weight = {2, 0, 1, 0.5}});
    CHECK(weighted.loss == Catch::Approx((2 * losses[0] + losses[2] + 0.5 * losses[3]) / 4).epsilon(1e-12));
    CHECK(weighted.metric == model.evaluate(set, {.verbose = 0}).metric);
}

TEST_CASE("evaluate: without a metric the second number is NaN, with several all go by name") {
    const Dataset set = networks::images(6);
    auto model = networks::small();
    model.compile({.optimizer = SGD{}, .loss = Loss::sparse_categorical_crossentropy});
    CHECK(std::isnan(model.evaluate(set, {.verbose = 0}).metric));
    model.compile({.optimizer = SGD{},
                   .loss = Loss::sparse_categorical_crossentropy,
                   .metrics = {SparseTopKCategoricalAccuracy{.k = 3}, Metric::accuracy}});
    const Evaluation result = model.evaluate(set, {.verbose = 0});
    CHECK(result.metric == 1); // every class is among the best three
    CHECK(result["sparse_top_k_categorical_accuracy"] == 1);
    CHECK(result["accuracy"] < 1);
    CHECK(result.logs.begin()->first == "accuracy"); // keys in Keras's alphabetical order
    CHECK(result.logs.size() == 3);
}

TEST_CASE("metrics of several sums or numbers: the same whatever the batches and threads, and what predict gives") {
    const Dataset set = networks::images(45);
    auto model = networks::small();
    const auto compile = [&] {
        model.compile({.optimizer = SGD{.learning_rate = 0},
                       .loss = Loss::sparse_categorical_crossentropy,
                       .metrics = {F1Score{}, AUC{}, Metric::accuracy, Precision{.thresholds = {0.3, 0.4}},
                                   MeanIoU{.num_classes = 3}}});
    };
    compile();
    const Evaluation expected = model.evaluate(set, {.verbose = 0});
    CHECK(expected.logs.size() == 9);
    CHECK(expected.metric == expected["f1_score_0"]); // the first number of the first metric
    std::string keys;
    for (const auto& [key, value] : expected.logs) keys += key + ' ';
    CHECK(keys == "accuracy auc f1_score_0 f1_score_1 f1_score_2 loss mean_io_u precision_0 precision_1 ");

    // By hand, from the outputs.
    const Tensor<Index> counts = confusion_matrix(set.labels, model.predict(set.images));
    double right = 0;
    for (Index c = 0; c < 3; ++c) right += static_cast<double>(counts(c, c));
    CHECK(expected["accuracy"] == Catch::Approx(right / 45));
    const double row = static_cast<double>(counts(1, 0) + counts(1, 1) + counts(1, 2));
    const double column = static_cast<double>(counts(0, 1) + counts(1, 1) + counts(2, 1));
    CHECK(expected["f1_score_1"] ==
          Catch::Approx(2 * static_cast<double>(counts(1, 1)) / (row + column)).epsilon(1e-6).margin(1e-12));

    const auto same = [&](const Logs& logs) {
        for (const auto& [key, value] : expected.logs)
            if (key != "loss") CHECK(logs.at(key) == value);
    };
    for (const Index batch_size : {1, 7, 64}) {
        same(model.evaluate(set, {.batch_size = batch_size, .verbose = 0}).logs);
        compile();
        const History history = model.fit(set, {.epochs = 1, .batch_size = batch_size, .verbose = 0}); // learns nothing
        for (const auto& [key, value] : expected.logs)
            if (key != "loss") CHECK(history[key].at(0) == value);
    }
    const networks::Threads threads(3);
    same(model.evaluate(set, {.verbose = 0}).logs);
    same(model.train_on_batch(set));
}

TEST_CASE("evaluate: a metric of very many sums") {
    const Dataset set = networks::images(45);
    auto model = networks::small();
    const AUC metric{.num_thresholds = 1 << 18};
    model.compile({.optimizer = SGD{}, .loss = Loss::sparse_categorical_crossentropy, .metrics = {metric}});
    const Tensor<float> y = model.predict(set.images);
    std::vector<double> sums(static_cast<std::size_t>(metric.sums()));
    metric.add(y.view(), Targets<float>{.labels = set.labels, .values = {}}, sums);
    CHECK(model.evaluate(set, {.verbose = 0}).metric == metric.result(sums, 45));
}

TEST_CASE("a loss may take labels that are no classes") {
    Sequential<double> model{Input{2}, Dense{.units = 2}};
    model.compile({.optimizer = SGD{}, .loss = ContrastiveNTXent{}});
    const Tensor<double> x{{1, 0}, {0.5, 1}, {1, 0.25}, {0, 1}};
    const Tensor<std::int32_t> labels{70, -4, 70, -4};
    const Tensor<double> y = model.predict(x);
    const Targets<double> targets{.labels = labels, .values = {}};
    CHECK(
        model.evaluate(x, labels, {.verbose = 0}).loss ==
        Catch::Approx(
            ContrastiveNTXent{}.evaluate(LossInput<double>{.y = y, .targets = targets, .weights = {}, .dy = {}}) / 4));
    networks::compile<double>(model);
    CHECK_THROWS_AS(model.evaluate(x, labels, {.verbose = 0}), ValueError);
}

TEST_CASE("train_on_batch: one step, and the loss before it") {
    const Dataset set = networks::images(10);
    auto model = networks::small();
    networks::compile(model);
    const double before = model.evaluate(set, {.verbose = 0}).loss;
    const std::uint64_t hash = model.weights_hash();
    const Logs logs = model.train_on_batch(set);
    CHECK(logs.at("loss") ==
          Catch::Approx(before).epsilon(1e-6)); // in training the loss is that of the softmax and cross-entropy pair
    CHECK(logs.contains("accuracy"));
    CHECK(model.iteration() == 1);
    CHECK(model.weights_hash() != hash);
    const std::uint64_t stepped = model.weights_hash();
    model.test_on_batch(set);
    CHECK(model.iteration() == 1);
    CHECK(model.weights_hash() == stepped);
}

TEST_CASE("compute_gradients: as SGD steps along") {
    const Dataset set = networks::images(10);
    auto model = networks::small<double>();
    networks::compile<double>(model, SGD{.learning_rate = 0.5});
    const auto gradients = model.compute_gradients(set);
    CHECK(model.iteration() == 0);
    const std::vector<double> before(model.network().values().begin(), model.network().values().end());
    CHECK(model.train_on_batch(set).at("loss") == gradients.loss);
    for (std::size_t i = 0; i < before.size(); ++i)
        CHECK(model.network().values()[i] ==
              Catch::Approx(before[i] - 0.5 * gradients.values[static_cast<Index>(i)]).epsilon(1e-14));
}

TEST_CASE("compile: the optimizer starts anew, weights stay") {
    const Dataset set = networks::images(10);
    auto model = networks::small();
    networks::compile(model);
    for (int i = 0; i < 3; ++i) model.train_on_batch(set);
    auto fresh = networks::small();
    fresh.set_weights(model.get_weights());
    networks::compile(fresh);
    auto carried_on = model;
    const std::uint64_t hash = model.weights_hash();
    networks::compile(model);
    CHECK(model.weights_hash() == hash);
    CHECK(model.iteration() == 0);
    model.train_on_batch(set);
    fresh.train_on_batch(set);
    carried_on.train_on_batch(set);
    CHECK(model.weights_hash() == fresh.weights_hash());
    CHECK(model.weights_hash() != carried_on.weights_hash());
}

TEST_CASE("compile: another optimizer takes over") {
    const Dataset set = networks::images(10);
    auto model = networks::small();
    networks::compile(model, SGD{.learning_rate = 0.5});
    model.train_on_batch(set);
    networks::compile(model, SGD{.learning_rate = 0});
    const std::uint64_t hash = model.weights_hash();
    model.train_on_batch(set);
    CHECK(model.weights_hash() == hash);
}

TEST_CASE("learning_rate: from the optimizer until it is set") {
    const Dataset set = networks::images(10);
    auto model = networks::small();
    networks::compile(model, SGD{.learning_rate = 0.25});
    CHECK(model.learning_rate() == 0.25);
    model.set_learning_rate(0);
    const std::uint64_t hash = model.weights_hash();
    model.train_on_batch(set);
    CHECK(model.weights_hash() == hash);
    model.set_learning_rate(0.5);
    model.train_on_batch(set);
    CHECK(model.weights_hash() != hash);
    networks::compile(model, SGD{.learning_rate = 0.125});
    CHECK(model.learning_rate() == 0.125);
}

TEST_CASE("learning_rate: a schedule is asked in every step") {
    const Dataset set = networks::images(10);
    auto model = networks::small();
    const PiecewiseConstantDecay schedule{.boundaries = {0, 1}, .values = {0.5, 0, 0.25}};
    networks::compile(model, SGD{.learning_rate = schedule});
    auto by_hand = networks::small();
    networks::compile(by_hand, SGD{});
    for (const double rate : {0.5, 0.0, 0.25, 0.25}) {
        CHECK(model.learning_rate() == rate);
        model.train_on_batch(set);
        by_hand.set_learning_rate(rate);
        by_hand.train_on_batch(set);
        CHECK(model.weights_hash() == by_hand.weights_hash());
    }
    const PiecewiseConstantDecay bad{.boundaries = {0}, .values = {0.5}};
    CHECK_THROWS_AS(networks::compile(model, SGD{.learning_rate = bad}), ValueError);
    CHECK(model.learning_rate() == 0.25);
    networks::compile(model, Adam{.learning_rate = CosineDecay{.initial_learning_rate = 0.01, .decay_steps = 10}});
    CHECK(model.learning_rate() == 0.01);
}

TEST_CASE("set_learning_rate: not where a schedule sets it, as in Keras") {
    auto model = networks::small();
    networks::compile(model, Adam{.learning_rate = InverseTimeDecay{0.5, 10, 1}});
    CHECK_THROWS_AS(model.set_learning_rate(0.1), StateError);
    CHECK_THROWS_WITH(model.set_learning_rate(0.1),
                      "set_learning_rate: Adam was given a schedule, which sets the learning rate in every step");
    CHECK(model.learning_rate() == 0.5);
}

TEST_CASE("use_ema: fit ends with the averages of the weights, and goes on from them") {
    const Dataset set = networks::images(10);
    const FitOptions<double> whole{.epochs = 3, .batch_size = 10, .shuffle = false, .verbose = 0};
    const SGD sgd{.learning_rate = 0.5, .use_ema = true, .ema_momentum = 0.75};
    auto model = networks::small<double>(), plain = networks::small<double>(), stepped = networks::small<double>();
    networks::compile<double>(model, sgd);
    networks::compile<double>(stepped, sgd);
    networks::compile<double>(plain, SGD{.learning_rate = 0.5});
    std::vector<double> average;
    for (int i = 0; i < 3; ++i) {
        plain.train_on_batch(set);
        stepped.train_on_batch(set);
        const auto w = std::as_const(plain).network().values();
        if (average.empty()) average.assign(w.begin(), w.end());
        for (std::size_t k = 0; k < w.size(); ++k) average[k] = 0.75 * average[k] + 0.25 * w[k];
    }
    CHECK(stepped.weights_hash() == plain.weights_hash()); // until it is finalized
    model.fit(set, whole);
    for (std::size_t k = 0; k < average.size(); ++k)
        CHECK(std::as_const(model).network().values()[k] == Catch::Approx(average[k]).epsilon(1e-13));
    stepped.finalize_variable_values();
    CHECK(stepped.weights_hash() == model.weights_hash());
    model.fit(set, whole);
    for (int i = 0; i < 3; ++i) stepped.train_on_batch(set);
    stepped.finalize_variable_values();
    CHECK(stepped.weights_hash() == model.weights_hash());
}

TEST_CASE("finalize_variable_values: nothing without averages") {
    auto model = networks::small();
    const std::uint64_t hash = model.weights_hash();
    model.finalize_variable_values();
    networks::compile(model, SGD{.use_ema = true});
    model.finalize_variable_values(); // no step yet
    CHECK(model.weights_hash() == hash);
    networks::compile(model, SGD{});
    model.train_on_batch(networks::images(10));
    const std::uint64_t trained = model.weights_hash();
    model.finalize_variable_values();
    CHECK(model.weights_hash() == trained);
}

TEST_CASE("gradient_accumulation_steps: several batches make the step of one") {
    const Dataset set = networks::images(12);
    auto parts = networks::small<double>(), whole = networks::small<double>();
    networks::compile<double>(parts, Adam{.learning_rate = 0.1, .gradient_accumulation_steps = 3});
    networks::compile<double>(whole, Adam{.learning_rate = 0.1});
    const FitOptions<double> options{.epochs = 2, .batch_size = 4, .shuffle = false, .verbose = 0};
    parts.fit(set, options);
    CHECK(parts.iteration() == 6);
    for (int i = 0; i < 2; ++i) whole.train_on_batch(set);
    for (std::size_t k = 0; k < whole.network().values().size(); ++k)
        CHECK(parts.network().values()[k] == Catch::Approx(whole.network().values()[k]).epsilon(1e-9).margin(1e-12));
    const std::uint64_t hash = parts.weights_hash();
    parts.fit(set, {.batch_size = 6, .verbose = 0}); // two batches of three
    CHECK(parts.weights_hash() == hash);
}

TEST_CASE("Muon: trains, and freezing works as ever") {
    const Dataset set = networks::images(30);
    auto model = networks::small();
    networks::compile(model, Muon{.learning_rate = 0.1, .convolutions = true});
    const double before = model.evaluate(set, {.verbose = 0}).loss;
    model.fit(set, {.epochs = 10, .batch_size = 10, .verbose = 0});
    CHECK(model.evaluate(set, {.verbose = 0}).loss < before / 2);
    model.layer("conv2d").trainable = false;
    const Tensor<float> kernel(std::as_const(model).parameter("conv2d/kernel"));
    const Tensor<float> dense(std::as_const(model).parameter("dense/kernel"));
    model.train_on_batch(set);
    CHECK(Tensor<float>(std::as_const(model).parameter("conv2d/kernel")) == kernel);
    CHECK_FALSE(Tensor<float>(std::as_const(model).parameter("dense/kernel")) == dense);
}

TEST_CASE("get_weights and set_weights: all parameters, layer by layer, moving averages too") {
    auto model = networks::normalized();
    const auto weights = model.get_weights();
    REQUIRE(weights.size() == 13);
    CHECK(weights[0].shape() == Shape{3, 3, 1, 4});
    for (const std::size_t i : {1U, 2U, 3U, 4U})
        CHECK(weights[i].shape() == Shape{4}); // gamma, beta, moving_mean, moving_variance
    CHECK(weights[1] == Tensor<float>(Shape{4}, 1));
    CHECK(weights[3] == Tensor<float>(Shape{4}, 0));
    CHECK(weights[5].shape() == Shape{2, 2, 4, 5});
    CHECK(weights[11].shape() == Shape{45, 3});

    auto other = networks::normalized();
    other.parameter("dense/bias")[1] = 5;
    CHECK(other.weights_hash() != model.weights_hash());
    CHECK(other.get_weights()[12] == Tensor<float>{0, 5, 0});
    other.set_weights(weights);
    CHECK(other.weights_hash() == model.weights_hash());
}

TEST_CASE("weights_hash: FNV-1a over the bytes") {
    auto model = networks::small();
    std::vector<std::uint8_t> bytes;
    for (const Tensor<float>& weights : model.get_weights()) {
        const auto part = bytes_of(weights);
        bytes.insert(bytes.end(), part.begin(), part.end());
    }
    CHECK(model.weights_hash() == fnv1a(bytes));
    const std::uint64_t before = model.weights_hash();
    model.parameter("dense/bias")[2] = -0.0F; // equal as a number, not in its bits
    CHECK(model.weights_hash() != before);
}

TEST_CASE("freezing: the layer's weights keep their bits, the others move, without compiling again") {
    const Dataset set = networks::images(20);
    auto model = networks::small();
    networks::compile(model, AdamW{.learning_rate = 0.01}); // weight decay would show as well
    model.fit(set, {.batch_size = 8, .verbose = 0});
    model.layer("conv2d").trainable = false;
    const Tensor<float> kernel = copy_of(model, "conv2d/kernel");
    const Tensor<float> bias = copy_of(model, "conv2d/bias");
    const Tensor<float> dense = copy_of(model, "dense/kernel");
    model.fit(set, {.epochs = 2, .batch_size = 8, .verbose = 0});
    CHECK((bytes_of(copy_of(model, "conv2d/kernel")) == bytes_of(kernel)));
    CHECK((bytes_of(copy_of(model, "conv2d/bias")) == bytes_of(bias)));
    CHECK_FALSE(copy_of(model, "dense/kernel") == dense);

    model.layer("conv2d").trainable = true; // and thawed again
    model.layer("dense").trainable = false;
    const Tensor<float> thawed = copy_of(model, "dense/kernel");
    model.fit(set, {.batch_size = 8, .verbose = 0});
    CHECK_FALSE(copy_of(model, "conv2d/kernel") == kernel);
    CHECK(copy_of(model, "dense/kernel") == thawed);
}

TEST_CASE("freezing: a layer above one that is trained lets gradients through") {
    const Dataset set = networks::images(20);
    auto free = networks::small();
    auto frozen = networks::small();
    frozen.layer("dense").trainable = false;
    networks::compile(free, SGD{});
    networks::compile(frozen, SGD{});
    free.train_on_batch(set);
    frozen.train_on_batch(set);
    CHECK(copy_of(frozen, "conv2d/kernel") == copy_of(free, "conv2d/kernel")); // the first step sees the same gradient
    CHECK_FALSE(copy_of(frozen, "dense/kernel") == copy_of(free, "dense/kernel"));
}

TEST_CASE("freezing: a frozen BatchNormalization uses its moving averages and keeps them, as in Keras") {
    const Dataset set = networks::images(20);
    auto model = networks::normalized();
    networks::compile(model, SGD{});
    model.fit(set, {.epochs = 3, .batch_size = 8, .verbose = 0});
    for (const char* name : {"batch_normalization", "batch_normalization_1"}) model.layer(name).trainable = false;
    const auto before = model.get_weights();
    const Logs logs = model.train_on_batch(set);
    const auto after = model.get_weights();
    for (const std::size_t i : {1U, 2U, 3U, 4U, 7U, 8U, 9U, 10U}) CHECK(after[i] == before[i]);
    CHECK_FALSE(after[0] == before[0]);
    CHECK(logs.contains("loss"));

    // Without dropout, whose training differs from inference, the training loss is then that of evaluate.
    using enum Activation;
    Sequential<double> plain{Input{6, 6, 1}, Conv2D{3, 3}, BatchNormalization{}, Flatten{}, Dense{3, softmax}};
    plain.compile({.optimizer = SGD{}, .loss = Loss::sparse_categorical_crossentropy});
    plain.fit(set, {.batch_size = 8, .verbose = 0});
    const double inference = plain.evaluate(set, {.verbose = 0}).loss;
    CHECK(plain.compute_gradients(set).loss != Catch::Approx(inference).epsilon(1e-3));
    const Tensor<double> moved(plain.parameter("batch_normalization/moving_mean"));
    plain.layer("batch_normalization").trainable = false;
    CHECK(plain.compute_gradients(set).loss == Catch::Approx(plain.evaluate(set, {.verbose = 0}).loss).epsilon(1e-12));
    CHECK(Tensor<double>(plain.parameter("batch_normalization/moving_mean")) == moved);
}

TEST_CASE("freezing: BatchNormalization without gamma and beta still follows its batches") {
    const Dataset set = networks::images(20);
    Sequential<float> model{Input{6, 6, 1}, BatchNormalization{.center = false, .scale = false}, Flatten{},
                            Dense{3, Activation::softmax}};
    networks::compile(model);
    model.train_on_batch(set);
    CHECK_FALSE(copy_of(model, "batch_normalization/moving_mean") == Tensor<float>{0});
}

TEST_CASE("moving averages: momentum of the old and the rest of the batch's mean and variance") {
    Sequential<double> model{Input{2}, BatchNormalization{.momentum = 0.75}, Dense{3, Activation::softmax}};
    model.compile({.optimizer = SGD{}, .loss = Loss::sparse_categorical_crossentropy});
    const Tensor<double> x{{1, 10}, {3, 10}, {5, 40}};
    model.train_on_batch(x, std::vector<std::int32_t>{0, 1, 2});
    const auto close = [](double value) { return Catch::Approx(value).epsilon(1e-14); };
    CHECK(model.parameter("batch_normalization/moving_mean")[0] == close(0.25 * 3));
    CHECK(model.parameter("batch_normalization/moving_mean")[1] == close(0.25 * 20));
    CHECK(model.parameter("batch_normalization/moving_variance")[0] == close(0.75 + 0.25 * 8 / 3));
    CHECK(model.parameter("batch_normalization/moving_variance")[1] == close(0.75 + 0.25 * 200));
}

TEST_CASE("freezing: all layers, and a model without parameters") {
    const Dataset set = networks::images(20);
    auto model = networks::small();
    for (const char* name : {"conv2d", "dense"}) model.layer(name).trainable = false;
    networks::compile(model);
    const std::uint64_t hash = model.weights_hash();
    CHECK(model.fit(set, {.batch_size = 8, .verbose = 0})["loss"][0] > 0);
    CHECK(model.weights_hash() == hash);

    Sequential<float> bare{Input{3}, ActivationLayer{Activation::softmax}};
    networks::compile(bare);
    CHECK(bare.count_params() == 0);
    const Tensor<float> x{{1, 2, 3}, {3, 2, 1}};
    CHECK(bare.fit(x, std::vector<std::int32_t>{2, 0}, {.epochs = 2, .verbose = 0})["accuracy"] ==
          std::vector<double>{1, 1});
}

TEST_CASE("NaN: a loss that is no longer finite stops fit, with the weights from before the step") {
    const Dataset set = networks::images(20);
    auto model = networks::normalized();
    networks::compile(model, SGD{.learning_rate = 1e30});
    // The first step is taken, and throws the weights so far off that the second one's outputs are no longer finite.
    struct Hash : Callback<float> {
        std::uint64_t last = 0;
        void on_train_batch_end(Index, const Logs&) override { last = model().weights_hash(); }
    } hash;
    const auto fit = [&] { model.fit(set, {.epochs = 5, .batch_size = 20, .verbose = 0, .callbacks = {&hash}}); };
    CHECK_THROWS_MATCHES(fit(), NumericError, says("the first output that is not finite is that of layer \""));
    CHECK(model.iteration() >= 1);
    CHECK(model.weights_hash() == hash.last);
    const std::uint64_t before = model.weights_hash();
    CHECK_THROWS_AS(model.train_on_batch(set), NumericError);
    CHECK_THROWS_AS(model.compute_gradients(set), NumericError);
    CHECK(model.weights_hash() == before);
}

TEST_CASE("labels at every position of a map") {
    Sequential<float> model{Input{6, 6, 1}, Conv2D{3, 1, Activation::softmax}};
    networks::compile(model, Adam{.learning_rate = 0.1});
    const Dataset set = networks::images(12);
    const Tensor<std::int32_t> labels =
        set.images.map([](std::uint8_t byte) { return std::int32_t{byte > 125 ? 1 : 0}; });
    const auto history =
        model.fit(set.images, labels.reshape({12, 6, 6}), {.epochs = 60, .batch_size = 4, .verbose = 0});
    CHECK(history["accuracy"].back() > 0.95);
    CHECK(model.predict(set.images).shape() == Shape{12, 6, 6, 3});
}

TEST_CASE("predict: sees every change of the parameters, whoever makes it and when") {
    const Dataset set = networks::images(5);
    auto model = networks::normalized();
    networks::compile(model);
    // What a model predicts that never had other parameters.
    const auto expected = [&] {
        auto fresh = networks::normalized();
        fresh.set_fuses(model.fuses());
        fresh.set_weights(model.get_weights());
        return fresh.predict(set.images);
    };
    Tensor<float> before = model.predict(set.images);
    const auto follows = [&] {
        const Tensor<float> now = model.predict(set.images);
        const bool changed = !(now == before);
        before = now;
        return changed && now == expected();
    };
    model.train_on_batch(set);
    CHECK(follows());
    auto weights = model.get_weights();
    for (float& value : weights[0]) value += 0.5F;
    model.set_weights(weights);
    CHECK(follows());
    const View<float> kernel = model.parameter("conv2d/kernel");
    for (float& value : kernel) value += 0.25F;
    CHECK(follows());
    kernel[3] += 0.5F; // through a view from before the last predict
    CHECK(follows());
    model.train_on_batch(set); // which asks for all values itself
    CHECK(follows());
    kernel[3] -= 0.5F;
    CHECK(follows());
    model.set_fuses(false);
    model.predict(set.images);
    kernel[3] += 0.5F;
    CHECK(follows());
}

TEST_CASE("training: sees parameters that were changed through a view") {
    const Dataset set = networks::images(9);
    auto model = networks::small();
    networks::compile(model, SGD{});
    model.train_on_batch(set);
    const View<float> kernel = model.parameter("conv2d/kernel");
    model.train_on_batch(set);
    for (float& value : kernel) value = -value;
    auto fresh = networks::small();
    networks::compile(fresh, SGD{});
    fresh.set_weights(model.get_weights());
    const auto a = model.compute_gradients(set);
    const auto b = fresh.compute_gradients(set);
    CHECK(a.loss == b.loss);
    CHECK(a.values == b.values);
}
