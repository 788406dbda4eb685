#pragma once
#include <string>

#include <fovea/layers/layer.hpp>
#include <fovea/ops/pooling.hpp>

namespace fovea {

/// x (batch, height, width, channels) -> y (batch, new height, new width, channels): the mean, channel by channel, of every window.
/// Windows lie `strides` apart, one window's size unless said otherwise. Padding does not count.
struct AveragePooling2D {
    Size2D pool_size = 2;
    OptionalSize2D strides = {};
    Padding padding = Padding::valid;
    std::string name = {};
    bool trainable = true;

    static constexpr std::string_view type = "AveragePooling2D";

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
class AveragePooling2D::Layer {
public:
    Layer(const AveragePooling2D& spec, const Shape& input, ParameterRegistry&) : window_(spec.window(input)) {}

    void forward(ConstView<T> x, View<T> y, Pass<T>&) const { ops::average_pool_forward(window_, x, y); }

    void backward(ConstView<T>, ConstView<T>, View<T> dy, View<T> dx, Pass<T>&) const {
        if (!dx.empty()) ops::average_pool_backward(window_, dy, dx);
    }

private:
    Window2D window_;
};

static_assert(LayerSpec<AveragePooling2D>);

} // namespace fovea
