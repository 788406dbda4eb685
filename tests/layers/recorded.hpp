#pragma once
#include "contract.hpp"
#include "reference/reference.hpp"

/// A layer beside a case that reference/record_*.py recorded.
namespace recorded {

using namespace fovea;

/// All parameters as they were when the case was recorded: kernels are halved, gamma and the variance lie about 1.
template <class T>
Tensor<T> parameters(const std::vector<NamedParameter>& parameters) {
    std::vector<T> all;
    std::uint64_t stream = reference::parameters;
    for (const NamedParameter& p : parameters) {
        const auto is = [&](const char* name) { return p.name.substr(p.name.find('/') + 1) == name; };
        const bool about_one = is("gamma") || is("moving_variance");
        const bool halved = about_one || p.name.ends_with("kernel");
        const auto values = reference::values<T>(p.place.shape, stream++, halved ? 0.5 : 1, about_one ? 1 : 0);
        all.insert(all.end(), values.begin(), values.end());
    }
    return Tensor<T>(Shape{static_cast<Index>(all.size())}, all);
}

template <class T>
Tensor<T> part(const Tensor<T>& all, const Parameter& place) {
    return Tensor<T>(ConstView<T>(all.data() + place.offset, place.shape));
}

/// Compares everything that the case has.
template <class T, class S>
void check(const S& spec, const reference::Case& one, bool training, double tolerance) {
    const Shape input = one.shape("input");
    const auto xstream = static_cast<std::uint64_t>(std::stoul(one.lines.at("xstream")));
    const auto x = reference::values<T>(input, xstream, std::stod(one.lines.at("xscale")));
    const auto g = reference::values<T>(one.tensor("y").shape(), reference::upstream);

    contract::Subject<T> subject(spec, input.tail());
    REQUIRE(subject.layer().output_shape().prepend(input[0]) == g.shape());
    subject.set_values(parameters<T>(subject.parameters()));
    const contract::Outcome<T> outcome = subject.run(x, g, {.training = training, .move_states = training});

    CHECK(reference::worst_difference(outcome.y, one.tensor("y")) < tolerance);
    CHECK(reference::worst_difference(outcome.dx, one.tensor("dx")) < tolerance);
    std::size_t compared = 2;
    for (std::size_t k = 0; k < subject.parameters().size(); ++k) {
        const NamedParameter& p = subject.parameters()[k];
        INFO(p.name);
        if (!p.is_state) {
            const Tensor<double>& expected = one.tensor("d" + std::to_string(k));
            CHECK(reference::worst_difference(part(outcome.gradients, p.place), expected) < tolerance);
            ++compared;
        } else if (training) {
            const Tensor<double>& expected = one.tensor(p.name.substr(p.name.find('/') + 1));
            CHECK(reference::worst_difference(part(outcome.values, p.place), expected) < tolerance);
            ++compared;
        }
    }
    CHECK(compared == one.tensors.size());
}

} // namespace recorded
