#include <limits>

#include <fovea/data/synthetic_digits.hpp>

#include "models/networks.hpp"

#include "catch.hpp"

// What users get wrong with a model: nothing is accepted silently, every message says what was expected and what came, and a
// call that failed leaves the weights as they were. (Damaged files are in tests/data.)

using namespace fovea;

namespace {

const float nan_value = std::numeric_limits<float>::quiet_NaN();
const double nan_number = std::numeric_limits<double>::quiet_NaN();
const double infinity = std::numeric_limits<double>::infinity();

/// `call` throws E with all the parts in its message, and leaves the model as it was.
template <class E, class F>
void refused(const Model<float>& model, F&& call, std::initializer_list<const char*> parts) {
    const std::uint64_t weights = model.weights_hash();
    const Index iteration = model.iteration();
    for (const char* part : parts) CHECK_THROWS_MATCHES(call(), E, says(part));
    CHECK(model.weights_hash() == weights);
    CHECK(model.iteration() == iteration);
}

Sequential<float> compiled(Sequential<float> model = networks::small()) {
    networks::compile(model);
    return model;
}

/// fit, evaluate and train_on_batch refuse the data alike.
template <class E>
void refused_by_all(const Data<float>& data, std::initializer_list<const char*> parts,
                    Sequential<float> model = compiled()) {
    refused<E>(
        model, [&] { model.fit(data, {.verbose = 0}); }, parts);
    refused<E>(
        model, [&] { model.evaluate(data, {.verbose = 0}); }, parts);
    refused<E>(
        model, [&] { model.train_on_batch(data); }, parts);
    refused<E>(
        model, [&] { model.test_on_batch(data); }, parts);
    refused<E>(
        model, [&] { model.compute_gradients(data); }, parts);
}

/// fit with these options, on data that is all right.
template <class E>
void options_refused(const FitOptions<float>& options, std::initializer_list<const char*> parts) {
    auto model = compiled();
    const Dataset set = networks::images(10);
    refused<E>(
        model, [&] { model.fit(set, options); }, parts);
}

const CompileOptions<float> classification{
    .optimizer = Adam{}, .loss = Loss::sparse_categorical_crossentropy, .metrics = {Metric::accuracy}};

} // namespace

// --- Models --------------------------------------------------------------------------------------------------------------

TEST_CASE("bad input: a model without Input") {
    CHECK_THROWS_MATCHES((Sequential<float>{Flatten{}, Dense{10}}), StateError,
                         says("the first item of a model must be Input{...}, got Flatten"));
    Sequential<float> model;
    CHECK_THROWS_MATCHES(model.add(Dense{10}), StateError, says("got Dense"));
    CHECK_THROWS_MATCHES(model.compile(classification), StateError, says("compile: the model has no Input"));
    CHECK_THROWS_MATCHES(model.predict(Tensor<float>(Shape{1, 4})), StateError,
                         says("predict: the model has no Input"));
}

TEST_CASE("bad input: a model without layers") {
    Sequential<float> model{Input{4}};
    const Tensor<float> x(Shape{2, 4});
    CHECK_THROWS_MATCHES(model.compile(classification), StateError, says("compile: the model has no layers"));
    CHECK_THROWS_MATCHES(model.predict(x), StateError, says("predict: the model has no layers"));
    CHECK_THROWS_AS(model.fit(x, std::vector<std::int32_t>{0, 1}), StateError);
}

TEST_CASE("bad input: a second Input") {
    CHECK_THROWS_MATCHES((Sequential<float>{Input{4}, Input{5}, Dense{3}}), StateError,
                         says("has its input already: (4,), got a second one: (5,)"));
    CHECK_THROWS_MATCHES((Sequential<float>{Input{4}, Dense{3}, Input{3}}), StateError, says("got a second one: (3,)"));
}

