#include <array>
#include <atomic>
#include <limits>
#include <numeric>
#include <regex>
#include <set>

#include <fovea/data/map.hpp>
#include <fovea/data/synthetic_digits.hpp>

#include "models/networks.hpp"

#include "catch.hpp"

using namespace fovea;

namespace {

using Strings = std::vector<std::string>;

// Five samples and a Dense layer for which Keras 3.15.1 was run, in float32.
const Tensor<float> five_x{{1, 2}, {-1, 0.5F}, {0.25F, -2}, {3, 1}, {0.5F, 0.5F}};
const std::vector<std::int32_t> five_y{0, 1, 2, 1, 0};
const std::vector<double> sample_weight{1, 0, 3, 0.5, 2};

Sequential<float> dense() {
    Sequential<float> model{Input{2}, Dense{3, Activation::softmax}};
    model.set_weights({Tensor<float>{{0.5F, -0.25F, 0.125F}, {0.75F, 1.0F, -0.5F}}, Tensor<float>{0.1F, -0.2F, 0.3F}});
    networks::compile(model, SGD{0.5});
    return model;
}

// Float32 has 6e-8 of rounding, and here a few dozen operations follow each other.
auto near(double value) { return Catch::Approx(value).epsilon(2e-6); }

void check_weights(const Model<float>& model, const Tensor<float>& kernel, const Tensor<float>& bias) {
    CHECK(allclose(model.get_weights()[0], kernel, 2e-5, 1e-6));
    CHECK(allclose(model.get_weights()[1], bias, 2e-5, 1e-6));
}

/// Writes down every hook with its number and the keys of its logs.
struct Recorder : Callback<float> {
    Strings calls;

    static std::string keys(const Logs& logs) {
        std::string all;
        for (const auto& [key, value] : logs) all += (all.empty() ? " " : ",") + key;
        return all;
    }
    void add(const std::string& hook, const Logs& logs = {}) { calls.push_back(hook + keys(logs)); }
    void add(const std::string& hook, Index number, const Logs& logs = {}) {
        calls.push_back(text(hook, ' ', number, keys(logs)));
    }

    void on_train_begin() override { add("train_begin"); }
    void on_train_end(const Logs& logs) override { add("train_end", logs); }
    void on_epoch_begin(Index epoch) override { add("epoch_begin", epoch); }
    void on_epoch_end(Index epoch, const Logs& logs) override { add("epoch_end", epoch, logs); }
    void on_train_batch_begin(Index batch) override { add("batch_begin", batch); }
    void on_train_batch_end(Index batch, const Logs& logs) override { add("batch_end", batch, logs); }
    void on_test_begin() override { add("test_begin"); }
    void on_test_end(const Logs& logs) override { add("test_end", logs); }
    void on_test_batch_begin(Index batch) override { add("test_batch_begin", batch); }
    void on_test_batch_end(Index batch, const Logs& logs) override { add("test_batch_end", batch, logs); }
    void on_predict_begin() override { add("predict_begin"); }
    void on_predict_end() override { add("predict_end"); }
    void on_predict_batch_begin(Index batch) override { add("predict_batch_begin", batch); }
    void on_predict_batch_end(Index batch) override { add("predict_batch_end", batch); }
};

/// images() that writes down which samples are read, in the order in which a single thread asks for them.
struct Watched {
    Dataset set = networks::images(20);
    std::vector<Index>* log;

    Index size() const { return set.size(); }
    Shape sample_shape() const { return set.sample_shape(); }
    void read(std::span<const Index> which, View<float> out, View<std::int32_t> labels) const {
        if (!out.empty()) log->insert(log->end(), which.begin(), which.end());
        Data<float>(set).read(which, out, labels, {});
    }
};

std::vector<Index> sorted(std::vector<Index> numbers) {
    std::sort(numbers.begin(), numbers.end());
    return numbers;
}

std::vector<Index> range(Index first, Index last) {
    std::vector<Index> numbers(static_cast<std::size_t>(last - first));
    std::iota(numbers.begin(), numbers.end(), first);
    return numbers;
}

} // namespace

