#include <fovea/models/training_state.hpp>

#include <fovea/callbacks/all.hpp>
#include <fovea/data/map.hpp>
#include <fovea/schedules/all.hpp>

#include "models/networks.hpp"

#include "catch.hpp"

using namespace fovea;

namespace {

/// Keeps all that it is given, and begins with what it is told to.
struct MemoryKeeper : CheckpointKeeper<float> {
    std::optional<StateDict> first;
    std::vector<StateDict> states;

    bool find(const RunningFit<float>& fit) override {
        identity = detail::training_identity(fit);
        if (first) detail::check_identity(first->part("training"), identity, place());
        return first.has_value();
    }
    void restore(const RunningFit<float>& fit) override { detail::restore_training(*first, fit); }
    void save(const RunningFit<float>& fit, bool) override { states.push_back(detail::training_state(fit, identity)); }
    std::string place() const override { return "memory"; }

    StateDict identity;
};

/// One way to train, from nothing: each run makes its model and callbacks anew.
struct TrainingRun {
    std::uint64_t hash = 0;
    StateDict end;        ///< all that a checkpoint would keep
    Evaluation evaluated; ///< goes through the moving averages

    /// Whether both ended with the same bits.
    bool operator==(const TrainingRun& other) const {
        return hash == other.hash && end.entries() == other.end.entries() &&
               text(evaluated.loss) == text(other.evaluated.loss); // NaN too
    }
};

struct Recipe {
    std::function<Sequential<float>()> make = networks::small<float>;
    AnyOptimizer<float> optimizer = Adam{};
    FitOptions<float> options = {.epochs = 3, .batch_size = 8, .verbose = 0};
    std::function<std::vector<std::shared_ptr<Callback<float>>>()> callbacks = [] {
        return std::vector<std::shared_ptr<Callback<float>>>{};
    };
};

TrainingRun train_recipe(const Recipe& recipe, const Data<float>& data, const std::shared_ptr<MemoryKeeper>& keeper) {
    auto model = recipe.make();
    networks::compile(model, recipe.optimizer);
    const auto callbacks = recipe.callbacks();
    FitOptions<float> options = recipe.options;
    for (const auto& callback : callbacks) options.callbacks.push_back(callback.get());
    options.checkpoint = Checkpoint<float>(keeper);
    const History history = model.fit(data, options);
    FitPosition position{.history = history};
    const std::vector<float> none;
    const RunningFit<float> fit{model, data, options, data.size(), none, position};
    return {model.weights_hash(), detail::training_state(fit, keeper->identity), model.evaluate(data, {.verbose = 0})};
}

/// Trains without a break, and once more from each batch and epoch on.
std::size_t check_resume(const Recipe& recipe, const Data<float>& data) {
    const auto whole = std::make_shared<MemoryKeeper>();
    const TrainingRun expected = train_recipe(recipe, data, whole);
    for (std::size_t i = 0; i < whole->states.size(); ++i) {
        INFO("from checkpoint " << i << " of " << whole->states.size());
        const auto rest = std::make_shared<MemoryKeeper>();
        rest->first = whole->states[i];
        CHECK(train_recipe(recipe, data, rest) == expected);
        CHECK(rest->states.size() == whole->states.size() - i - 1);
        for (std::size_t k = 0; k < rest->states.size(); ++k)
            REQUIRE(rest->states[k].entries() == whole->states[i + 1 + k].entries());
    }
    return whole->states.size();
}

template <class C, class... Arguments>
auto one_callback(const Arguments&... arguments) {
    return [=] { return std::vector<std::shared_ptr<Callback<float>>>{std::make_shared<C>(arguments...)}; };
}

} // namespace

TEST_CASE("resume: the same bits from every batch and every epoch on") {
    const Dataset set = networks::images(20);
    CHECK(check_resume({}, set) == 3 * (3 + 1));
    Recipe recipe;
    recipe.options.shuffle = false;
    check_resume(recipe, set);
}