TEST_CASE("bad input: an Input of nothing") {
    CHECK_THROWS_MATCHES((Input{28, 0, 1}), ShapeError, says("Input: extents must be positive, got (28, 0, 1)"));
    CHECK_THROWS_MATCHES((Input{-28, 28, 1}), ShapeError, says("got (-28, 28, 1)"));
}

TEST_CASE("bad input: a layer that does not fit leaves the model as it was") {
    auto model = networks::small();
    refused<ShapeError>(model,
                        [&] {
                            model.add(Conv2D{8, 3});
                        },
                        {"Conv2D: expected an input of 3 axes (height, width, channels), got (3,)"});
    refused<ValueError>(model, [&] { model.add(Dense{0}); }, {"Dense: units must be at least 1, got 0"});
    CHECK(model.network().layers().size() == 4);
    CHECK(model.count_params() == 40 + 16 * 3 + 3);
}

TEST_CASE("bad input: a kernel that does not fit") {
    CHECK_THROWS_MATCHES((Sequential<float>{Input{3, 3, 8}, Conv2D{4, {5, 5}}}), ShapeError,
                         says("Conv2D: kernel (5, 5) does not fit input (3, 3, 8) with padding=valid"));
    CHECK_THROWS_MATCHES((Sequential<float>{Input{3, 3, 8}, MaxPooling2D{{4, 2}}}), ShapeError,
                         says("MaxPooling2D: pool (4, 2) does not fit input (3, 3, 8)"));
}

TEST_CASE("bad input: zero and negative sizes") {
    const Input images{8, 8, 4};
    CHECK_THROWS_MATCHES((Sequential<float>{images, Conv2D{0, 3}}), ValueError,
                         says("Conv2D: filters must be at least 1, got 0"));
    CHECK_THROWS_MATCHES((Sequential<float>{images, Conv2D{-2, 3}}), ValueError, says("got -2"));
    CHECK_THROWS_MATCHES((Sequential<float>{images, Conv2D{2, {0, 3}}}), ValueError, says("Conv2D: kernel_size"));
    CHECK_THROWS_MATCHES((Sequential<float>{images, Conv2D{2, {0, 3}}}), ValueError, says("got (0, 3)"));
    CHECK_THROWS_MATCHES((Sequential<float>{images, Conv2D{2, {3, -3}}}), ValueError, says("got (3, -3)"));
    CHECK_THROWS_MATCHES((Sequential<float>{images, Conv2D{.filters = 2, .kernel_size = 3, .strides = 0}}), ValueError,
                         says("Conv2D: strides"));
    CHECK_THROWS_MATCHES((Sequential<float>{images, Conv2D{.filters = 2, .kernel_size = 3, .strides = {1, -1}}}),
                         ValueError, says("got (1, -1)"));
    CHECK_THROWS_MATCHES((Sequential<float>{images, Conv2D{.filters = 2, .kernel_size = 3, .dilation_rate = 0}}),
                         ValueError, says("Conv2D: dilation_rate"));
    CHECK_THROWS_MATCHES((Sequential<float>{images, Conv2D{.filters = 2, .kernel_size = 3, .groups = -1}}), ValueError,
                         says("Conv2D: groups must be at least 1, got -1"));
    CHECK_THROWS_MATCHES((Sequential<float>{images, MaxPooling2D{0}}), ValueError, says("MaxPooling2D: pool_size"));
    CHECK_THROWS_MATCHES((Sequential<float>{images, Dense{0}}), ValueError,
                         says("Dense: units must be at least 1, got 0"));
    CHECK_THROWS_MATCHES((Sequential<float>{images, Dense{-64}}), ValueError, says("got -64"));
    CHECK_THROWS_MATCHES((Sequential<float>{images, Dropout{1}}), ValueError,
                         says("Dropout: rate must be at least 0 and below 1, got 1"));
}

TEST_CASE("bad input: groups that do not divide") {
    CHECK_THROWS_MATCHES((Sequential<float>{Input{8, 8, 4}, Conv2D{.filters = 6, .kernel_size = 3, .groups = 3}}),
                         ValueError, says("Conv2D: groups=3 does not divide the 4 channels"));
    CHECK_THROWS_MATCHES((Sequential<float>{Input{8, 8, 4}, Conv2D{.filters = 6, .kernel_size = 3, .groups = 4}}),
                         ValueError, says("Conv2D: groups=4 does not divide filters=6"));
}

