#pragma once
#include <vector>

#include <fovea/layers/conv2d.hpp>
#include <fovea/layers/max_pooling2d.hpp>
#include <fovea/ops/pooled_conv2d.hpp>

namespace fovea {

/// A Conv2D, with ReLU or without activation, and the MaxPooling2D behind it in one. The convolution's own output is never kept: backward
/// knows from a byte for each pooled number which one of its window it is, and that all others have no gradient.
///
///     x (batch, height, width, channels) -> y (batch, pooled height, pooled width, filters)
///
/// No spec: a network makes it of its layers, see models/fusion.hpp.
template <class T>
class Conv2DMaxPooling2D {
public:
    /// Whether the two can be one.
    static bool is_possible(const Conv2D::Layer<T>& convolution, const MaxPooling2D::Layer<T>& pooling) {
        const ops::Conv2DGeometry& g = convolution.convolution().geometry();
        const Activation activation = convolution.activation();
        return (activation == Activation::relu || activation == Activation::linear) && g.groups == 1 &&
               (is_2x2(pooling.window()) || !asks_for_winograd(convolution)) &&
               g.image() <= std::numeric_limits<std::int32_t>::max() && pooling.window().taps() < dead_cell &&
               stands_apart(pooling.window().height) && stands_apart(pooling.window().width);
    }

    Conv2DMaxPooling2D(const Conv2D::Layer<T>& convolution, const MaxPooling2D::Layer<T>& pooling)
        : layer_(convolution), pooled_(geometry().window, pooling.window(), geometry().channels, geometry().filters),
          winograd_(ops::winograd_sizes(geometry(), 2)) {
        if (uses_winograd()) { // no more of the convolution than the pooling looks at
            layer_.set_forward_kernel(ConvolutionKernel::winograd); // whose tiles are cells
            winograd_.output_height = 2 * pooling.window().height.output;
            winograd_.output_width = 2 * pooling.window().width.output;
        } else if (!pooled_.is_shallow()) {
            pixels_ = pooled_.pixels();
        }
    }

    Index multiply_adds() const {
        return pooled_.cell_count() * pooled_.pool.taps() * geometry().patch() * geometry().filters;
    }
    std::string kernels(bool training) const {
        const std::string forward = uses_winograd() ? "winograd" : pooled_.is_shallow() ? "shallow" : "direct";
        return training ? forward + ", dx sparse, dw " + (pooled_.skips_dead_cells() ? "sparse" : "by code") : forward;
    }

    Index prepared_bytes(bool training) const {
        return layer_.prepared_bytes(false) + (training ? Arena::bytes<T>(pooled_.transposed_size<T>()) : 0);
    }
    void prepare(std::span<const T> values, Arena prepared, bool training) const {
        layer_.prepare(values, prepared, false);
        prepared.take<std::byte>(layer_.prepared_bytes(false));
        if (training)
            ops::pooled_conv2d_pack_transposed(pooled_, layer_.kernel().in(values).data(),
                                               prepared.take<T>(pooled_.transposed_size<T>()));
    }

    Index kept_bytes(Index batch) const { return Arena::bytes<std::uint8_t>(outputs(batch)); }
    Index scratch_bytes(Index batch) const {
        const Index framed = Arena::bytes<T>(geometry().is_padded() ? batch * geometry().image() : 0);
        const auto pixels = static_cast<Index>(pixels_.size());
        const Index forward = uses_winograd()
                                  ? ops::winograd_forward_scratch<T>(winograd_, batch)
                                  : framed + Arena::bytes<Index>(pixels) + Arena::bytes<T>(pixels * geometry().filters);
        return std::max(forward,
                        framed + std::max(pooled_.backward_kernel_scratch<T>(), pooled_.backward_input_scratch<T>()));
    }

    void forward(ConstView<T> x, View<T> y, Pass<T>& pass) const {
        const auto [packed, bias, backward] = weights(pass);
        const T* const b = bias.empty() ? nullptr : bias.data();
        std::uint8_t* const codes = pass.training ? codes_of(y, pass) : nullptr;
        if (uses_winograd())
            ops::winograd_forward_pooled(winograd_, x, packed, b, relu(), y, codes, pass.scratch);
        else if (pooled_.is_shallow())
            forward_shallow(x, packed, b, y, codes, pass.scratch);
        else
            forward_direct(x, packed, b, y, codes, pass.scratch);
    }

