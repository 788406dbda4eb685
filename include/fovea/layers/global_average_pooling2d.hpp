#pragma once
#include <string>

#include <fovea/layers/layer.hpp>
#include <fovea/ops/pooling.hpp>

namespace fovea {

/// x (batch, height, width, channels) -> y (batch, channels), or (batch, 1, 1, channels) with keepdims: the mean of each
/// channel.
struct GlobalAveragePooling2D {
    bool keepdims = false;
    std::string name = {};
    bool trainable = true;

    static constexpr std::string_view type = "GlobalAveragePooling2D";

    void fields(SpecVisitor& visit) { visit("keepdims", keepdims); }

    template <class T>
    class Layer;

    template <class Node>
    Node operator()(const Node& x) const {
        return x.then(*this);
    }

    /// Throws ShapeError for an input that is not (height, width, channels).
    Window2D window(const Shape& input) const { return Window2D::whole(type, input); }

    Shape output_shape(const Shape& input) const {
        window(input);
        return keepdims ? Shape{1, 1, input[2]} : Shape{input[2]};
    }
};

template <class T>
class GlobalAveragePooling2D::Layer {
public:
    Layer(const GlobalAveragePooling2D& spec, const Shape& input, ParameterRegistry&) : window_(spec.window(input)) {}

    void forward(ConstView<T> x, View<T> y, Pass<T>&) const { ops::average_pool_forward(window_, x, y); }

    void backward(ConstView<T>, ConstView<T>, View<T> dy, View<T> dx, Pass<T>&) const {
        if (!dx.empty()) ops::average_pool_backward(window_, dy, dx);
    }

private:
    Window2D window_;
};

static_assert(LayerSpec<GlobalAveragePooling2D>);

} // namespace fovea