TEST_CASE("resume: dropout, noise and moving averages") {
    const Dataset set = networks::images(20);
    check_resume({.make = networks::normalized<float>}, set);
    check_resume({.make =
                      [] {
                          return Sequential<float>{Input{6, 6, 1},
                                                   GaussianNoise{0.25},
                                                   Conv2D{.filters = 4, .kernel_size = 3},
                                                   SpatialDropout2D{0.25},
                                                   BatchNormalization{.momentum = 0.75},
                                                   Flatten{},
                                                   Dense{3, Activation::softmax}};
                      }},
                 set);
}

TEST_CASE("resume: all optimizers, with all that they keep") {
    const Dataset set = networks::images(20);
    const std::vector<AnyOptimizer<float>> optimizers{
        SGD{},
        SGD{.learning_rate = 0.05, .momentum = 0.9, .nesterov = true, .clipnorm = 0.5},
        RMSprop{.momentum = 0.5, .centered = true},
        Adam{.global_clipnorm = 0.5},
        AdamW{.weight_decay = 0.01, .clipvalue = 0.01},
        Nadam{},
        Adagrad{},
        Adadelta{.learning_rate = 1},
        Lion{},
        Muon{},
        Adam{.use_ema = true, .ema_momentum = 0.75},
        SGD{.use_ema = true, .ema_momentum = 0.5, .ema_overwrite_frequency = 2},
        Adam{.gradient_accumulation_steps = 2},
        SGD{.momentum = 0.9, .use_ema = true, .ema_momentum = 0.75, .gradient_accumulation_steps = 4}};
    for (const AnyOptimizer<float>& optimizer : optimizers) {
        INFO(optimizer.name());
        Recipe recipe{.optimizer = optimizer};
        recipe.options.epochs = 2;
        check_resume(recipe, set);
    }
}

TEST_CASE("resume: schedules") {
    const Dataset set = networks::images(20);
    check_resume({.optimizer = Adam{.learning_rate = CosineDecay{0.01, 9}}}, set);
    check_resume({.optimizer = SGD{.learning_rate = OneCycle{0.1, 9}, .momentum = 0.9}}, set);
}

TEST_CASE("resume: weights of classes and samples, validation, augmentation by the epoch") {
    const Dataset set = networks::images(24);
    const auto augmented = map(set, [](View<float> x, Index sample, Index epoch) {
        const random::Stream stream{3, random::Purpose::augment, static_cast<std::uint32_t>(sample),
                                    static_cast<std::uint32_t>(epoch)};
        for (Index i = 0; i < x.size(); ++i)
            x[i] += static_cast<float>(stream.uniform(static_cast<std::uint64_t>(i))) * 0.25F;
    });
    Recipe recipe{.make = networks::normalized<float>};
    recipe.options.class_weight = {{0, 2.0}, {1, 0.5}};
    recipe.options.validation_split = 0.25;
    for (int i = 0; i < 24; ++i) recipe.options.sample_weight.push_back(0.25 * (i % 5));
    check_resume(recipe, augmented);
}

TEST_CASE("resume: where training begins with epoch 2") {
    const Dataset set = networks::images(20);
    Recipe recipe;
    recipe.options.initial_epoch = 2;
    recipe.options.epochs = 4;
    CHECK(check_resume(recipe, set) == 2 * (3 + 1));
}