TEST_CASE("fit: data is told how many epochs have been trained, in evaluation nothing") {
    const Dataset set = networks::images(20);
    std::array<std::atomic<int>, 4> seen{};
    const auto counted = map(set, [&](auto, Index, Index epoch) { ++seen.at(static_cast<std::size_t>(epoch)); });
    auto model = networks::small<float>();
    networks::compile(model, SGD{});
    model.fit(counted, {.epochs = 2, .batch_size = 8, .verbose = 0});
    model.fit(counted, {.epochs = 1, .batch_size = 8, .verbose = 0});
    CHECK(seen[0] == 20);
    CHECK(seen[1] == 20);
    CHECK(seen[2] == 20);
    model.evaluate(counted, {.verbose = 0});
    CHECK(seen[0] == 40);
    CHECK(seen[3] == 0);
}

TEST_CASE("fit: losses and weights are Keras's, a short last batch included") {
    auto model = dense();
    const History history = model.fit(five_x, five_y, {.epochs = 2, .batch_size = 2, .shuffle = false, .verbose = 0});
    CHECK(history["loss"][0] == near(1.27614617));
    CHECK(history["loss"][1] == near(1.06260598));
    CHECK(history["accuracy"][0] == near(0.6));
    CHECK(history["accuracy"][1] == near(0.4));
    check_weights(model,
                  {{-0.0745769739F, 0.3969230652F, 0.0526539683F}, {1.0480332375F, 0.9877598286F, -0.7857931852F}},
                  {0.3803919554F, -0.1655265987F, -0.0148653612F});

    model = dense();
    const History one = model.fit(five_x, five_y, {.batch_size = 5, .shuffle = false, .verbose = 0});
    CHECK(one["loss"][0] == near(0.916090965));
    CHECK(one["accuracy"][0] == near(0.8));
    check_weights(model,
                  {{0.3436465561F, -0.0764060766F, 0.1077595055F}, {0.7724982500F, 1.0391776562F, -0.5616759062F}},
                  {0.0761431307F, -0.1207041219F, 0.2445609868F});
}

TEST_CASE("fit: class_weight is Keras's") {
    auto model = dense();
    const History history = model.fit(
        five_x, five_y, {.batch_size = 2, .shuffle = false, .verbose = 0, .class_weight = {{0, 2.0}, {1, 0.5}}});
    CHECK(history["loss"][0] == near(1.0298053));
    CHECK(history["accuracy"][0] == near(0.8));
    check_weights(model,
                  {{0.6116554141F, -0.2516968250F, 0.0150414184F}, {1.2690677643F, 0.6947267056F, -0.7137943506F}},
                  {0.6227293611F, -0.4560145438F, 0.0332852155F});
}

TEST_CASE("fit: sample_weight is Keras's") {
    auto model = dense();
    const History history =
        model.fit(five_x, five_y, {.batch_size = 2, .shuffle = false, .verbose = 0, .sample_weight = sample_weight});
    CHECK(history["loss"][0] == near(0.836616397));
    CHECK(history["accuracy"][0] == near(0.8));
    check_weights(model,
                  {{0.5292801857F, -0.1389447302F, -0.0153354406F}, {1.1911689043F, 0.8336391449F, -0.7748081684F}},
                  {0.6138782501F, -0.5081366301F, 0.0942585021F});
}

TEST_CASE("fit: class_weight and sample_weight multiply") {
    auto both = dense();
    both.fit(five_x, five_y,
             {.batch_size = 2,
              .shuffle = false,
              .verbose = 0,
              .class_weight = {{0, 2.0}, {1, 0.5}},
              .sample_weight = sample_weight});
    auto product = dense();
    product.fit(five_x, five_y, {.batch_size = 2, .shuffle = false, .verbose = 0, .sample_weight = {2, 0, 3, 0.25, 4}});
    CHECK(both.weights_hash() == product.weights_hash());
}

TEST_CASE("fit: weights follow their samples through the shuffling") {
    // Only sample 2 counts, so every other batch leaves the weights alone; Keras's plain SGD gives the order no say.
    auto shuffled = dense();
    shuffled.fit(five_x, five_y, {.batch_size = 1, .verbose = 0, .sample_weight = {0, 0, 1, 0, 0}});
    auto ordered = dense();
    ordered.fit(five_x, five_y, {.batch_size = 1, .shuffle = false, .verbose = 0, .sample_weight = {0, 0, 1, 0, 0}});
    CHECK(shuffled.weights_hash() == ordered.weights_hash());
    CHECK(shuffled.weights_hash() != dense().weights_hash());
}

