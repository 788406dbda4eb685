#include <fovea/optimizers/all.hpp>
#include <fovea/optimizers/apply.hpp>

#include "catch.hpp"
#include "reference/optimizer.hpp"
#include "reference/reference.hpp"

// Ten steps of every optimizer against Keras's: reference/record_optimizers.py.

using namespace fovea;

namespace {

template <class T>
void check(const reference::Case& recorded, double tolerance) {
    constexpr Index steps = 10;
    constexpr std::uint64_t gradient_streams[] = {20, 40, 60, 80};
    const std::vector<ParameterRange> all{{0, 12, true, {3, 4}, "hidden_kernel"},
                                          {12, 4, true, {4}, "hidden_bias"},
                                          {16, 12, true, {6, 2}, "output_kernel"},
                                          {28, 24, true, {2, 2, 2, 3}, "convolution_kernel"}};

    const AnyOptimizer<T> optimizer = reference::make_optimizer<T>(recorded.description("optimizer"));
    const std::vector<ParameterRange> ranges(all.begin(), all.begin() + (optimizer.name() == "Muon" ? 4 : 2));
    OptimizerStep<T> step(optimizer, ranges);
    Tensor<T> values(Shape{52}), gradients(Shape{52});
    OptimizerState<T> state(optimizer, 52);
    const auto fill = [&](Tensor<T>& block, std::size_t p, std::uint64_t stream, double scale) {
        const auto numbers = reference::values<T>(ranges[p].shape, stream, scale);
        std::copy(numbers.begin(), numbers.end(), block.begin() + ranges[p].offset);
    };
    const auto compare = [&](const std::string& when) {
        for (std::size_t p = 0; p < ranges.size(); ++p) {
            const std::string name = text("w", p, "_", when);
            INFO(name);
            const Tensor<T> weights(ConstView<T>(values.data() + ranges[p].offset, ranges[p].shape));
            CHECK(reference::worst_difference(weights, recorded.tensor(name)) < tolerance);
        }
    };
    for (std::size_t p = 0; p < ranges.size(); ++p) fill(values, p, reference::parameters + p, 1);

    for (Index s = 0; s < steps; ++s) {
        for (std::size_t p = 0; p < ranges.size(); ++p)
            fill(gradients, p, gradient_streams[p] + static_cast<std::uint64_t>(s), 0.125 * static_cast<double>(s + 1));
        step(state.blocks(values.span(), gradients.span()), s + 1, optimizer.learning_rate(s));
        compare(text("step", s));
    }
    const bool averages = optimizer.treatment().use_ema;
    if (averages) {
        step.finalize(state.blocks(values.span(), {}));
        compare("final");
    }
    CHECK(recorded.tensors.size() == ranges.size() * (steps + averages));
}

template <class T>
void check_all(double tolerance) {
    for (const reference::Case& recorded : reference::read("optimizers.txt")) {
        INFO(recorded.name);
        check<T>(recorded, tolerance);
    }
}

} // namespace

TEST_CASE("optimizers: ten steps are Keras's, in float", "[optimizers][reference]") {
    check_all<float>(2e-6); // about three roundings of 6e-8 a step
}

TEST_CASE("optimizers: ten steps are Keras's, in double", "[optimizers][reference]") {
    check_all<double>(1e-8); // nine digits are recorded, which is within 5e-9
}
