#pragma once
#include <algorithm>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>

#include <fovea/core/names.hpp>
#include <fovea/ops/conv2d.hpp>
#include <fovea/ops/depthwise.hpp>
#include <fovea/ops/winograd.hpp>

/// A convolution by the kernels that suit it best.
namespace fovea {

/// Ways to compute a pass of a convolution.
enum class ConvolutionKernel {
    direct,    ///< sums of products, any convolution
    winograd,  ///< F(2x2, 3x3): 16 multiplications instead of 36, for 3x3 kernels without strides, dilation and groups
    winograd3, ///< F(3x3, 3x3): 25 instead of 81, for the same
    depthwise  ///< channel by channel, where each is a group
};

inline std::string_view name_of(ConvolutionKernel kernel) {
    switch (kernel) {
    case ConvolutionKernel::direct:
        return "direct";
    case ConvolutionKernel::winograd:
        return "winograd";
    case ConvolutionKernel::winograd3:
        return "winograd3";
    case ConvolutionKernel::depthwise:
        return "depthwise";
    }
    return "?";
}

/// Throws ValueError for an unknown name.
inline void from_name(std::string_view name, ConvolutionKernel& kernel) {
    using enum ConvolutionKernel;
    kernel = detail::value_named("ConvolutionKernel", name, {direct, winograd, winograd3, depthwise});
}

inline std::ostream& operator<<(std::ostream& out, ConvolutionKernel kernel) { return out << name_of(kernel); }

struct ConvolutionKernels {
    ConvolutionKernel forward = ConvolutionKernel::direct;
    ConvolutionKernel backward_input = ConvolutionKernel::direct;
    ConvolutionKernel backward_kernel = ConvolutionKernel::direct;

    template <class Visitor>
    void fields(Visitor& visit) {
        visit("forward", forward);
        visit("backward_input", backward_input);
        visit("backward_kernel", backward_kernel);
    }

    /// One for all passes.
    static ConvolutionKernels all(ConvolutionKernel kernel) { return {kernel, kernel, kernel}; }

    /// `winograd, dx winograd, dw direct`; in inference only the first.
    std::string names(bool training) const {
        return training ? text(forward, ", dx ", backward_input, ", dw ", backward_kernel)
                        : std::string(name_of(forward));
    }
};

namespace ops {

inline bool winograd_is_possible(const Conv2DGeometry& g) {
    const auto fits = [](const WindowAxis& axis) {
        return axis.kernel == 3 && axis.stride == 1 && axis.dilation == 1 && axis.before <= 2;
    };
    return fits(g.window.height) && fits(g.window.width) && g.groups == 1;
}

/// One channel alone is no depthwise convolution: the other kernels do it, and pooling can be fused with them.
inline bool depthwise_is_possible(const Conv2DGeometry& g) { return g.groups > 1 && g.groups == g.channels; }

inline bool is_winograd(ConvolutionKernel kernel) {
    return kernel == ConvolutionKernel::winograd || kernel == ConvolutionKernel::winograd3;
}

/// The sizes for Winograd's kernel with that tile.
inline Winograd winograd_sizes(const Conv2DGeometry& g, int tile) {
    const WindowAxis& h = g.window.height;
    const WindowAxis& w = g.window.width;
    return {h.input, w.input, g.channels, g.filters, h.before, w.before, h.output, w.output, tile};
}

/// The rule. Winograd's transforms must pay: there must be so many channels and filters that the products between them outweigh
/// the transforms, and so many output pixels that few are computed in vain, as half of those on the edge of a 3x3 map are
/// with tiles of 2x2. Tiles of 3x3 have longer transforms that round more: they must save a quarter of the multiplications.
inline ConvolutionKernels best_kernels(const Conv2DGeometry& g) {
    using enum ConvolutionKernel;
    if (depthwise_is_possible(g)) return ConvolutionKernels::all(depthwise);
    if (!winograd_is_possible(g) || g.channels < 24 || g.filters < 24) return ConvolutionKernels::all(direct);
    const auto multiplications = [&](int tile) {
        return winograd_matrices(tile) * detail::winograd_grid(winograd_sizes(g, tile), 1).tiles();
    };
    const bool larger = 4 * multiplications(3) <= 3 * multiplications(2);
    const Index smaller_side = std::min(g.window.height.output, g.window.width.output);
    if (smaller_side < (larger ? 3 : 4)) return ConvolutionKernels::all(direct);
    return ConvolutionKernels::all(larger ? winograd3 : winograd);
}

/// The passes of a convolution; shapes as in ops/conv2d.hpp.
template <class T>
class Convolution {
public:
    Convolution() = default;

    /// Throws ValueError if `wanted` asks for a kernel that cannot do it.
    Convolution(Conv2DGeometry geometry, const std::optional<ConvolutionKernels>& wanted)
        : geometry_(std::move(geometry)), kernels_(wanted.value_or(best_kernels(geometry_))) {
        require<ValueError>(winograd_is_possible(geometry_) || !(uses(Kernel::winograd) || uses(Kernel::winograd3)),
                            "Conv2D: winograd needs kernel_size (3, 3), strides, dilation_rate and groups of 1");
        require<ValueError>(depthwise_is_possible(geometry_) || !uses(Kernel::depthwise),
                            "Conv2D: depthwise needs as many groups as channels and at least 2, got groups=",
                            geometry_.groups, " and ", geometry_.channels, " channels");
    }

