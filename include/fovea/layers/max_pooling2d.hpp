#pragma once
#include <string>

#include <fovea/layers/layer.hpp>
#include <fovea/ops/pooling.hpp>

namespace fovea {

/// x (batch, height, width, channels) -> y (batch, new height, new width, channels): the largest element, channel by channel, of every window
/// (of equal ones the first, row by row, gets the gradient).
/// Windows lie `strides` apart, one window's size unless said otherwise. Padding never wins, NaN always.
struct MaxPooling2D {
    Size2D pool_size = 2;
    OptionalSize2D strides = {};
    Padding padding = Padding::valid;
    std::string name = {};
    bool trainable = true;

    static constexpr std::string_view type = "MaxPooling2D";

    void fields(SpecVisitor& visit) {
        visit("pool_size", pool_size);
        visit("strides", strides);
        visit("padding", padding);
    }

    template <class T>
    class Layer;

    template <class Node>
    Node operator()(const Node& x) const {
        return x.then(*this);
    }

    /// Throws ValueError for a size or stride that is not positive, ShapeError if the window does not fit the input.
    Window2D window(const Shape& input) const {
        return {type, "pool", input, pool_size, strides.value_or(pool_size), 1, padding};
    }

    Shape output_shape(const Shape& input) const {
        const Window2D geometry = window(input);
        return {geometry.height.output, geometry.width.output, input[2]};
    }
};

template <class T>
class MaxPooling2D::Layer {
public:
    Layer(const MaxPooling2D& spec, const Shape& input, ParameterRegistry&)
        : window_(spec.window(input)), outputs_(spec.output_shape(input).size()) {
        ops::check_winners(type, window_);
    }

    const Window2D& window() const { return window_; }

    Index kept_bytes(Index batch) const { return Arena::bytes<simd::Integer<T>>(batch * outputs_); }

    void forward(ConstView<T> x, View<T> y, Pass<T>& pass) const {
        ops::max_pool_forward(window_, x, y, pass.training ? winners(x.shape()[0], pass) : nullptr);
    }

    /// Only after a forward in training.
    void backward(ConstView<T>, ConstView<T>, View<T> dy, View<T> dx, Pass<T>& pass) const {
        if (!dx.empty()) ops::max_pool_backward(window_, winners(dx.shape()[0], pass), dy, dx);
    }

private:
    simd::Integer<T>* winners(Index batch, const Pass<T>& pass) const {
        Arena kept = pass.kept;
        return kept.take<simd::Integer<T>>(batch * outputs_);
    }

    Window2D window_;
    Index outputs_; ///< elements of y a sample
};

static_assert(LayerSpec<MaxPooling2D>);

} // namespace fovea