TEST_CASE("fit: validation_split takes the last fraction, as Keras does") {
    auto model = dense();
    const History history =
        model.fit(five_x, five_y, {.batch_size = 2, .validation_split = 0.3, .shuffle = false, .verbose = 0});
    CHECK(history.keys() == Strings{"accuracy", "loss", "val_accuracy", "val_loss"});
    CHECK(history["loss"][0] == near(0.440940231));
    CHECK(history["accuracy"][0] == near(1));
    CHECK(history["val_loss"][0] == near(2.20104909));
    CHECK(history["val_accuracy"][0] == near(0.5));
    check_weights(model,
                  {{0.6588559151F, -0.4721966982F, 0.1883407831F}, {0.9630887508F, 0.9199292064F, -0.6330179572F}},
                  {0.1058454663F, -0.1716918200F, 0.2658463717F});

    model = dense();
    const History weighted = model.fit(
        five_x, five_y,
        {.batch_size = 2, .validation_split = 0.3, .shuffle = false, .verbose = 0, .sample_weight = sample_weight});
    CHECK(weighted["loss"][0] == near(0.251120955));
    CHECK(weighted["val_loss"][0] == near(1.45750022));
    check_weights(model,
                  {{0.5792428255F, -0.3493457139F, 0.1451028883F}, {1.0970914364F, 0.9183987379F, -0.7654902935F}},
                  {0.1226610914F, -0.3344727755F, 0.4118117094F});
}

TEST_CASE("fit: validation_split comes before the shuffling") {
    const networks::Threads guard(1);
    std::vector<Index> read;
    const Watched source{.log = &read};
    auto model = networks::small();
    networks::compile(model);
    model.fit(source, {.epochs = 2, .batch_size = 4, .validation_split = 0.25, .verbose = 0});
    REQUIRE(read.size() == 40);
    const auto part = [&](std::ptrdiff_t first, std::ptrdiff_t last) {
        return std::vector<Index>(read.begin() + first, read.begin() + last);
    };
    CHECK(sorted(part(0, 15)) == range(0, 15)); // each once
    CHECK(part(15, 20) == range(15, 20));
    CHECK(sorted(part(20, 35)) == range(0, 15));
    CHECK(part(35, 40) == range(15, 20));
    CHECK(part(0, 15) != range(0, 15));
    CHECK(part(0, 15) != part(20, 35)); // each epoch has an order of its own
}

TEST_CASE("fit: without shuffle samples come as they are, with it the order follows from the seed") {
    const networks::Threads guard(1);
    const auto orders = [](bool shuffle, Index epochs) {
        std::vector<Index> read;
        const Watched source{.log = &read};
        auto model = networks::small();
        networks::compile(model);
        model.fit(source, {.epochs = epochs, .batch_size = 8, .shuffle = shuffle, .verbose = 0});
        return read;
    };
    CHECK(orders(false, 1) == range(0, 20));
    CHECK(orders(true, 2) == orders(true, 2));
    set_random_seed(77);
    const std::vector<Index> other = orders(true, 2);
    set_random_seed(0);
    CHECK(other != orders(true, 2));
}

TEST_CASE("fit: without shuffle it is train_on_batch after train_on_batch") {
    const Dataset set = networks::images(20);
    auto fitted = networks::normalized();
    networks::compile(fitted);
    auto stepped = fitted;
    fitted.fit(set, {.batch_size = 8, .shuffle = false, .verbose = 0});
    for (const Index first : {0, 8, 16}) {
        const Index last = std::min<Index>(20, first + 8);
        stepped.train_on_batch(set.images.slice(first, last), set.labels.slice(first, last));
    }
    CHECK(fitted.weights_hash() == stepped.weights_hash());
    CHECK(fitted.iteration() == 3);
}