TEST_CASE("resume: callbacks go on with what they know") {
    const Dataset set = networks::images(24);
    Recipe recipe{.optimizer = SGD{.learning_rate = 2}}; // too much: it gets worse now and then
    recipe.options.validation_split = 0.25;
    recipe.options.epochs = 8;
    SECTION("EarlyStopping") {
        recipe.callbacks = one_callback<EarlyStopping<float>>(
            EarlyStoppingOptions{.patience = 1, .restore_best_weights = true, .start_from_epoch = 1});
        CHECK(check_resume(recipe, set) < 8 * (3 + 1)); // it has stopped
    }
    SECTION("ReduceLROnPlateau") {
        recipe.callbacks = one_callback<ReduceLROnPlateau<float>>(
            ReduceLROnPlateauOptions{.factor = 0.5, .patience = 1, .cooldown = 1});
        check_resume(recipe, set);
    }
    SECTION("LearningRateScheduler: not a second time in the same epoch") {
        recipe.callbacks = one_callback<LearningRateScheduler<float>>([](Index, double rate) { return 0.5 * rate; });
        check_resume(recipe, set);
    }
    SECTION("TerminateOnNaN") {
        recipe.optimizer = SGD{.learning_rate = 1e30};
        recipe.callbacks = one_callback<TerminateOnNaN<float>>();
        const networks::Output output;
        CHECK(check_resume(recipe, set) < 8 * (3 + 1));
    }
    SECTION("one that thaws a layer") {
        struct Thaw : Callback<float> {
            void on_epoch_begin(Index epoch) override { model().layer("conv2d").trainable = epoch >= 2; }
        };
        recipe.callbacks = one_callback<Thaw>();
        recipe.make = [] {
            auto model = networks::small();
            model.layer("conv2d").trainable = false;
            return model;
        };
        recipe.options.epochs = 4;
        check_resume(recipe, set);
    }
    SECTION("several, and one of one's own with a state") {
        struct Counter : Callback<float> {
            Index batches = 0;
            void on_train_begin() override { batches = 0; }
            void on_train_batch_end(Index, const Logs&) override {
                if (++batches % 5 == 0) model().set_learning_rate(0.75 * model().learning_rate());
            }
            void save_state(StateDict& state) const override { state.set("batches", batches); }
            void load_state(const StateDict& state) override { batches = state.get<Index>("batches"); }
        };
        recipe.callbacks = [] {
            return std::vector<std::shared_ptr<Callback<float>>>{
                std::make_shared<LambdaCallback<float>>(LambdaCallbackOptions{}), std::make_shared<Counter>(),
                std::make_shared<ReduceLROnPlateau<float>>(ReduceLROnPlateauOptions{.monitor = "loss", .patience = 1}),
                std::make_shared<EarlyStopping<float>>(EarlyStoppingOptions{.patience = 3})};
        };
        check_resume(recipe, set);
    }
}

TEST_CASE("resume: several inputs and outputs, in double too, on other numbers of threads") {
    const networks::BranchingData<double> set(20);
    std::vector<StateDict> states;
    struct Keeper : CheckpointKeeper<double> {
        std::optional<StateDict> first;
        std::vector<StateDict> states;
        StateDict identity;
        bool find(const RunningFit<double>& fit) override {
            identity = detail::training_identity(fit);
            return first.has_value();
        }
        void restore(const RunningFit<double>& fit) override { detail::restore_training(*first, fit); }
        void save(const RunningFit<double>& fit, bool) override {
            states.push_back(detail::training_state(fit, identity));
        }
        std::string place() const override { return "memory"; }
    };
    const auto run = [&](const std::shared_ptr<Keeper>& keeper) {
        auto model = networks::branching<double>();
        networks::compile_branching(model);
        model.fit(set.data, {.epochs = 2, .batch_size = 8, .verbose = 0, .checkpoint = Checkpoint<double>(keeper)});
        return model.weights_hash();
    };
    const auto whole = std::make_shared<Keeper>();
    const std::uint64_t expected = run(whole);
    int threads = 0;
    for (const StateDict& state : whole->states) {
        const networks::Threads guard(++threads % 3 + 1);
        const auto rest = std::make_shared<Keeper>();
        rest->first = state;
        CHECK(run(rest) == expected);
    }
}

TEST_CASE("resume: more epochs than before are as if they had been asked for at once") {
    const Dataset set = networks::images(20);
    for (const AnyOptimizer<float>& optimizer :
         {AnyOptimizer<float>(Adam{}), AnyOptimizer<float>(Adam{.use_ema = true, .ema_momentum = 0.75})}) {
        Recipe recipe{.optimizer = optimizer};
        recipe.options.epochs = 2;
        const auto few = std::make_shared<MemoryKeeper>();
        train_recipe(recipe, set, few);
        recipe.options.epochs = 4;
        const auto many = std::make_shared<MemoryKeeper>();
        const TrainingRun expected = train_recipe(recipe, set, many);
        const auto rest = std::make_shared<MemoryKeeper>();
        rest->first = few->states.back();
        CHECK(train_recipe(recipe, set, rest) == expected);
    }
}

