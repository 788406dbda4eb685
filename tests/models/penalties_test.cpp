#include <cmath>

#include <fovea/models/penalties.hpp>

#include "models/networks.hpp"

#include "catch.hpp"

using namespace fovea;

namespace {

/// Two large layers of which each parameter has something.
Sequential<float> wide_network() {
    return Sequential<float>{Input{6, 6, 1}, Flatten{},
                             Dense{.units = 500,
                                   .kernel_regularizer = L1L2{1e-4, 1e-3},
                                   .bias_regularizer = L2{},
                                   .kernel_constraint = MaxNorm{.max_value = 0.5},
                                   .bias_constraint = NonNeg{}},
                             Dense{.units = 3,
                                   .activation = Activation::softmax,
                                   .kernel_regularizer = L1{},
                                   .kernel_constraint = UnitNorm{.axis = {1}}}};
}

/// Without constraints, which would change the weights at any learning rate.
Sequential<float> regularized_network() {
    return Sequential<float>{Input{6, 6, 1}, Flatten{}, Dense{.units = 50, .kernel_regularizer = L2{0.1}},
                             Dense{.units = 3, .activation = Activation::softmax, .kernel_regularizer = L1{}}};
}

/// One weight w and one sample x = 1 with target 0: the mean squared error is w^2.
Sequential<double> one_weight(const Dense& dense, double w) {
    Sequential<double> model{Input{1}, dense};
    model.set_weights({Tensor<double>(Shape{1, 1}, w)});
    model.compile({.optimizer = SGD{.learning_rate = 0.25}, .loss = Loss::mean_squared_error});
    return model;
}

const Tensor<double> one_sample(Shape{1, 1}, 1), one_target(Shape{1, 1}, 0);

} // namespace

TEST_CASE("penalties: loss and step by hand") {
    auto model = one_weight({.units = 1, .use_bias = false, .kernel_regularizer = L1L2{.l1 = 0.5, .l2 = 2}}, -2);
    // 4 + 0.5 * 2 + 2 * 4, and its gradient -4 - 0.5 - 8
    CHECK(model.evaluate(one_sample, one_target, {.verbose = 0}).loss == 13);
    CHECK(model.compute_gradients({one_sample, one_target}).loss == 13);
    CHECK(model.compute_gradients({one_sample, one_target}).values[0] == -12.5);
    CHECK(model.train_on_batch(one_sample, one_target).at("loss") == 13);
    CHECK(model.get_weights()[0][0] == -2 + 12.5 / 4);
}

TEST_CASE("penalties: constraints come behind the step") {
    const auto weight_after_step = [](const Constraint& constraint) {
        auto model = one_weight({.units = 1, .use_bias = false, .kernel_constraint = constraint}, -8);
        model.train_on_batch(one_sample, one_target); // -8 + 16 / 4
        return model.get_weights()[0][0];
    };
    CHECK(weight_after_step({}) == -4);
    CHECK(weight_after_step(NonNeg{}) == 0);
    CHECK(weight_after_step(MaxNorm{3}) == Catch::Approx(-3).epsilon(1e-6));
    CHECK(weight_after_step(UnitNorm{}) == Catch::Approx(-1).epsilon(1e-6));
}

TEST_CASE("penalties: a mean over samples, however they are cut into batches") {
    const Dataset set = networks::images(30);
    auto model = regularized_network();
    networks::compile(model, SGD{.learning_rate = 0});
    const double whole = model.evaluate(set, {.batch_size = 30, .verbose = 0}).loss;
    CHECK(model.evaluate(set, {.batch_size = 7, .verbose = 0}).loss == Catch::Approx(whole));
    const History history = model.fit(set, {.batch_size = 7, .validation_data = Data<float>(set), .verbose = 0});
    CHECK(history["loss"].back() == Catch::Approx(whole));
    CHECK(history["val_loss"].back() == Catch::Approx(whole));
}