    const Conv2DGeometry& geometry() const { return geometry_; }
    const ConvolutionKernels& kernels() const { return kernels_; }

    /// The weights as `forward` and `backward_input` read them.
    Index packed_forward() const {
        switch (kernels_.forward) {
        case Kernel::winograd:
        case Kernel::winograd3:
            return winograd(kernels_.forward).template packed_forward<T>();
        case Kernel::depthwise:
            return depthwise().weights();
        case Kernel::direct:
            break;
        }
        return geometry_.packed_forward<T>();
    }
    Index packed_backward() const {
        switch (kernels_.backward_input) {
        case Kernel::winograd:
        case Kernel::winograd3:
            return winograd(kernels_.backward_input).template packed_backward<T>();
        case Kernel::depthwise:
            return depthwise().weights();
        case Kernel::direct:
            break;
        }
        return geometry_.packed_backward<T>();
    }
    void pack_forward(ConstView<T> kernel, T* packed) const {
        switch (kernels_.forward) {
        case Kernel::winograd:
        case Kernel::winograd3:
            return winograd_pack_forward(winograd(kernels_.forward), kernel, packed);
        case Kernel::depthwise:
            std::copy(kernel.begin(), kernel.end(), packed);
            return;
        case Kernel::direct:
            return conv2d_pack_forward(geometry_, kernel, packed);
        }
    }
    void pack_backward(ConstView<T> kernel, T* packed) const {
        switch (kernels_.backward_input) {
        case Kernel::winograd:
        case Kernel::winograd3:
            return winograd_pack_backward(winograd(kernels_.backward_input), kernel, packed);
        case Kernel::depthwise:
            std::copy(kernel.begin(), kernel.end(), packed);
            return;
        case Kernel::direct:
            return conv2d_pack_backward(geometry_, kernel, packed);
        }
    }

    /// Bytes that forward needs, and the most that any pass does.
    Index forward_scratch(Index batch) const {
        return scratch_of(kernels_.forward, winograd_forward_scratch<T>, batch);
    }
    Index scratch(Index batch) const {
        return std::max({forward_scratch(batch),
                         scratch_of(kernels_.backward_input, winograd_backward_input_scratch<T>, batch),
                         scratch_of(kernels_.backward_kernel, winograd_backward_kernel_scratch<T>, batch)});
    }

    /// y = x correlated with the kernel + bias (none if it is empty), then perhaps ReLU
    void forward(ConstView<T> x, const T* packed, ConstView<T> bias, bool relu, View<T> y, Arena scratch) const {
        switch (kernels_.forward) {
        case Kernel::winograd:
        case Kernel::winograd3:
            return winograd_forward(winograd(kernels_.forward), x, packed, bias.empty() ? nullptr : bias.data(), relu,
                                    y, scratch);
        case Kernel::depthwise:
            return depthwise_forward(depthwise(), x, packed, bias, relu, y, scratch);
        case Kernel::direct:
            return conv2d_forward(geometry_, x, packed, bias, relu, y, scratch);
        }
    }

    /// dkernel += the gradient by the kernel
    void backward_kernel(ConstView<T> x, ConstView<T> dy, View<T> dkernel, Arena scratch) const {
        switch (kernels_.backward_kernel) {
        case Kernel::winograd:
        case Kernel::winograd3:
            return winograd_backward_kernel(winograd(kernels_.backward_kernel), x, dy, dkernel, scratch);
        case Kernel::depthwise:
            return depthwise_backward_kernel(depthwise(), x, dy, dkernel, scratch);
        case Kernel::direct:
            return conv2d_backward_kernel(geometry_, x, dy, dkernel, scratch);
        }
    }

    /// dx = the gradient by x
    void backward_input(const T* packed, ConstView<T> dy, View<T> dx, Arena scratch) const {
        switch (kernels_.backward_input) {
        case Kernel::winograd:
        case Kernel::winograd3:
            return winograd_backward_input(winograd(kernels_.backward_input), dy, packed, dx, scratch);
        case Kernel::depthwise:
            return depthwise_backward_input(depthwise(), packed, dy, dx, scratch);
        case Kernel::direct:
            return conv2d_backward_input(geometry_, packed, dy, dx, scratch);
        }
    }

private:
    using Kernel = ConvolutionKernel;

    /// Whether any pass does.
    bool uses(Kernel kernel) const {
        return kernels_.forward == kernel || kernels_.backward_input == kernel || kernels_.backward_kernel == kernel;
    }
    Winograd winograd(Kernel kernel) const { return winograd_sizes(geometry_, kernel == Kernel::winograd3 ? 3 : 2); }
    Depthwise depthwise() const {
        return {geometry_.window.height, geometry_.window.width, geometry_.filters, geometry_.group_filters()};
    }
    Index scratch_of(Kernel kernel, Index (*of_winograd)(const Winograd&, Index), Index batch) const {
        switch (kernel) {
        case Kernel::winograd:
        case Kernel::winograd3:
            return of_winograd(winograd(kernel), batch);
        case Kernel::depthwise:
            return depthwise().template scratch<T>();
        case Kernel::direct:
            break;
        }
        return geometry_.scratch<T>(batch);
    }

    Conv2DGeometry geometry_;
    ConvolutionKernels kernels_;
};

} // namespace ops
} // namespace fovea