TEST_CASE("bad input: two layers of one name") {
    CHECK_THROWS_MATCHES((Sequential<float>{Input{4}, Dense{.units = 4, .name = "a"}, Dense{.units = 4, .name = "a"}}),
                         ValueError, says("Dense: the name \"a\" is taken by another layer"));
}

TEST_CASE("bad input: unknown names") {
    auto model = networks::small();
    refused<ValueError>(model, [&] { model.layer("conv"); },
                        {"no layer \"conv\"", "it has conv2d, max_pooling2d, flatten, dense"});
    refused<ValueError>(model, [&] { model.parameter("dense"); },
                        {"no parameter \"dense\"", "conv2d/kernel, conv2d/bias, dense/kernel, dense/bias"});
    CHECK_THROWS_MATCHES(activation_from_name("rleu"), ValueError,
                         says("Activation: unknown name \"rleu\"; known are linear, relu"));
    CHECK_THROWS_MATCHES(Initializer::from_name("xavier"), ValueError,
                         says("Initializer: unknown name \"xavier\"; known are zeros"));
    CHECK_THROWS_MATCHES(padding_from_name("full"), ValueError,
                         says("Padding: unknown name \"full\"; known are valid, same"));
    CHECK_THROWS_MATCHES(loss_from_name<float>("hinge"), ValueError,
                         says("Loss: unknown name \"hinge\"; known are sparse_categorical_crossentropy"));
    CHECK_THROWS_MATCHES(optimizer_from_name<float>("ftrl"), ValueError,
                         says("Optimizer: unknown name \"ftrl\"; known are sgd, rmsprop, adam, adamw, nadam, adagrad, "
                              "adadelta, lion, muon"));
    CHECK_THROWS_MATCHES(metric_from_name<float>("hinge"), ValueError,
                         says("unknown name \"hinge\"; known are accuracy"));
}

// --- compile -------------------------------------------------------------------------------------------------------------

TEST_CASE("bad input: use before compile") {
    auto model = networks::small();
    const Dataset set = networks::images(4);
    refused_by_all<StateError>(set, {"the model has not been compiled; call compile(...) first"}, model);
    refused<StateError>(model, [&] { model.fit(set); }, {"fit: "});
    refused<StateError>(model, [&] { model.evaluate(set); }, {"evaluate: "});
    refused<StateError>(model, [&] { model.train_on_batch(set); }, {"train_on_batch: "});
    CHECK_NOTHROW(model.predict(set));
}

TEST_CASE("bad input: compile without optimizer or loss") {
    auto model = networks::small();
    CHECK_THROWS_MATCHES(model.compile({.optimizer = {}, .loss = Loss::mean_squared_error}), ValueError,
                         says("compile: an optimizer is missing"));
    CHECK_FALSE(model.is_compiled());
    CHECK_THROWS_MATCHES(model.compile({.optimizer = Adam{}, .metrics = {Metric::accuracy}}), ValueError,
                         says("compile: metrics without a loss"));
}

TEST_CASE("bad input: learning rates that are none") {
    auto model = compiled();
    const auto compile = [&](const AnyOptimizer<float>& optimizer) {
        return
            [&, optimizer] { model.compile({.optimizer = optimizer, .loss = Loss::sparse_categorical_crossentropy}); };
    };
    refused<ValueError>(model, compile(Adam{.learning_rate = nan_number}),
                        {"Adam: learning_rate must be a finite number >= 0, got nan"});
    refused<ValueError>(model, compile(SGD{.learning_rate = -0.5}),
                        {"SGD: learning_rate must be a finite number >= 0, got -0.5"});
    refused<ValueError>(model, compile(AdamW{.learning_rate = infinity}), {"AdamW: learning_rate", "got inf"});
    refused<ValueError>(model, [&] { model.set_learning_rate(-1); },
                        {"set_learning_rate: learning_rate must be a finite number >= 0, got -1"});
    refused<ValueError>(model, [&] { model.set_learning_rate(nan_number); }, {"got nan"});
    CHECK(model.learning_rate() == 0.001); // that of the Adam it was compiled with
    CHECK_NOTHROW(model.train_on_batch(networks::images(3)));
}

