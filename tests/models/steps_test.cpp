#include <algorithm>

#include <fovea/layers/all.hpp>
#include <fovea/models/network.hpp>

#include "catch.hpp"

using namespace fovea;

namespace {

/// One parameter, of which it prepares the double, and in training the triple too.
struct Multiples {
    static constexpr std::string_view type = "Multiples";

    template <class T>
    class Layer {
    public:
        Layer(const Multiples&, const Shape&, ParameterRegistry& parameters) {
            parameter_ = parameters.add("value", {1}, Initializer::constant(5));
        }
        Index prepared_bytes(bool training) const { return (training ? 2 : 1) * Arena::bytes<T>(1); }
        void prepare(std::span<const T> values, Arena prepared, bool training) const {
            const T value = parameter_.in(values)[0];
            prepared.take<T>(1)[0] = 2 * value;
            if (training) prepared.take<T>(1)[0] = 3 * value;
        }
        void forward(ConstView<T> x, View<T> y, Pass<T>&) const { std::copy(x.begin(), x.end(), y.begin()); }
        void backward(ConstView<T>, ConstView<T>, View<T>, View<T>, Pass<T>&) const {}

    private:
        Parameter parameter_;
    };

    Shape output_shape(const Shape& input) const { return input; }
};

Network<float> article_like() {
    Network<float> network(1);
    network.add_input({10, 10, 1});
    network.add(Conv2D{.filters = 4, .kernel_size = 3, .activation = Activation::relu});
    network.add(MaxPooling2D{});
    network.add(Conv2D{.filters = 4, .kernel_size = 3, .use_bias = false});
    network.add(BatchNormalization{});
    network.add(ActivationLayer{Activation::relu});
    network.add(Flatten{});
    network.add(Dense{3, Activation::softmax});
    return network;
}

} // namespace

TEST_CASE("make_steps: without fusion a step a layer") {
    const Network<float> network = article_like();
    for (const bool training : {false, true}) {
        const auto steps = make_steps(network.wiring(), training, false);
        REQUIRE(steps.size() == network.layers().size());
        for (std::size_t i = 0; i < steps.size(); ++i) {
            CHECK(steps[i].calls == std::vector<std::size_t>{i});
            CHECK(steps[i].inputs == std::vector<std::size_t>{i});
            CHECK(steps[i].output == i + 1);
            CHECK(steps[i].layer.type() == network.layers()[i].layer.type());
            CHECK(steps[i].layer.output_shape() == network.layers()[i].layer.output_shape());
        }
    }
    CHECK(make_steps(Network<float>().wiring(), true, false).empty());
}

TEST_CASE("make_steps: with fusion too every layer is in one step, in order, and shapes fit") {
    const Network<float> network = article_like();
    for (const bool training : {false, true}) {
        const auto steps = make_steps(network.wiring(), training, true);
        REQUIRE(!steps.empty());
        std::size_t next = 0;
        Shape shape = network.input_shape();
        for (const Step<float>& step : steps) {
            REQUIRE(!step.calls.empty());
            for (const std::size_t call : step.calls) CHECK(call == next++);
            CHECK(step.layer.input_shape() == shape);
            shape = step.layer.output_shape();
            CHECK(shape == network.layers()[step.calls.back()].layer.output_shape());
        }
        CHECK(next == network.layers().size());
    }
}

TEST_CASE("Prepared: each step has memory of its own, made from the values when they are refreshed") {
    Network<double> network;
    network.add_input({3});
    network.add(Multiples{});
    network.add(Flatten{});
    network.add(Multiples{});
    const auto steps = make_steps(network.wiring(), true, false);
    for (const int threads : {1, 3}) {
        ThreadPool pool(threads);
        for (const bool training : {false, true}) {
            INFO(threads << " threads, " << (training ? "training" : "inference"));
            Prepared<double> prepared(steps, training);
            for (const double value : {5.0, 7.0, -1.0}) {
                const std::vector<double> values{value, value + 100};
                prepared.refresh(steps, values, pool);
                for (const std::size_t step : {std::size_t{0}, std::size_t{2}}) {
                    const double own = step == 0 ? value : value + 100;
                    Arena memory = prepared[step];
                    CHECK(memory.take<double>(1)[0] == 2 * own);
                    if (training) CHECK(memory.take<double>(1)[0] == 3 * own);
                    CHECK_THROWS_AS(memory.take<double>(1), StateError); // no more than the layer asked for
                }
            }
            CHECK_THROWS_AS(prepared[1].take<double>(1), StateError);
        }
    }
}

TEST_CASE("Prepared: memory begins on a 64-byte boundary, and moves along") {
    Network<float> network;
    network.add_input({5});
    for (const Index units : {7, 1, 20}) network.add(Dense{units});
    const auto steps = make_steps(network.wiring(), true, false);
    Prepared<float> first(steps, true);
    ThreadPool pool(2);
    const Network<float>& constant = network;
    first.refresh(steps, constant.values(), pool);
    const Prepared<float> prepared = std::move(first);
    for (std::size_t i = 0; i < steps.size(); ++i) {
        Arena memory = prepared[i];
        const auto* const kernel = memory.take<float>(1);
        CHECK(reinterpret_cast<std::uintptr_t>(kernel) % 64 == 0);
        // A panel begins with the kernel's first row.
        CHECK(kernel[0] == constant.value(network.parameters()[2 * i])[0]);
    }
}
