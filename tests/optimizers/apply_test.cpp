#include <fovea/optimizers/all.hpp>
#include <fovea/optimizers/apply.hpp>

#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "catch.hpp"
#include <fovea/core/random.hpp>

using namespace fovea;

namespace {

using Ranges = std::vector<ParameterRange>;

template <class T>
struct Blocks {
    std::vector<T> values, gradients, slot_0, slot_1, slot_2, accumulated, average;

    Blocks(std::vector<T> w, std::vector<T> g)
        : values(std::move(w)), gradients(std::move(g)), slot_0(values.size()), slot_1(values.size()),
          slot_2(values.size()), accumulated(values.size()), average(values.size()) {}

    OptimizerBlocks<T> all() { return {values, gradients, slot_0, slot_1, slot_2, accumulated, average}; }
    bool operator==(const Blocks&) const = default;
};

/// `count` values in (-1, 1) and gradients in (-0.1, 0.1).
template <class T>
Blocks<T> random_blocks(std::size_t count) {
    std::vector<T> w(count), g(count);
    for (std::size_t i = 0; i < count; ++i) {
        w[i] = static_cast<T>(2 * random::Stream{.seed = 1}.uniform(i) - 1);
        g[i] = static_cast<T>(0.2 * random::Stream{.seed = 2}.uniform(i) - 0.1);
    }
    return {w, g};
}

template <class T>
void step(const AnyOptimizer<T>& optimizer, const Ranges& ranges, Blocks<T>& blocks, Index iteration = 1) {
    OptimizerStep<T>(optimizer, ranges)(blocks.all(), iteration, optimizer.learning_rate());
}

/// What one step makes of weights of 0 is, with this learning rate, minus what is left of the gradients.
std::vector<double> clipped(SGD sgd, const Ranges& ranges, const std::vector<double>& gradients) {
    sgd.learning_rate = 1;
    Blocks<double> blocks(std::vector<double>(gradients.size(), 0.0), gradients);
    step<double>(sgd, ranges, blocks);
    for (double& w : blocks.values) w = -w;
    return blocks.values;
}

class ThreadCount {
public:
    ~ThreadCount() { set_threads(before_); }

private:
    int before_ = threads();
};

Catch::Approx nearly(double value) { return Catch::Approx(value).epsilon(1e-14); }

} // namespace

TEST_CASE("OptimizerStep: clipvalue", "[optimizers]") {
    CHECK(clipped({.clipvalue = 1}, {{0, 4}}, {3, -3, 0.5, -0.25}) == std::vector<double>{1, -1, 0.5, -0.25});
}

TEST_CASE("OptimizerStep: clipnorm is about each parameter", "[optimizers]") {
    // Norms 5 and 0.5, and 1 exactly.
    const auto left = clipped({.clipnorm = 1}, {{0, 2}, {2, 2}, {4, 1}}, {3, 4, 0.3, 0.4, -1});
    CHECK(left[0] == nearly(0.6));
    CHECK(left[1] == nearly(0.8));
    CHECK(left[2] == 0.3);
    CHECK(left[3] == 0.4);
    CHECK(left[4] == -1);
}

TEST_CASE("OptimizerStep: global_clipnorm is about all that is trained", "[optimizers]") {
    const SGD sgd{.global_clipnorm = 1};
    const auto left = clipped(sgd, {{0, 1}, {1, 1}, {2, 1, false}}, {3, 4, 1000});
    CHECK(left[0] == nearly(0.6));
    CHECK(left[1] == nearly(0.8));
    CHECK(left[2] == 0);
    CHECK(clipped(sgd, {{0, 1}, {1, 1}}, {0.6, -0.8}) == std::vector<double>{0.6, -0.8});
    CHECK(clipped(sgd, {{0, 2}}, {0, 0}) == std::vector<double>{0, 0});
}