TEST_CASE("bad input: two ways of clipping at once") {
    auto model = networks::small();
    CHECK_THROWS_MATCHES(
        networks::compile(model, Adam{.clipnorm = 1, .clipvalue = 0.5}), ValueError,
        says("Adam: only one of clipnorm, clipvalue and global_clipnorm can be set, got clipnorm=1 and clipvalue=0.5"));
    CHECK_THROWS_MATCHES(networks::compile(model, SGD{.clipnorm = -1}), ValueError,
                         says("SGD: clipnorm must be a finite number > 0, got -1"));
    CHECK_FALSE(model.is_compiled());
}

// --- Data ----------------------------------------------------------------------------------------------------------------

TEST_CASE("bad input: samples of another shape") {
    const auto labels = std::vector<std::int32_t>{0, 1};
    const Tensor<float> flat(Shape{2, 36});
    const Tensor<float> wide(Shape{2, 6, 7, 1});
    refused_by_all<ShapeError>({flat, labels}, {"the model takes samples of shape (6, 6, 1), got (36,)"});
    refused_by_all<ShapeError>({wide, labels}, {"the model takes samples of shape (6, 6, 1), got (6, 7, 1)"});
    const auto model = networks::small();
    refused<ShapeError>(model, [&] { model.predict(flat); },
                        {"predict: the model takes samples of shape (6, 6, 1), got (36,)"});
    refused<ShapeError>(model, [&] { model.predict(wide); }, {"got (6, 7, 1)"});
}

TEST_CASE("bad input: samples of another shape in validation_data") {
    const Tensor<float> flat(Shape{2, 36});
    const auto labels = std::vector<std::int32_t>{0, 1};
    options_refused<ShapeError>({.validation_data = Data<float>(flat, labels), .verbose = 0},
                                {"fit: validation_data: the model takes samples of shape (6, 6, 1), got (36,)"});
}

TEST_CASE("bad input: data without targets") {
    const Dataset set = networks::images(4);
    refused_by_all<ValueError>(Data<float>(set.images), {"the data has no targets (labels or values)"});
}

TEST_CASE("bad input: an empty data set") {
    refused_by_all<ValueError>(networks::images(0), {"the data set is empty"});
    options_refused<ValueError>(
        {.validation_data = Data<float>(Tensor<float>(Shape{0, 6, 6, 1}), std::vector<std::int32_t>{})},
        {"fit: validation_data: the data set is empty"});
}

TEST_CASE("bad input: images and labels that differ in number") {
    const Tensor<float> images(Shape{60, 6, 6, 1});
    auto model = compiled();
    const std::vector<std::int32_t> labels(59);
    refused<ShapeError>(model, [&] { model.fit(images, labels); }, {"60 images but 59 labels"});
    refused<ShapeError>(model, [&] { model.evaluate(images, labels); }, {"60 images but 59 labels"});
    refused<ShapeError>(model, [&] { model.train_on_batch(images, labels); }, {"60 images but 59 labels"});
    refused<ShapeError>(model, [&] { model.fit(images, Tensor<float>(Shape{61, 3})); }, {"60 images but 61 values"});
}

