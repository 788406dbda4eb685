#pragma once
#include <cmath>
#include <string>

#include <fovea/core/rounding.hpp>
#include <fovea/layers/layer.hpp>

namespace fovea {

/// y = x * scale + offset, in training and inference alike. x, y (batch, ...). Bytes become numbers from 0 to 1 by
/// `Rescaling{1.0 / 255}`.
struct Rescaling {
    double scale = 1;
    double offset = 0;
    std::string name = {};
    bool trainable = true;

    static constexpr std::string_view type = "Rescaling";

    void fields(SpecVisitor& visit) {
        visit("scale", scale);
        visit("offset", offset);
    }

    template <class T>
    class Layer;

    template <class Node>
    Node operator()(const Node& x) const {
        return x.then(*this);
    }

    /// Throws ValueError for a scale or offset that is not finite.
    Shape output_shape(const Shape& input) const {
        require<ValueError>(std::isfinite(scale) && std::isfinite(offset), type,
                            ": scale and offset must be finite numbers, got ", scale, " and ", offset);
        return input;
    }
};

template <class T>
class Rescaling::Layer {
public:
    Layer(const Rescaling& spec, const Shape& input, ParameterRegistry&)
        : scale_(static_cast<T>(spec.scale)), offset_(static_cast<T>(spec.offset)) {
        spec.output_shape(input);
    }

    void forward(ConstView<T> x, View<T> y, Pass<T>&) const {
        for (Index i = 0; i < x.size(); ++i) y[i] = rounded(x[i] * scale_) + offset_;
    }

    void backward(ConstView<T>, ConstView<T>, View<T> dy, View<T> dx, Pass<T>&) const {
        for (Index i = 0; i < dx.size(); ++i) dx[i] = dy[i] * scale_;
    }

private:
    T scale_;
    T offset_;
};

static_assert(LayerSpec<Rescaling>);

} // namespace fovea
