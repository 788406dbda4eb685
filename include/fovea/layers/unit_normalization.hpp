#pragma once
#include <algorithm>
#include <cmath>
#include <string>

#include <fovea/layers/layer.hpp>

namespace fovea {

/// Each row along the last axis is scaled to length 1, as embeddings are that are compared by their direction.
///
///     x (batch, ..., n) -> y (batch, ..., n) = x / sqrt(max(sum(x^2), 1e-12))
struct UnitNormalization {
    std::string name = {};
    bool trainable = true;

    static constexpr std::string_view type = "UnitNormalization";

    void fields(SpecVisitor&) {}

    template <class T>
    class Layer;

    template <class Node>
    Node operator()(const Node& x) const {
        return x.then(*this);
    }

    /// Throws ShapeError for an input without axes or elements.
    Shape output_shape(const Shape& input) const {
        require<ShapeError>(input.rank() > 0 && input.size() > 0, type,
                            ": expected an input of at least 1 axis, none of them empty, got ", input);
        return input;
    }
};

template <class T>
class UnitNormalization::Layer {
public:
    Layer(const UnitNormalization& spec, const Shape& input, ParameterRegistry&)
        : row_(spec.output_shape(input).last()) {}

    void forward(ConstView<T> x, View<T> y, Pass<T>&) const {
        for (Index at = 0; at < x.size(); at += row_) {
            const T length = length_of(x.data() + at);
            for (Index i = at; i < at + row_; ++i) y[i] = x[i] / length;
        }
    }

    /// dx = (dy - y (y . dy)) / length; a row that is shorter than the limit was only divided.
    void backward(ConstView<T> x, ConstView<T> y, View<T> dy, View<T> dx, Pass<T>&) const {
        if (dx.empty()) return;
        for (Index at = 0; at < x.size(); at += row_) {
            const T length = length_of(x.data() + at);
            T along = 0;
            if (length > shortest)
                for (Index i = at; i < at + row_; ++i) along = std::fma(y[i], dy[i], along);
            for (Index i = at; i < at + row_; ++i) dx[i] = std::fma(-along, y[i], dy[i]) / length;
        }
    }

private:
    static constexpr T shortest = static_cast<T>(1e-6);

    T length_of(const T* x) const {
        T squares = 0;
        for (Index i = 0; i < row_; ++i) squares = std::fma(x[i], x[i], squares);
        return std::max(std::sqrt(squares), shortest);
    }

    Index row_;
};

static_assert(LayerSpec<UnitNormalization>);

} // namespace fovea
