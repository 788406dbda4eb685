#pragma once
#include <string>

#include <fovea/layers/layer.hpp>
#include <fovea/ops/up_sampling.hpp>

namespace fovea {

/// x (batch, height, width, channels) -> y (batch, size.height * height, size.width * width, channels): larger images, whose new
/// pixels are copies of the nearest one or, bilinear, lie between the four around them.
struct UpSampling2D {
    Size2D size = 2;
    Interpolation interpolation = Interpolation::nearest;
    std::string name = {};
    bool trainable = true;

    static constexpr std::string_view type = "UpSampling2D";

    void fields(SpecVisitor& visit) {
        visit("size", size);
        visit("interpolation", interpolation);
    }

    template <class T>
    class Layer;

    template <class Node>
    Node operator()(const Node& x) const {
        return x.then(*this);
    }

    /// Throws ValueError for a size below 1, ShapeError for an input that is no image.
    Shape output_shape(const Shape& input) const {
        require_size(type, "size", "", size);
        require_image(type, input);
        return {input[0] * size.height, input[1] * size.width, input[2]};
    }
};

template <class T>
class UpSampling2D::Layer {
public:
    /// Throws as output_shape does.
    Layer(const UpSampling2D& spec, const Shape& input, ParameterRegistry&)
        : size_(spec.size), interpolation_(spec.interpolation), inputs_(input), outputs_(spec.output_shape(input)) {}

    Index multiply_adds() const { return is_bilinear() ? outputs_.size() + outputs_.size() / size_.width : 0; }

    Index scratch_bytes(Index) const {
        return is_bilinear() ? ops::up_sample_bilinear_scratch<T>(inputs_.prepend(1)) : 0;
    }

    void forward(ConstView<T> x, View<T> y, Pass<T>& pass) const {
        if (is_bilinear())
            ops::up_sample_bilinear(size_, x, y, pass.scratch);
        else
            ops::up_sample_nearest(size_, x, y);
    }

    void backward(ConstView<T>, ConstView<T>, View<T> dy, View<T> dx, Pass<T>& pass) const {
        if (dx.empty()) return;
        if (is_bilinear())
            ops::up_sample_bilinear_backward(size_, dy, dx, pass.scratch);
        else
            ops::up_sample_nearest_backward(size_, dy, dx);
    }

private:
    bool is_bilinear() const { return interpolation_ == Interpolation::bilinear; }

    Size2D size_;
    Interpolation interpolation_;
    Shape inputs_, outputs_; ///< of one sample
};

static_assert(LayerSpec<UpSampling2D>);

} // namespace fovea