TEST_CASE("fit: validation_data wins over validation_split, and is what evaluate gives") {
    const Dataset set = networks::images(20);
    const Dataset other = networks::images(13, 1);
    auto model = networks::normalized();
    networks::compile(model);
    const History history =
        model.fit(set, {.epochs = 2, .batch_size = 8, .validation_data = other, .validation_split = 0.5, .verbose = 0});
    const Evaluation after = model.evaluate(other, {.batch_size = 8, .verbose = 0});
    CHECK(history["val_loss"][1] == after.loss);
    CHECK(history["val_accuracy"][1] == after.metric);
    CHECK(history["val_loss"][0] != history["val_loss"][1]);
    CHECK(model.iteration() == 6); // on all 20 samples
}

TEST_CASE("fit: hooks come in Keras's order, with Keras's logs") {
    const std::string metrics = " accuracy,loss";
    const Strings steps{"batch_begin 0",         "batch_end 0" + metrics, "batch_begin 1",
                        "batch_end 1" + metrics, "batch_begin 2",         "batch_end 2" + metrics};
    const Strings tests{"test_begin",
                        "test_batch_begin 0",
                        "test_batch_end 0" + metrics,
                        "test_batch_begin 1",
                        "test_batch_end 1" + metrics,
                        "test_batch_begin 2",
                        "test_batch_end 2" + metrics,
                        "test_end" + metrics};
    Strings expected{"train_begin"};
    for (const int epoch : {0, 1}) {
        expected.push_back(text("epoch_begin ", epoch));
        expected.insert(expected.end(), steps.begin(), steps.end());
        expected.insert(expected.end(), tests.begin(), tests.end());
        expected.push_back(text("epoch_end ", epoch, metrics, ",val_accuracy,val_loss"));
    }
    expected.push_back("train_end" + metrics + ",val_accuracy,val_loss");

    auto model = dense();
    Recorder recorder;
    const History history = model.fit(five_x, five_y,
                                      {.epochs = 2,
                                       .batch_size = 2,
                                       .validation_data = Data<float>(five_x, five_y),
                                       .verbose = 0,
                                       .callbacks = {&recorder}});
    CHECK(recorder.calls == expected);
    CHECK(history.keys() == Strings{"accuracy", "loss", "val_accuracy", "val_loss"});
    CHECK(history.epoch == std::vector<Index>{0, 1});
}

TEST_CASE("fit: a batch_size beyond the data is one batch of all of it") {
    constexpr Index most = std::numeric_limits<Index>::max();
    auto all = dense();
    auto beyond = dense();
    Recorder recorder;
    all.fit(five_x, five_y, {.batch_size = 5, .verbose = 0});
    beyond.fit(five_x, five_y, {.batch_size = most, .verbose = 0, .callbacks = {&recorder}});
    CHECK(beyond.weights_hash() == all.weights_hash());
    CHECK(beyond.iteration() == 1);
    beyond.evaluate(five_x, five_y, {.batch_size = most, .verbose = 0, .callbacks = {&recorder}});
    CHECK(beyond.predict(five_x, {.batch_size = most, .callbacks = {&recorder}}) == all.predict(five_x));
    CHECK(recorder.calls.back() == "predict_end");
}

TEST_CASE("fit: callbacks change nothing") {
    const Dataset set = networks::images(20);
    const auto run = [&](std::vector<Callback<float>*> callbacks) {
        auto model = networks::normalized();
        networks::compile(model);
        const History history = model.fit(
            set, {.epochs = 2, .batch_size = 8, .validation_split = 0.3, .verbose = 0, .callbacks = callbacks});
        return std::pair(model.weights_hash(), history["loss"]);
    };
    Recorder recorder;
    CHECK(run({}) == run({&recorder}));
}

TEST_CASE("fit: logs of a batch are means over what the epoch has seen") {
    struct Means : Callback<float> {
        std::vector<double> losses;
        void on_train_batch_end(Index, const Logs& logs) override { losses.push_back(logs.at("loss")); }
    } means;
    auto model = dense();
    model.fit(five_x, five_y, {.batch_size = 2, .shuffle = false, .verbose = 0, .callbacks = {&means}});
    auto stepped = dense();
    double sum = 0;
    Index seen = 0;
    for (const Index first : {0, 2, 4}) {
        const Index last = std::min<Index>(5, first + 2);
        sum += stepped
                   .train_on_batch(five_x.slice(first, last),
                                   std::span(five_y).subspan(static_cast<std::size_t>(first),
                                                             static_cast<std::size_t>(last - first)))
                   .at("loss") *
               static_cast<double>(last - first);
        seen += last - first;
        CHECK(means.losses.at(static_cast<std::size_t>(first / 2)) ==
              Catch::Approx(sum / static_cast<double>(seen)).epsilon(1e-12));
    }
}