TEST_CASE("resume: a checkpoint of another training is refused, with what differs") {
    const Dataset set = networks::images(20);
    const Recipe recipe;
    const auto keeper = std::make_shared<MemoryKeeper>();
    train_recipe(recipe, set, keeper);
    const auto refusal = [&](const Recipe& other, const Data<float>& data) {
        const auto rest = std::make_shared<MemoryKeeper>();
        rest->first = keeper->states[1];
        try {
            train_recipe(other, data, rest);
        } catch (const ValueError& error) {
            return std::string(error.what());
        }
        return std::string();
    };
    const std::string begin = "fit: the checkpoint in memory is of another training: ";
    const std::string end =
        ". Each training needs a folder of its own, and goes on in a model that is as it was when it began";
    CHECK(refusal(recipe, set) == "");
    Recipe other;
    other.options.batch_size = 5;
    other.options.shuffle = false;
    CHECK(refusal(other, set) == begin + "batch_size is 8 there, 5 here; shuffle is 1 there, 0 here" + end);
    CHECK(refusal(recipe, networks::images(21)) == begin + "samples is 20 there, 21 here" + end);
    const auto differs = [&](const Recipe& changed, const std::string& how) {
        const std::string message = refusal(changed, set);
        CAPTURE(message);
        CHECK(message.find(how) != std::string::npos);
    };
    differs({.optimizer = SGD{}}, "optimizer is \"Adam\" there, \"SGD\" here");
    differs({.optimizer = Adam{.beta_1 = 0.8}}, begin + "other options of the optimizer" + end);
    differs({.optimizer = Adam{.learning_rate = 0.01}}, "learning rate at the beginning is 0.001 there, 0.01 here");
    differs({.optimizer = Adam{.learning_rate = CosineDecay{0.001, 9}}}, "schedule of the learning rate is not there");
    differs({.make =
                 [] {
                     return Sequential<float>{Input{6, 6, 1}, Conv2D{4, {3, 3}, Activation::relu}, MaxPooling2D{},
                                              Flatten{}, Dense{5, Activation::softmax}};
                 }},
            "dense/bias is \"(3,)\" there, \"(5,)\" here; dense/kernel is \"(16, 3)\" there, \"(16, 5)\" here");
    differs({.make =
                 [] {
                     return Sequential<float>{
                         Input{6, 6, 1}, Conv2D{4, {3, 3}, Activation::gelu}, MaxPooling2D{}, Flatten{},
                         Dense{.units = 3, .activation = Activation::softmax, .kernel_regularizer = L2{0.01}}};
                 }},
            "conv2d.activation is \"relu\" there, \"gelu\" here; dense.kernel_regularizer.l2 is 0 there, 0.01 here");
    differs({.make = networks::normalized<float>},
            "layer activation is not there; layer activation_1 is not there; layer batch_normalization is not there; ");
    differs({.make =
                 [] {
                     auto model = networks::small();
                     model.layer("dense").trainable = false;
                     return model;
                 }},
            "layer dense is \"Dense (3,)\" there, \"Dense (3,), frozen\" here");
    differs({.make =
                 [] {
                     auto model = networks::small();
                     model.set_fuses(false);
                     return model;
                 }},
            "fuses is 1 there, 0 here");
    differs({.make =
                 [] {
                     set_random_seed(7);
                     auto model = networks::small();
                     set_random_seed(0);
                     return model;
                 }},
            "seed is 0 there, 7 here");
    Recipe weighed;
    weighed.options.class_weight = {{1, 2.0}};
    differs(weighed, "other weights of samples");
    Recipe watched;
    watched.callbacks = one_callback<EarlyStopping<float>>(EarlyStoppingOptions{.monitor = "loss"});
    differs(watched, "callbacks with a state is 0 there, 1 here");
}