TEST_CASE("bad input: labels outside of the classes") {
    Dataset set = synthetic_digits(20, 1);
    auto model = networks::article();
    networks::compile(model);
    for (const auto& [label, message] :
         {std::pair<std::int32_t, const char*>{10, "the label 10 of sample 13 is outside 0..9"},
          {200, "the label 200 of sample 13 is outside 0..9"},
          {1000000, "the label 1000000 of sample 13 is outside 0..9"},
          {-1, "the label -1 of sample 13 is outside 0..9"}}) {
        set.labels[13] = label;
        refused_by_all<ValueError>(set, {message, "(the output has the shape (10,))"}, model);
    }
    // Far behind the first thousand, and in the part kept for validation.
    Dataset large = networks::images(3000);
    large.labels[2999] = 3;
    auto small = compiled();
    refused<ValueError>(small, [&] { small.fit(large, {.validation_split = 0.5, .verbose = 0}); },
                        {"fit: the label 3 of sample 2999 is outside 0..2"});
    const Dataset good = networks::images(4);
    Dataset bad = networks::images(4);
    bad.labels[1] = -5;
    refused<ValueError>(small, [&] { small.fit(good, {.validation_data = bad, .verbose = 0}); },
                        {"fit: validation_data: the label -5 of sample 1 is outside 0..2"});
}

TEST_CASE("bad input: labels where the loss needs values, and values where it needs labels") {
    const Dataset set = networks::images(4);
    const Tensor<float> one_hot(Shape{4, 3}, 0.25F);
    refused_by_all<ShapeError>({set.images, one_hot}, {"sparse_categorical_crossentropy: needs class labels",
                                                       "for the output (3,), got values of shape (3,)"});
    auto model = networks::small();
    model.compile({.optimizer = Adam{}, .loss = Loss::categorical_crossentropy, .metrics = {Metric::accuracy}});
    refused_by_all<ShapeError>(
        set, {"categorical_crossentropy: needs values of shape (3,) for the output (3,), got labels"}, model);
    model.compile({.optimizer = Adam{}, .loss = Loss::mean_squared_error});
    refused_by_all<ShapeError>({set.images, Tensor<float>(Shape{4, 2})},
                               {"mean_squared_error: needs values of shape (3,)", "of shape (2,)"}, model);
}

TEST_CASE("bad input: one NaN pixel") {
    Tensor<float> x(Shape{20, 6, 6, 1}, 0.5F);
    x(11, 3, 2, 0) = nan_value;
    const std::vector<std::int32_t> y(20, 1);
    for (const bool normalized : {false, true})
        refused_by_all<NumericError>({x, y}, {"sample 11 holds a value that is not finite (nan)"},
                                     compiled(normalized ? networks::normalized() : networks::small()));
    auto model = networks::normalized();
    refused<NumericError>(model, [&] { model.predict(x); }, {"sample 11 holds a value that is not finite (nan)"});
    x(11, 3, 2, 0) = -std::numeric_limits<float>::infinity();
    refused<NumericError>(model, [&] { model.predict(x); }, {"sample 11 holds a value that is not finite (-inf)"});
}

TEST_CASE("bad input: an infinite target") {
    const Dataset set = networks::images(4);
    Tensor<double> y(Shape{4, 3}, 0.5);
    y(2, 1) = infinity;
    auto model = networks::small();
    model.compile({.optimizer = Adam{}, .loss = Loss::mean_squared_error});
    refused_by_all<NumericError>({set.images, y}, {"sample 2 has a target that is not finite (inf)"}, model);
    y(2, 1) = nan_number;
    refused_by_all<NumericError>({set.images, y}, {"sample 2 has a target that is not finite (nan)"}, model);
}

TEST_CASE("bad input: numbers too large for float become infinite, and are refused as that") {
    Tensor<double> x(Shape{3, 6, 6, 1}, 0.5);
    x(1, 0, 0, 0) = 1e300;
    refused_by_all<NumericError>({x, std::vector<std::int32_t>{0, 1, 2}},
                                 {"sample 1 holds a value that is not finite (inf)"});
}

// --- Options -------------------------------------------------------------------------------------------------------------