    /// Only after a forward in training.
    void backward(ConstView<T> x, ConstView<T> y, View<T> dy, View<T> dx, Pass<T>& pass) const {
        const Index batch = x.shape()[0];
        const std::uint8_t* const codes = codes_of(y, pass);
        if (const View<T> dkernel = pass.gradient(layer_.kernel()); !dkernel.empty()) {
            Arena scratch = pass.scratch;
            const T* const images = ops::detail::framed_images(geometry(), x, scratch);
            ops::pooled_conv2d_backward_kernel<T>(pooled_, batch, images, dy.data(), codes, dkernel.data(),
                                                  pass.gradient(layer_.bias()).data(), scratch);
        }
        if (dx.empty()) return;
        Arena scratch = pass.scratch;
        T* const images = geometry().is_padded() ? scratch.take<T>(batch * geometry().image()) : dx.data();
        ops::pooled_conv2d_backward_input<T>(pooled_, batch, weights(pass).backward, dy.data(), codes, images, scratch);
        if (geometry().is_padded()) ops::detail::copy_from_frames(geometry(), images, dx);
    }

private:
    using Packed = typename Conv2D::Layer<T>::Packed;

    /// Windows that neither overlap nor reach over the edge.
    static bool stands_apart(const WindowAxis& axis) {
        return axis.stride >= axis.kernel && axis.before == 0 &&
               (axis.output - 1) * axis.stride + axis.kernel <= axis.input;
    }

    const ops::Conv2DGeometry& geometry() const { return layer_.convolution().geometry(); }
    Index outputs(Index batch) const { return batch * pooled_.pooled_image(); }
    bool relu() const { return layer_.activation() == Activation::relu; }
    static bool asks_for_winograd(const Conv2D::Layer<T>& convolution) {
        return ops::is_winograd(convolution.convolution().kernels().forward);
    }
    bool uses_winograd() const { return asks_for_winograd(layer_); }

    /// Winograd's tiles are windows of this kind.
    static bool is_2x2(const Window2D& pool) {
        const auto is_2 = [](const WindowAxis& axis) { return axis.kernel == 2 && axis.stride == 2; };
        return is_2(pool.height) && is_2(pool.width);
    }

    Packed weights(const Pass<T>& pass) const {
        Pass<T> forward = pass;
        forward.training = false;
        Packed packed = layer_.packed(forward);
        Arena prepared = pass.prepared;
        prepared.take<std::byte>(layer_.prepared_bytes(false));
        packed.backward = pass.training ? prepared.take<T>(pooled_.transposed_size<T>()) : nullptr;
        return packed;
    }

    static std::uint8_t* codes_of(ConstView<T> y, const Pass<T>& pass) {
        Arena kept = pass.kept;
        return kept.take<std::uint8_t>(y.size());
    }

    void forward_shallow(ConstView<T> x, const T* packed, const T* bias, View<T> y, std::uint8_t* codes,
                         Arena scratch) const {
        const T* const images = ops::detail::framed_images(geometry(), x, scratch);
        ops::pooled_conv2d_forward_shallow<T>(pooled_, x.shape()[0], images, packed, bias, relu(), y.data(), codes);
    }

    /// Image by image: what is not pooled yet stays in the cache.
    void forward_direct(ConstView<T> x, const T* packed, const T* bias, View<T> y, std::uint8_t* codes,
                        Arena scratch) const {
        const T* const images = ops::detail::framed_images(geometry(), x, scratch);
        const auto rows = static_cast<Index>(pixels_.size());
        const Index* const outputs = ops::detail::even_rows(rows, geometry().filters, scratch);
        T* const unpooled = scratch.take<T>(rows * geometry().filters);
        for (Index n = 0; n < x.shape()[0]; ++n) {
            ops::multiply<T>({.a = images + n * geometry().image(),
                              .a_rows = pixels_.data(),
                              .rows = rows,
                              .columns = geometry().columns.data(),
                              .depth = geometry().patch(),
                              .b = packed,
                              .c = unpooled,
                              .c_rows = outputs,
                              .width = geometry().filters,
                              .bias = bias});
            const Index at = n * pooled_.pooled_image();
            ops::pooled_conv2d_pool_cells<T>(pooled_, pooled_.cell_count(), unpooled, relu(), y.data() + at,
                                             codes == nullptr ? nullptr : codes + at);
        }
    }

    Conv2D::Layer<T> layer_;
    ops::PooledConv2D pooled_;
    ops::Winograd winograd_;
    std::vector<Index> pixels_; ///< where the patches begin, cell by cell, if they go through the direct kernel
};

} // namespace fovea