TEST_CASE("resume: a schedule that turns out to be another one is refused") {
    struct Late {
        double last;
        double at(Index step) const { return step < 6 ? 0.1 : last; }
        void check() const {}
    };
    const Dataset set = networks::images(20);
    const auto keeper = std::make_shared<MemoryKeeper>(), rest = std::make_shared<MemoryKeeper>();
    train_recipe({.optimizer = SGD{.learning_rate = Late{0.01}}}, set, keeper);
    rest->first = keeper->states[8]; // behind batch 7
    CHECK_THROWS_MATCHES(train_recipe({.optimizer = SGD{.learning_rate = Late{0.02}}}, set, rest), DataError,
                         says("the schedule gives a learning rate of 0.02 for step 7, it gave 0.01"));
}

TEST_CASE("resume: a model that has gone on in between is refused, one that is compiled anew is not") {
    const Dataset set = networks::images(20);
    const auto keeper = std::make_shared<MemoryKeeper>();
    auto model = networks::small();
    networks::compile(model);
    const auto fit = [&] {
        return model.fit(set, {.batch_size = 8, .verbose = 0, .checkpoint = Checkpoint<float>(keeper)});
    };
    fit();
    const std::uint64_t hash = model.weights_hash();
    keeper->first = keeper->states[1];
    CHECK_THROWS_MATCHES(fit(), ValueError, says("iteration at the beginning is 0 there, 3 here"));
    CHECK(model.weights_hash() == hash);
    networks::compile(model);
    fit();
    CHECK(model.weights_hash() == hash);
}

TEST_CASE("resume: a checkpoint that lacks something changes nothing") {
    const Dataset set = networks::images(20);
    const auto keeper = std::make_shared<MemoryKeeper>();
    train_recipe({}, set, keeper);
    const StateDict whole = keeper->states[1];
    for (const auto& [missing, value] : whole.entries()) {
        if (missing.starts_with("training/")) continue;
        StateDict rest;
        for (const auto& [name, entry] : whole.entries())
            if (name != missing) rest.set_entry(name, entry);
        auto model = networks::small();
        networks::compile(model);
        const std::uint64_t hash = model.weights_hash();
        keeper->first = rest;
        INFO(missing);
        CHECK_THROWS_AS(
            model.fit(set, {.epochs = 3, .batch_size = 8, .verbose = 0, .checkpoint = Checkpoint<float>(keeper)}),
            DataError);
        CHECK(model.weights_hash() == hash);
        CHECK(model.iteration() == 0);
    }
    for (const auto& [name, value] :
         {std::pair<std::string, Index>{"fit/step", -1}, {"fit/step", 4}, {"fit/seen", 21}, {"fit/epoch", -1}}) {
        StateDict wrong = whole;
        wrong.set(name, value);
        keeper->first = wrong;
        auto model = networks::small();
        networks::compile(model);
        CHECK_THROWS_AS(
            model.fit(set, {.epochs = 3, .batch_size = 8, .verbose = 0, .checkpoint = Checkpoint<float>(keeper)}),
            DataError);
    }
}

TEST_CASE("interrupt_training: fit ends behind the batch with a checkpoint, and without the hooks of its end") {
    const Dataset set = networks::images(20);
    struct Interrupter : Callback<float> {
        std::string hooks;
        Index batches = 0;
        void on_train_batch_end(Index, const Logs&) override {
            hooks += 'b';
            if (++batches == 5) model().interrupt_training = true;
        }
        void on_epoch_end(Index, const Logs&) override { hooks += 'e'; }
        void on_train_end(const Logs&) override { hooks += 't'; }
    } interrupter;
    auto model = networks::small();
    networks::compile(model);
    const auto keeper = std::make_shared<MemoryKeeper>();
    CHECK_THROWS_MATCHES(model.fit(set, {.epochs = 3,
                                         .batch_size = 8,
                                         .verbose = 0,
                                         .callbacks = {&interrupter},
                                         .checkpoint = Checkpoint<float>(keeper)}),
                         Interrupted, says("fit: interrupted in epoch 2/3, behind batch 2; memory has a checkpoint"));
    CHECK(interrupter.hooks == "bbbebb");
    CHECK(keeper->states.back().get<Index>("fit/step") == 2);
    CHECK(model.iteration() == 5);
    CHECK_THROWS_MATCHES(interrupter.model(), StateError, says("only during fit"));
}