TEST_CASE("bad input: batch sizes that are none") {
    options_refused<ValueError>({.batch_size = 0}, {"fit: batch_size must be at least 1, got 0"});
    options_refused<ValueError>({.batch_size = -32}, {"fit: batch_size must be at least 1, got -32"});
    const auto model = compiled();
    const Dataset set = networks::images(4);
    refused<ValueError>(model, [&] { model.evaluate(set, {.batch_size = 0}); },
                        {"evaluate: batch_size must be at least 1, got 0"});
    refused<ValueError>(model, [&] { model.predict(set, {.batch_size = -1}); },
                        {"predict: batch_size must be at least 1, got -1"});
}

TEST_CASE("bad input: epochs below zero") {
    options_refused<ValueError>({.epochs = -1}, {"fit: epochs must not be negative, got -1"});
    options_refused<ValueError>({.initial_epoch = -2}, {"fit: initial_epoch must not be negative, got -2"});
}

TEST_CASE("bad input: validation_split outside of [0, 1)") {
    options_refused<ValueError>({.validation_split = 1.5}, {"fit: validation_split must be in [0, 1), got 1.5"});
    options_refused<ValueError>({.validation_split = -0.1}, {"got -0.1"});
    options_refused<ValueError>({.validation_split = 1}, {"got 1"});
    options_refused<ValueError>({.validation_split = nan_number}, {"fit: validation_split must be in [0, 1), got "});
    options_refused<ValueError>({.validation_split = 0.95},
                                {"fit: validation_split=0.95 leaves none of 10 samples to train on"});
}

TEST_CASE("bad input: verbose 7") {
    options_refused<ValueError>({.verbose = 7}, {"fit: verbose must be 0, 1 or 2, got 7"});
    options_refused<ValueError>({.verbose = -1}, {"got -1"});
    const auto model = compiled();
    refused<ValueError>(model, [&] { model.evaluate(networks::images(2), {.verbose = 7}); },
                        {"evaluate: verbose must be 0, 1 or 2, got 7"});
}

TEST_CASE("bad input: a callback that is not there") {
    Callback<float> fine;
    options_refused<ValueError>({.callbacks = {&fine, nullptr}}, {"callbacks: got a null pointer"});
    const auto model = compiled();
    const Dataset set = networks::images(2);
    refused<ValueError>(model, [&] { model.evaluate(set, {.callbacks = {nullptr}}); },
                        {"callbacks: got a null pointer"});
    refused<ValueError>(model, [&] { model.predict(set, {.callbacks = {nullptr}}); },
                        {"callbacks: got a null pointer"});
}

TEST_CASE("bad input: class weights of classes that do not exist, or that are no weights") {
    options_refused<ValueError>({.class_weight = {{3, 1.0}}}, {"fit: class_weight names class 3, the output has 3"});
    options_refused<ValueError>({.class_weight = {{-1, 1.0}}}, {"fit: class_weight names class -1, the output has 3"});
    options_refused<ValueError>({.class_weight = {{1, -2.0}}},
                                {"fit: class_weight of class 1 must be a finite number >= 0, got -2"});
    options_refused<ValueError>({.class_weight = {{1, nan_number}}},
                                {"fit: class_weight of class 1 must be a finite number >= 0, got "});
    auto model = networks::small();
    model.compile({.optimizer = Adam{}, .loss = Loss::mean_squared_error});
    const Dataset set = networks::images(2);
    refused<ValueError>(model,
                        [&] {
                            model.fit(set.images, Tensor<float>(Shape{2, 3}), {.class_weight = {{0, 2.0}}});
                        },
                        {"fit: class_weight needs one class label a sample"});
}

TEST_CASE("bad input: sample weights of another length, or that are no weights") {
    options_refused<ValueError>({.sample_weight = {1, 2, 3}}, {"fit: 10 samples but 3 entries in sample_weight"});
    std::vector<double> weights(10, 1.0);
    weights[6] = nan_number;
    options_refused<ValueError>({.sample_weight = weights},
                                {"fit: sample_weight[6] must be a finite number >= 0, got "});
    weights[6] = -0.5;
    options_refused<ValueError>({.sample_weight = weights},
                                {"fit: sample_weight[6] must be a finite number >= 0, got -0.5"});
    const auto model = compiled();
    refused<ValueError>(model,
                        [&] {
                            model.evaluate(networks::images(2), {.sample_weight = {1, 2, 3}});
                        },
                        {"evaluate: 2 samples but 3 entries in sample_weight"});
}