TEST_CASE("fit: stop_training ends the epoch behind the batch, as in Keras") {
    struct Stopper : Recorder {
        void on_train_batch_end(Index batch, const Logs& logs) override {
            Recorder::on_train_batch_end(batch, logs);
            if (batch == 0) model().stop_training = true;
        }
    } stopper;
    auto model = dense();
    const History history = model.fit(
        five_x, five_y, {.epochs = 3, .batch_size = 2, .shuffle = false, .verbose = 0, .callbacks = {&stopper}});
    CHECK(stopper.calls == Strings{"train_begin", "epoch_begin 0", "batch_begin 0", "batch_end 0 accuracy,loss",
                                   "epoch_end 0 accuracy,loss", "train_end accuracy,loss"});
    CHECK(history.epoch == std::vector<Index>{0});
    auto one = dense();
    CHECK(history["loss"][0] ==
          one.train_on_batch(five_x.slice(0, 2), std::span(five_y).first(2)).at("loss")); // a mean of what was seen

    struct EpochStopper : Callback<float> {
        void on_epoch_end(Index epoch, const Logs&) override { model().stop_training = epoch == 1; }
    } at_epoch;
    CHECK(model.fit(five_x, five_y, {.epochs = 5, .batch_size = 2, .verbose = 0, .callbacks = {&at_epoch}}).epoch ==
          std::vector<Index>{0, 1});
    CHECK(model.fit(five_x, five_y, {.epochs = 2, .verbose = 0}).epoch.size() == 2); // the next fit starts anew
}

TEST_CASE("fit: callbacks know their model while it is fitted") {
    struct Looker : Callback<float> {
        Model<float>* seen = nullptr;
        void on_train_begin() override { seen = &model(); }
        void on_epoch_begin(Index) override {
            if (fail) throw std::runtime_error("enough");
        }
        bool fail = false;
    } looker;
    auto model = dense();
    model.fit(five_x, five_y, {.verbose = 0, .callbacks = {&looker}});
    CHECK(looker.seen == &model);
    CHECK_THROWS_AS(looker.model(), StateError);
    looker.fail = true;
    CHECK_THROWS_AS(model.fit(five_x, five_y, {.verbose = 0, .callbacks = {&looker}}), std::runtime_error);
    CHECK_THROWS_AS(looker.model(), StateError);
}

TEST_CASE("fit: initial_epoch") {
    auto model = dense();
    Recorder recorder;
    CHECK(model
              .fit(five_x, five_y,
                   {.epochs = 4, .batch_size = 5, .verbose = 0, .initial_epoch = 2, .callbacks = {&recorder}})
              .epoch == std::vector<Index>{2, 3});
    CHECK(recorder.calls.at(1) == "epoch_begin 2");
    CHECK(model.iteration() == 2);
    CHECK(model.fit(five_x, five_y, {.epochs = 2, .verbose = 0, .initial_epoch = 2}).epoch.empty());
    CHECK(model.fit(five_x, five_y, {.epochs = 0, .verbose = 0}).epoch.empty());
    CHECK(model.iteration() == 2);
}

TEST_CASE("fit: training that goes on at initial_epoch gives the bits of training in one go") {
    const Dataset set = networks::images(20);
    const auto train = [&](std::initializer_list<std::pair<Index, Index>> parts) {
        auto model = networks::normalized();
        networks::compile(model);
        for (const auto& [first, last] : parts)
            model.fit(set, {.epochs = last, .batch_size = 8, .verbose = 0, .initial_epoch = first});
        return model.weights_hash();
    };
    CHECK(train({{0, 4}}) == train({{0, 1}, {1, 4}}));
    CHECK(train({{0, 4}}) != train({{0, 3}}));
}

