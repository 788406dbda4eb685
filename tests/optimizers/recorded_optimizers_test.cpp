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
    constexpr std::uint64_t gradient_streams[] = {20, 40};
    const Shape shapes[] = {{3, 4}, {4}};
    const std::vector<ParameterRange> ranges{{0, 12, true}, {12, 4, true}};

    const AnyOptimizer<T> optimizer = reference::make_optimizer<T>(recorded.description("optimizer"));
    OptimizerStep<T> step(optimizer, ranges);
    Tensor<T> values(Shape{16}), gradients(Shape{16}), slot_0(Shape{16}), slot_1(Shape{16});
    const auto fill = [&](Tensor<T>& block, std::size_t p, std::uint64_t stream, double scale) {
        const auto numbers = reference::values<T>(shapes[p], stream, scale);
        std::copy(numbers.begin(), numbers.end(), block.begin() + ranges[p].offset);
    };
    for (std::size_t p = 0; p < 2; ++p) fill(values, p, reference::parameters + p, 1);

    for (Index s = 0; s < steps; ++s) {
        for (std::size_t p = 0; p < 2; ++p)
            fill(gradients, p, gradient_streams[p] + static_cast<std::uint64_t>(s), 0.125 * static_cast<double>(s + 1));
        step({values.span(), gradients.span(), slot_0.span(), slot_1.span()}, s + 1, optimizer.learning_rate());
        for (std::size_t p = 0; p < 2; ++p) {
            const std::string name = text("w", p, "_step", s);
            INFO(name);
            const Tensor<T> weights(ConstView<T>(values.data() + ranges[p].offset, shapes[p]));
            CHECK(reference::worst_difference(weights, recorded.tensor(name)) < tolerance);
        }
    }
    CHECK(recorded.tensors.size() == 2 * steps);
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
