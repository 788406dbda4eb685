#pragma once
#include <cmath>
#include <limits>
#include <optional>
#include <string>

#include <fovea/layers/layer.hpp>

namespace fovea {

/// x (batch, ...) -> y (batch, ...)
///
///     y = max_value where x > max_value, x from threshold on, negative_slope * (x - threshold) below
struct ReLU {
    std::optional<double> max_value = {}; ///< none: no limit
    double negative_slope = 0;
    double threshold = 0;
    std::string name = {};
    bool trainable = true;

    static constexpr std::string_view type = "ReLU";

    void fields(SpecVisitor& visit) {
        visit("max_value", max_value);
        visit("negative_slope", negative_slope);
        visit("threshold", threshold);
    }

    template <class T>
    class Layer;

    template <class Node>
    Node operator()(const Node& x) const {
        return x.then(*this);
    }

    /// Throws ValueError for a number that is negative or not finite.
    Shape output_shape(const Shape& input) const {
        const auto check = [](const char* field, double value) {
            require<ValueError>(std::isfinite(value) && value >= 0, type, ": ", field,
                                " must be a finite number >= 0, got ", value);
        };
        if (max_value) check("max_value", *max_value);
        check("negative_slope", negative_slope);
        check("threshold", threshold);
        return input;
    }
};

template <class T>
class ReLU::Layer {
public:
    Layer(const ReLU& spec, const Shape& input, ParameterRegistry&)
        : most_(spec.max_value ? static_cast<T>(*spec.max_value) : std::numeric_limits<T>::infinity()),
          slope_(static_cast<T>(spec.negative_slope)), threshold_(static_cast<T>(spec.threshold)) {
        spec.output_shape(input);
    }

    /// With the defaults it is the activation, and can be fused.
    Activation activation() const {
        const bool usual = slope_ == 0 && threshold_ == 0 && most_ == std::numeric_limits<T>::infinity();
        return usual ? Activation::relu : Activation::linear;
    }

    /// NaN stays NaN.
    void forward(ConstView<T> x, View<T> y, Pass<T>&) const {
        if (slope_ == 0) // apart, for 0 * infinity is not 0
            for (Index i = 0; i < x.size(); ++i) y[i] = x[i] < threshold_ ? T{0} : x[i] > most_ ? most_ : x[i];
        else
            for (Index i = 0; i < x.size(); ++i) {
                const T below = slope_ * (x[i] - threshold_);
                y[i] = x[i] < threshold_ ? below : x[i] > most_ ? most_ : x[i];
            }
    }

    void backward(ConstView<T> x, ConstView<T>, View<T> dy, View<T> dx, Pass<T>&) const {
        for (Index i = 0; i < dx.size(); ++i) {
            const T below = slope_ * dy[i];
            dx[i] = x[i] <= threshold_ ? below : x[i] >= most_ ? T{0} : dy[i];
        }
    }

private:
    T most_;
    T slope_;
    T threshold_;
};

static_assert(LayerSpec<ReLU>);

} // namespace fovea
