#pragma once
#include <string>

#include <fovea/layers/layer.hpp>
#include <fovea/ops/pooling.hpp>

namespace fovea {

/// x (batch, height, width, channels) -> y (batch, channels), or (batch, 1, 1, channels) with keepdims: the largest element of
/// each channel, or NaN if it has one. The gradient goes to the first of several equal ones.
struct GlobalMaxPooling2D {
    bool keepdims = false;
    std::string name = {};
    bool trainable = true;

    static constexpr std::string_view type = "GlobalMaxPooling2D";

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
class GlobalMaxPooling2D::Layer {
public:
    Layer(const GlobalMaxPooling2D& spec, const Shape& input, ParameterRegistry&)
        : window_(spec.window(input)), channels_(input[2]) {
        ops::check_winners(type, window_);
    }

    Index kept_bytes(Index batch) const { return Arena::bytes<simd::Integer<T>>(batch * channels_); }

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
        return kept.take<simd::Integer<T>>(batch * channels_);
    }

    Window2D window_;
    Index channels_;
};

static_assert(LayerSpec<GlobalMaxPooling2D>);

} // namespace fovea