TEST_CASE("penalties: frozen layers have none, and thawed ones have them again") {
    const Dataset set = networks::images(8);
    auto model = regularized_network();
    networks::compile(model, SGD{.learning_rate = 0.1});
    const double with = model.train_on_batch(set).at("loss");
    const double after = model.evaluate(set, {.verbose = 0}).loss;
    CHECK(after < with);
    model.layer("dense").trainable = false;
    const auto before = model.get_weights();
    const double one_frozen = model.train_on_batch(set).at("loss");
    CHECK(one_frozen < after - 0.1);
    CHECK(model.get_weights()[0] == before[0]);
    CHECK(model.get_weights()[2] != before[2]);
    model.layer("dense").trainable = true;
    CHECK(model.train_on_batch(set).at("loss") > one_frozen + 0.1);
}

TEST_CASE("penalties: the bits do not depend on threads and instruction set") {
    const Dataset set = networks::images(16);
    const auto hash = [&] {
        set_random_seed(5);
        auto model = wide_network();
        networks::compile(model);
        for (int step = 0; step < 3; ++step) model.train_on_batch(set);
        return std::pair(model.weights_hash(), model.evaluate(set, {.verbose = 0}).loss);
    };
    const auto expected = hash();
    for (const int count : {1, 2, 3, 7}) {
        const networks::Threads guard(count);
        CHECK(hash() == expected);
    }
    const Isa before = isa();
    for (const Isa other : {Isa::generic, Isa::avx2, Isa::avx512})
        if (is_available(other)) {
            set_isa(other);
            CHECK(hash() == expected);
        }
    set_isa(before);
    set_random_seed(0);
}

TEST_CASE("penalties: gradients are those of the loss that evaluate says") {
    // One parameter at a time; L1 has a kink at 0 only, and no weight is there.
    const Tensor<double> x{{0.5, -1, 2}, {1, 0.25, -0.5}}, y{{0.5}, {-1}};
    Sequential<double> model{Input{3},
                             Dense{.units = 2,
                                   .activation = Activation::tanh,
                                   .bias_initializer = Initializer::constant(0.3),
                                   .kernel_regularizer = L1L2{0.1, 0.2},
                                   .bias_regularizer = L2{0.5}},
                             Dense{.units = 1, .kernel_regularizer = L1{0.2}}};
    model.compile({.optimizer = SGD{}, .loss = Loss::mean_squared_error});
    const auto gradients = model.compute_gradients({x, y});
    const double step = 1e-6;
    for (const NamedParameter& p : model.network().parameters())
        for (Index i = 0; i < p.place.size(); ++i) {
            INFO(p.name << ' ' << i);
            double& value = model.parameter(p.name)[i];
            const double before = value;
            value = before + step;
            const double up = model.evaluate(x, y, {.verbose = 0}).loss;
            value = before - step;
            const double down = model.evaluate(x, y, {.verbose = 0}).loss;
            value = before;
            CHECK(gradients.values[p.place.offset + i] == Catch::Approx((up - down) / (2 * step)).margin(1e-8));
        }
}

TEST_CASE("penalties: of convolutions and normalizations, too") {
    Sequential<float> model{Input{6, 6, 1},
                            Conv2D{.filters = 4,
                                   .kernel_size = {3, 3},
                                   .kernel_regularizer = L2{1},
                                   .bias_regularizer = L1{1},
                                   .kernel_constraint = UnitNorm{.axis = {0, 1, 2}},
                                   .bias_constraint = NonNeg{}},
                            BatchNormalization{.beta_regularizer = L2{1},
                                               .gamma_regularizer = L1{1},
                                               .beta_constraint = NonNeg{},
                                               .gamma_constraint = MaxNorm{1}},
                            Flatten{}, Dense{.units = 3, .activation = Activation::softmax}};
    const auto& parameters = model.network().parameters();
    REQUIRE(parameters.size() == 8);
    for (std::size_t i = 0; i < 8; ++i) {
        INFO(parameters[i].name);
        CHECK(static_cast<bool>(parameters[i].regularizer) == (i < 4));
        CHECK(static_cast<bool>(parameters[i].constraint) == (i < 4));
    }
    CHECK(parameters[2].regularizer.l1() == 1); // gamma
    networks::compile(model);
    model.train_on_batch(networks::images(8));
    const Tensor<float> kernel = model.get_weights()[0];
    for (Index filter = 0; filter < 4; ++filter) {
        float squares = 0;
        for (Index i = filter; i < kernel.size(); i += 4) squares += kernel[i] * kernel[i];
        CHECK(squares == Catch::Approx(1).epsilon(1e-5));
    }
}