TEST_CASE("bad input: set_weights with other shapes") {
    auto model = networks::small();
    auto weights = model.get_weights();
    weights[0].fill(7);
    weights[2] = Tensor<float>(Shape{15, 3});
    refused<ShapeError>(model, [&] { model.set_weights(weights); },
                        {"set_weights: dense/kernel has the shape (16, 3), got (15, 3)"});
    weights.pop_back();
    refused<ShapeError>(model, [&] { model.set_weights(weights); },
                        {"set_weights: the model has 4 parameters, got 3 tensors"});
}

TEST_CASE("bad input: two metrics of one name, and a learning rate ahead of compile") {
    auto model = networks::small();
    const auto compile = [&](std::vector<AnyMetric<float>> metrics) {
        model.compile(
            {.optimizer = SGD{}, .loss = Loss::sparse_categorical_crossentropy, .metrics = std::move(metrics)});
    };
    CHECK_THROWS_MATCHES(compile({Metric::accuracy, Metric::accuracy}), ValueError,
                         says("compile: the name \"accuracy\" of a metric is taken"));
    Sequential<float> fresh{Input{4}, Dense{2}};
    CHECK_THROWS_MATCHES(fresh.set_learning_rate(0.1), StateError,
                         says("set_learning_rate: the model has not been compiled; call compile(...) first"));
}

TEST_CASE("bad input: numbers so large that a gradient overflows while the loss does not") {
    Sequential<float> model{Input{1}, Dense{.units = 1, .use_bias = false}};
    model.set_weights({Tensor<float>{{1e-30F}}});
    model.compile({.optimizer = SGD{}, .loss = Loss::mean_squared_error});
    Sequential<float> other = model;
    const auto before = model.weights_hash();
    for (const int threads : {1, 3})
        for (const Index sample : {0, 10, 19}) { // in the first of three lanes, the second, the last
            INFO(threads << " threads, sample " << sample);
            const networks::Threads guard(threads);
            Tensor<float> x(Shape{20, 1}, 1), y(Shape{20, 1});
            // y = 1, the loss (1 + 1e20)^2 is a double, but its gradient 2e20 * 1e30 is no float.
            x[sample] = 1e30F;
            y[sample] = -1e20F;
            CHECK_THROWS_MATCHES(model.train_on_batch(x, y), NumericError,
                                 says("the gradient of dense/kernel is not finite"));
            CHECK(model.weights_hash() == before);
        }
    // Nothing of it is left in the next gradients.
    const Tensor<float> x(Shape{20, 1}, 1), y(Shape{20, 1}, 2);
    model.train_on_batch(x, y);
    other.train_on_batch(x, y);
    CHECK(model.weights_hash() == other.weights_hash());
    CHECK(model.weights_hash() != before);
}

namespace {

/// Keeps up a state without seeing the whole batch.
struct Racing {
    static constexpr std::string_view type = "Racing";
    Shape output_shape(const Shape& input) const { return input; }

    template <class T>
    struct Layer {
        Layer(const Racing&, const Shape&, ParameterRegistry& parameters) {
            parameters.add_state("count", {1}, Initializer::zeros);
        }
        void forward(ConstView<T>, View<T>, Pass<T>&) const {}
        void backward(ConstView<T>, ConstView<T>, View<T>, View<T>, Pass<T>&) const {}
    };
};

} // namespace

TEST_CASE("bad input: a state in a layer that runs in lanes") {
    Sequential<float> model{Input{4}, Dense{2}};
    CHECK_THROWS_MATCHES(model.add(Racing{}), StateError,
                         says("Racing: racing/count is a state, which only a layer with whole_batch may have"));
}
