#pragma once
#include <algorithm>
#include <cstdint>
#include <string>

#include <fovea/core/rounding.hpp>
#include <fovea/layers/layer.hpp>

namespace fovea {

/// In training y = x + noise, which is normal with mean 0 and standard deviation `stddev`; in inference y = x. x, y (batch, ...).
/// The noise follows from seed, layer, step and the element's place in the batch. It costs some 50 ns an element.
struct GaussianNoise {
    double stddev = 0;
    std::string name = {};
    bool trainable = true;

    static constexpr std::string_view type = "GaussianNoise";

    void fields(SpecVisitor& visit) { visit("stddev", stddev); }

    template <class T>
    class Layer;

    template <class Node>
    Node operator()(const Node& x) const {
        return x.then(*this);
    }

    /// Throws ValueError for a standard deviation outside of [0, 1], as Keras does.
    Shape output_shape(const Shape& input) const {
        require<ValueError>(stddev >= 0 && stddev <= 1, type, ": stddev must be from 0 to 1, got ", stddev);
        return input;
    }
};

template <class T>
class GaussianNoise::Layer {
public:
    Layer(const GaussianNoise& spec, const Shape& input, ParameterRegistry&)
        : features_(spec.output_shape(input).size()), stddev_(spec.stddev) {}

    bool idle_in_inference() const { return true; }

    void forward(ConstView<T> x, View<T> y, Pass<T>& pass) const {
        std::copy(x.begin(), x.end(), y.begin());
        if (!pass.training || stddev_ == 0) return;
        const auto first = static_cast<std::uint64_t>(pass.first_sample * features_);
        for (Index i = 0; i < y.size(); ++i)
            y[i] += static_cast<T>(rounded(stddev_ * pass.random.normal(first + static_cast<std::uint64_t>(i))));
    }

    void backward(ConstView<T>, ConstView<T>, View<T> dy, View<T> dx, Pass<T>&) const {
        if (!dx.empty()) std::copy(dy.begin(), dy.end(), dx.begin());
    }

private:
    Index features_;
    double stddev_;
};

static_assert(LayerSpec<GaussianNoise>);

} // namespace fovea
