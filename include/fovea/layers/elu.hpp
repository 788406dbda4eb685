#pragma once
#include <algorithm>
#include <cmath>
#include <string>

#include <fovea/layers/layer.hpp>
#include <fovea/ops/activation.hpp>

namespace fovea {

/// x (batch, ...) -> y (batch, ...): y = x from 0 on, alpha * (e^x - 1) below.
struct ELU {
    double alpha = 1;
    std::string name = {};
    bool trainable = true;

    static constexpr std::string_view type = "ELU";

    void fields(SpecVisitor& visit) { visit("alpha", alpha); }

    template <class T>
    class Layer;

    template <class Node>
    Node operator()(const Node& x) const {
        return x.then(*this);
    }

    /// Throws ValueError for an alpha that is not finite.
    Shape output_shape(const Shape& input) const {
        require<ValueError>(std::isfinite(alpha), type, ": alpha must be a finite number, got ", alpha);
        return input;
    }
};

template <class T>
class ELU::Layer {
public:
    Layer(const ELU& spec, const Shape& input, ParameterRegistry&) : alpha_(static_cast<T>(spec.alpha)) {
        spec.output_shape(input);
    }

    void forward(ConstView<T> x, View<T> y, Pass<T>&) const {
        std::copy(x.begin(), x.end(), y.begin());
        ops::activation_forward(Activation::elu, y);
        for (T& value : y) value = value < 0 ? alpha_ * value : value;
    }

    /// By the sign of x, since that of y is another one for a negative alpha.
    void backward(ConstView<T> x, ConstView<T> y, View<T> dy, View<T> dx, Pass<T>&) const {
        for (Index i = 0; i < dx.size(); ++i) {
            const T below = dy[i] * (y[i] + alpha_);
            dx[i] = x[i] < 0 ? below : dy[i];
        }
    }

private:
    T alpha_;
};

static_assert(LayerSpec<ELU>);

} // namespace fovea