TEST_CASE("OptimizerStep: norms of parameters of several pieces", "[optimizers]") {
    const std::vector<double> ones(30'000, 1.0);
    // Norm 100 sqrt(3), of which 1 may stay; the second parameter's is 1 already.
    std::vector<double> gradients = ones;
    gradients.push_back(1);
    const auto left = clipped({.clipnorm = 1}, {{0, 30'000}, {30'000, 1}}, gradients);
    CHECK(left.front() == nearly(1 / (100 * std::sqrt(3.0))));
    CHECK(left[29'999] == left.front());
    CHECK(left.back() == 1);
}

TEST_CASE("OptimizerStep: a gradient that is not finite does not go unnoticed", "[optimizers]") {
    const double bad = GENERATE(std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity());
    CHECK(std::isnan(clipped({.clipnorm = 1}, {{0, 2}}, {bad, 1})[1]));
    CHECK(std::isnan(clipped({.global_clipnorm = 1}, {{0, 1}, {1, 1}}, {bad, 1})[1]));
    CHECK((std::isnan(bad) == std::isnan(clipped({.clipvalue = 1}, {{0, 1}}, {bad})[0])));
    CHECK_FALSE(std::isfinite(clipped({}, {{0, 1}}, {bad})[0]));
}

TEST_CASE("OptimizerStep: weight decay comes before the rule", "[optimizers]") {
    Blocks<double> blocks({2, -4}, {0, 10});
    step<double>(SGD{.learning_rate = 0.1, .weight_decay = 0.5}, {{0, 2}}, blocks);
    CHECK(blocks.values[0] == nearly(1.9));
    CHECK(blocks.values[1] == nearly(-4.8)); // -4 + 0.2 - 1

    // m = 1, v = 1, alpha = 0.1, as in adam_test.cpp
    Blocks<double> adam({2}, {2});
    step<double>(AdamW{.learning_rate = 0.1, .weight_decay = 0.5, .beta_1 = 0.5, .beta_2 = 0.75, .epsilon = 0.5},
                 {{0, 1}}, adam);
    CHECK(adam.values[0] == nearly(1.9 - 0.1 / 1.5));
}

TEST_CASE("OptimizerStep: what is frozen, or lies between the parameters, stays as it is", "[optimizers]") {
    const AnyOptimizer<float> optimizer =
        GENERATE(AnyOptimizer<float>(SGD{.momentum = 0.9, .weight_decay = 0.1}),
                 AnyOptimizer<float>(AdamW{.clipvalue = 0.01}), AnyOptimizer<float>(Adam{.clipnorm = 0.01}));
    Blocks<float> blocks = random_blocks<float>(20'000);
    const Blocks<float> before = blocks;
    step(optimizer, {{0, 100}, {100, 9'000, false}, {9'200, 10'700}}, blocks);
    std::array<int, 3> changed{}; // trained, frozen, in a gap
    for (std::size_t i = 0; i < blocks.values.size(); ++i) {
        const bool trained = i < 100 || (i >= 9'200 && i < 19'900);
        const bool differs = blocks.values[i] != before.values[i] || blocks.slot_0[i] != 0 || blocks.slot_1[i] != 0;
        changed[trained ? 0 : i < 9'100 ? 1 : 2] += differs;
    }
    CHECK(changed == std::array<int, 3>{10'800, 0, 0});
}

TEMPLATE_TEST_CASE("OptimizerStep: the pieces do not show in the bits", "[optimizers]", float, double) {
    const AnyOptimizer<TestType> optimizer =
        GENERATE(AnyOptimizer<TestType>(SGD{}), AnyOptimizer<TestType>(SGD{.momentum = 0.9}),
                 AnyOptimizer<TestType>(SGD{.momentum = 0.9, .nesterov = true}), AnyOptimizer<TestType>(Adam{}),
                 AnyOptimizer<TestType>(RMSprop{.momentum = 0.9, .centered = true}), AnyOptimizer<TestType>(Nadam{}),
                 AnyOptimizer<TestType>(Adagrad{}), AnyOptimizer<TestType>(Adadelta{}), AnyOptimizer<TestType>(Lion{}));
    constexpr std::size_t count = 20'011;
    Blocks<TestType> whole = random_blocks<TestType>(count);
    Blocks<TestType> pieces = whole;
    Blocks<TestType> stepped = whole;
    OptimizerStep<TestType> all(optimizer, Ranges{{0, 7}, {7, 20'004}});
    for (Index iteration = 1; iteration <= 3; ++iteration) {
        const auto update = [&](Blocks<TestType>& blocks, std::size_t first, std::size_t size) {
            const auto part = [&](std::vector<TestType>& x) { return std::span(x).subspan(first, size); };
            optimizer.update({.values = part(blocks.values),
                              .gradients = part(blocks.gradients),
                              .slot_0 = part(blocks.slot_0),
                              .slot_1 = part(blocks.slot_1),
                              .slot_2 = part(blocks.slot_2),
                              .iteration = iteration,
                              .learning_rate = optimizer.learning_rate()});
        };
        update(whole, 0, count);
        for (std::size_t first = 0; first < count; first += 37)
            update(pieces, first, std::min<std::size_t>(37, count - first));
        all(stepped.all(), iteration, optimizer.learning_rate());
    }
    CHECK((pieces == whole));
    CHECK((stepped == whole));
    CHECK((whole.values != random_blocks<TestType>(count).values));
}

TEST_CASE("OptimizerStep: the same bits on 1 and on 3 threads", "[optimizers]") {
    const AnyOptimizer<float> optimizer =
        GENERATE(AnyOptimizer<float>(SGD{.momentum = 0.9, .global_clipnorm = 0.5}),
                 AnyOptimizer<float>(Adam{.clipnorm = 0.25}), AnyOptimizer<float>(AdamW{.clipvalue = 0.05}),
                 AnyOptimizer<float>(Muon{.clipnorm = 0.25, .use_ema = true, .gradient_accumulation_steps = 2}));
    const ThreadCount restored_afterwards;
    const Ranges ranges{
        {0, 50'000, true, {200, 250}, "a"}, {50'000, 10, true, {10}, "b"}, {50'010, 100'000, true, {1'000, 100}, "c"}};
    std::vector<Blocks<float>> results;
    for (const int count : {1, 3}) {
        set_threads(count);
        Blocks<float> blocks = random_blocks<float>(150'010);
        const std::vector<float> gradients = blocks.gradients;
        OptimizerStep<float> step(optimizer, ranges);
        bool clipped = false;
        for (Index iteration = 1; iteration <= 3; ++iteration) {
            blocks.gradients = gradients;
            step(blocks.all(), iteration, 0.01);
            clipped = clipped || blocks.gradients != gradients;
        }
        CHECK(clipped);
        results.push_back(blocks);
    }
    CHECK((results[0] == results[1]));
    CHECK((results[0].values != random_blocks<float>(150'010).values));
}

TEST_CASE("OptimizerStep: the mean of several batches' gradients, then one step", "[optimizers]") {
    Blocks<double> blocks({1}, {0});
    OptimizerStep<double> step(SGD{.weight_decay = 0.5, .clipvalue = 1.5, .gradient_accumulation_steps = 2},
                               Ranges{{0, 1}});
    const auto after = [&](Index iteration, double gradient) {
        blocks.gradients = {gradient};
        step(blocks.all(), iteration, 0.5);
        return blocks.values[0];
    };
    CHECK(after(1, 4) == 1);
    CHECK(after(2, -3) == 0.5); // decayed to 0.75, then 0.5 * 0.5 along the mean
    CHECK(after(3, 1) == 0.5);
    CHECK(after(4, 5) == -0.375); // the mean of 3 clipped to 1.5
}

TEST_CASE("OptimizerStep: with use_ema the average is kept, and put in the values' place", "[optimizers]") {
    Blocks<double> blocks({4, 7}, {1, 1});
    const auto run = [&](std::optional<Index> frequency, Index steps) {
        blocks = Blocks<double>({4, 7}, {1, 1});
        OptimizerStep<double> step(SGD{.use_ema = true, .ema_momentum = 0.75, .ema_overwrite_frequency = frequency},
                                   Ranges{{0, 1}, {1, 1, false}});
        for (Index i = 1; i <= steps; ++i) step(blocks.all(), i, 1);
        return step;
    };
    const auto step = run({}, 3);
    CHECK(blocks.values == std::vector<double>{1, 7});
    CHECK(blocks.average == std::vector<double>{2.3125, 7}); // of 3, 2, 1: 3, 2.75, 2.3125
    step.finalize(blocks.all());
    CHECK(blocks.values == std::vector<double>{2.3125, 7});
    run(2, 2);
    CHECK(blocks.values == std::vector<double>{2.75, 7});
    run(2, 3);
    CHECK(blocks.values == std::vector<double>{1.75, 7});
}

TEST_CASE("OptimizerStep: without use_ema there is nothing to finalize", "[optimizers]") {
    Blocks<double> blocks({4}, {1});
    OptimizerStep<double> step(SGD{}, Ranges{{0, 1}});
    step.finalize(blocks.all());
    CHECK(blocks.values[0] == 4);
}

namespace {

/// Writes into the values how large the pieces are that it gets.
struct Spy {
    double learning_rate = 0;

    static constexpr std::string_view name = "Spy";
    static constexpr bool whole_parameter = true;

    Index slots() const { return 0; }
    void check() const {}
    template <class T>
    Index scratch_bytes(const ParameterRange& parameter) const {
        return Arena::bytes<T>(parameter.size);
    }
    template <class T>
    void update(const Update<T>& u) const {
        Arena scratch = u.scratch;
        T* const memory = scratch.take<T>(u.parameter->size);
        std::fill_n(memory, u.parameter->size, static_cast<T>(u.values.size()));
        std::copy_n(memory, u.parameter->size, u.values.data());
    }
};

} // namespace

TEST_CASE("OptimizerStep: whole parameters for who wants them, with memory", "[optimizers]") {
    Blocks<float> blocks(std::vector<float>(30'003), std::vector<float>(30'003));
    step<float>(Spy{}, {{0, 30'000}, {30'000, 2}, {30'002, 1, false}}, blocks);
    CHECK(blocks.values[0] == 30'000);
    CHECK(blocks.values[29'999] == 30'000);
    CHECK(blocks.values[30'001] == 2);
    CHECK(blocks.values[30'002] == 0);
}

TEMPLATE_TEST_CASE("OptimizerStep: blocks and iteration are all that training needs to go on", "[optimizers]", float,
                   double) {
    using T = TestType;
    const AnyOptimizer<T> optimizer =
        GENERATE(AnyOptimizer<T>(SGD{.momentum = 0.9, .use_ema = true}),
                 AnyOptimizer<T>(Adam{.use_ema = true, .ema_overwrite_frequency = 2, .gradient_accumulation_steps = 3}),
                 AnyOptimizer<T>(RMSprop{.momentum = 0.9, .centered = true}), AnyOptimizer<T>(Adagrad{}),
                 AnyOptimizer<T>(Adadelta{}), AnyOptimizer<T>(Nadam{}), AnyOptimizer<T>(Lion{}),
                 AnyOptimizer<T>(Muon{}), AnyOptimizer<T>(Nadam{.gradient_accumulation_steps = 2}));
    const Ranges ranges{{0, 60, true, {12, 5}, "dense/kernel"}, {60, 5, true, {5}, "dense/bias"}};
    const std::vector<T> gradients = random_blocks<T>(65).gradients;
    Blocks<T> through = random_blocks<T>(65);
    std::fill(through.slot_0.begin(), through.slot_0.end(), static_cast<T>(optimizer.initial(0)));
    Blocks<T> again = through;
    const auto train = [&](Blocks<T>& blocks, Index first, Index last) {
        OptimizerStep<T> step(optimizer, ranges);
        for (Index iteration = first; iteration <= last; ++iteration) {
            blocks.gradients = gradients;
            blocks.gradients[static_cast<std::size_t>(iteration)] += T(0.5);
            step(blocks.all(), iteration, 0.01);
        }
    };
    train(through, 1, 20);
    train(again, 1, 7);
    train(again, 8, 20);
    CHECK((again == through));
    CHECK((through.values != random_blocks<T>(65).values));
}

TEST_CASE("OptimizerStep: the learning rate is that of the call", "[optimizers]") {
    Blocks<double> blocks({1}, {1});
    OptimizerStep<double> step(SGD{.learning_rate = 0.5}, Ranges{{0, 1}});
    step(blocks.all(), 1, 0.25);
    CHECK(blocks.values[0] == 0.75);
    step(blocks.all(), 2, 0);
    CHECK(blocks.values[0] == 0.75);
}

TEST_CASE("OptimizerStep: what it refuses", "[optimizers][errors]") {
    CHECK_THROWS_WITH(OptimizerStep<float>(Adam{.beta_1 = 2}, Ranges{{0, 1}}), "Adam: beta_1 must be in [0, 1), got 2");
    OptimizerStep<float> step(Adam{}, Ranges{{0, 10}, {10, 5}});
    Blocks<float> blocks = random_blocks<float>(15);
    const Blocks<float> before = blocks;
    const auto call = [&](OptimizerBlocks<float> all, Index iteration = 1, double rate = 0.1) {
        step(all, iteration, rate);
    };
    CHECK_THROWS_AS(call(blocks.all(), 1, -1), ValueError);
    CHECK_THROWS_WITH(call(blocks.all(), 1, std::nan("")), "Adam: learning_rate must be a finite number >= 0, got nan");
    CHECK_THROWS_WITH(call(blocks.all(), 0), "Adam: the first iteration is 1, got 0");
    OptimizerBlocks<float> all = blocks.all();
    all.slot_1 = {};
    CHECK_THROWS_AS(call(all), ShapeError);
    CHECK_THROWS_WITH(call(all), "Adam: 15 values, but 0 elements in slot 1");
    all = blocks.all();
    all.gradients = all.gradients.first(14);
    CHECK_THROWS_WITH(call(all), "Adam: 15 values, but 14 gradients");
    all = blocks.all();
    all.values = all.values.first(14);
    CHECK_THROWS_WITH(call(all), "Adam: the parameters reach to 15, but their block has 14 elements");
    CHECK((blocks == before));
    CHECK_NOTHROW(call(blocks.all()));
    all = blocks.all();
    all.average = {};
    CHECK_THROWS_WITH(OptimizerStep<float>(Adam{.use_ema = true}, Ranges{{0, 10}})(all, 1, 0.1),
                      "Adam: 15 values, but 0 averages");
    all.accumulated = all.accumulated.first(3);
    CHECK_THROWS_WITH(OptimizerStep<float>(Adam{.gradient_accumulation_steps = 2}, Ranges{{0, 10}})(all, 1, 0.1),
                      "Adam: 15 values, but 3 accumulated gradients");
}

TEST_CASE("optimizers: what all of them refuse", "[optimizers][errors]") {
    const auto refuses = [](const SGD& sgd, const char* message) { CHECK_THROWS_WITH(sgd.check(), message); };
    refuses({.ema_momentum = 1.5}, "SGD: ema_momentum must be in [0, 1], got 1.5");
    refuses({.use_ema = true, .ema_overwrite_frequency = 0}, "SGD: ema_overwrite_frequency must be at least 1, got 0");
    refuses({.gradient_accumulation_steps = 1}, "SGD: gradient_accumulation_steps must be at least 2, got 1");
}