TEST_CASE("fit: verbose") {
    auto model = dense();
    {
        const networks::Output output;
        model.fit(five_x, five_y, {.epochs = 2, .verbose = 0});
        model.evaluate(five_x, five_y, {.verbose = 0});
        model.predict(five_x);
        CHECK(output.text().empty());
    }
    {
        const networks::Output output;
        model.fit(five_x, five_y,
                  {.epochs = 2, .batch_size = 2, .validation_data = Data<float>(five_x, five_y), .verbose = 2});
        INFO(output.text());
        const std::string line = "3/3 - 0s - [0-9]+(us|ms)/step - accuracy: [0-9.]+ - loss: [0-9.]+ - val_accuracy: "
                                 "[0-9.]+ - val_loss: [0-9.]+\n";
        CHECK(std::regex_match(output.text(), std::regex("Epoch 1/2\n" + line + "Epoch 2/2\n" + line)));
    }
    {
        const networks::Output output;
        model.fit(five_x, five_y, {.verbose = 2}); // a single epoch has no number
        model.evaluate(five_x, five_y, {.verbose = 2});
        INFO(output.text());
        const std::string line = "1/1 - 0s - [0-9]+(us|ms)/step - accuracy: [0-9.]+ - loss: [0-9.]+\n";
        CHECK(std::regex_match(output.text(), std::regex(line + line)));
    }
}

TEST_CASE("fit: every loss goes down") {
    using enum Activation;
    const Tensor<float> one_hot{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {0, 1, 0}, {1, 0, 0}};
    const Tensor<float> values{0.1F, 0.9F, 0.3F, 0.7F, 0.2F};
    const std::vector<std::int32_t> bits{0, 1, 0, 1, 0};
    const auto check = [](Sequential<float> model, const AnyLoss<float>& loss, const Data<float>& data) {
        INFO(loss.name());
        model.compile({.optimizer = Adam{.learning_rate = 0.05}, .loss = loss, .metrics = {Metric::accuracy}});
        const auto losses = model.fit(data, {.epochs = 30, .batch_size = 2, .verbose = 0})["loss"];
        CHECK(losses.back() < 0.7 * losses.front());
    };
    check({Input{2}, Dense{8, tanh}, Dense{3, softmax}}, Loss::sparse_categorical_crossentropy, {five_x, five_y});
    check({Input{2}, Dense{8, tanh}, Dense{3}}, SparseCategoricalCrossentropy{.from_logits = true}, {five_x, five_y});
    check({Input{2}, Dense{8, tanh}, Dense{3, softmax}}, Loss::categorical_crossentropy, {five_x, one_hot});
    check({Input{2}, Dense{8, tanh}, Dense{1, sigmoid}}, Loss::binary_crossentropy, {five_x, bits});
    check({Input{2}, Dense{8, tanh}, Dense{1}}, Loss::mean_squared_error, {five_x, values});
    check({Input{2}, Dense{8, tanh}, Dense{3, softmax}}, Loss::sparse_categorical_focal_crossentropy, {five_x, five_y});
    check({Input{2}, Dense{8, tanh}, Dense{3, softmax}}, Loss::categorical_focal_crossentropy, {five_x, one_hot});
    check({Input{2}, Dense{8, tanh}, Dense{1, sigmoid}}, Loss::binary_focal_crossentropy, {five_x, bits});
    check({Input{2}, Dense{8, tanh}, Dense{3, softmax}}, Loss::kl_divergence, {five_x, one_hot});
    check({Input{2}, Dense{8, tanh}, Dense{1}}, Loss::huber, {five_x, values});
    check({Input{2}, Dense{8, tanh}, Dense{1}}, Loss::mean_absolute_error, {five_x, values});
}

TEST_CASE("fit: one batch of 64 digits is learnt by heart") {
    const Dataset set = synthetic_digits(64, 1);
    auto model = networks::article();
    networks::compile(model, Adam{.learning_rate = 0.002});
    struct GoodEnough : Callback<float> {
        void on_epoch_end(Index, const Logs& logs) override { model().stop_training = logs.at("loss") < 0.009; }
    } good_enough;
    const History history =
        model.fit(set, {.epochs = 200, .batch_size = 64, .verbose = 0, .callbacks = {&good_enough}});
    INFO(history.epoch.size() << " steps");
    CHECK(history["loss"].front() > 2);
    const auto [loss, accuracy] = model.evaluate(set, {.verbose = 0});
    CHECK(loss < 0.01);
    CHECK(accuracy == 1);
}
