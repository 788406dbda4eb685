#include <fovea/layers/all.hpp>

#include "layers/recorded.hpp"

// Normalizations, activations as layers, Rescaling and Permute against PyTorch and Keras: reference/record_norm_layers.py.

using namespace fovea;

namespace {

/// Calls `run(spec)` with the spec that a recorded line describes.
template <class F>
void with_norm_spec(reference::Description& d, F&& run) {
    const std::string& kind = d.kind();
    if (kind == "LayerNormalization")
        run(LayerNormalization{.axis = d.integers("axis"),
                               .epsilon = d.number("epsilon"),
                               .center = d.flag("center"),
                               .scale = d.flag("scale")});
    else if (kind == "GroupNormalization")
        run(GroupNormalization{.groups = d.integer("groups"),
                               .epsilon = d.number("epsilon"),
                               .center = d.flag("center"),
                               .scale = d.flag("scale")});
    else if (kind == "PReLU")
        run(PReLU{.shared_axes = d.has("shared_axes") ? d.integers("shared_axes") : std::vector<Index>{}});
    else if (kind == "ReLU")
        run(ReLU{.max_value = d.has("max_value") ? std::optional(d.number("max_value")) : std::nullopt,
                 .negative_slope = d.number("negative_slope"),
                 .threshold = d.number("threshold")});
    else if (kind == "LeakyReLU")
        run(LeakyReLU{.negative_slope = d.number("negative_slope")});
    else if (kind == "ELU")
        run(ELU{.alpha = d.number("alpha")});
    else if (kind == "Softmax")
        run(Softmax{.axis = d.integer("axis")});
    else if (kind == "Rescaling")
        run(Rescaling{.scale = d.number("scale"), .offset = d.number("offset")});
    else if (kind == "Permute")
        run(Permute{.dims = d.integers("dims")});
    else
        FAIL("the recorded layer " << kind << " is unknown");
}

template <class T>
void check_norm_layers(double tolerance) {
    const std::vector<reference::Case> cases = reference::read("norm_layers.txt");
    CHECK(cases.size() >= 38);
    for (const reference::Case& one : cases) {
        INFO(one.name);
        reference::Description description = one.description("layer");
        with_norm_spec(description, [&](const auto& spec) { recorded::check<T>(spec, one, true, tolerance); });
        CHECK(description.all_taken());
    }
}

} // namespace

TEST_CASE("norm layers: outputs and gradients are PyTorch's and Keras's, in float", "[layers][reference]") {
    check_norm_layers<float>(
        1e-5); // a float has 24 bits, 6e-8, and sums of some hundred terms lose up to two digits of that
}

TEST_CASE("norm layers: outputs and gradients are PyTorch's and Keras's, in double", "[layers][reference]") {
    check_norm_layers<double>(1e-8); // nine digits are recorded, which is within 5e-9
}
