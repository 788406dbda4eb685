#pragma once
#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include <fovea/layers/layer.hpp>

namespace fovea {

/// x (batch, ...) -> y (batch, ...): axis i of y is axis dims[i] of x, both counted from 1, which is the first behind the batch.
/// `Permute{{3, 1, 2}}` makes (channels, height, width) of (height, width, channels).
struct Permute {
    std::vector<Index> dims = {};
    std::string name = {};
    bool trainable = true;

    static constexpr std::string_view type = "Permute";

    void fields(SpecVisitor& visit) { visit("dims", dims); }

    template <class T>
    class Layer;

    template <class Node>
    Node operator()(const Node& x) const {
        return x.then(*this);
    }

    /// Throws ValueError unless `dims` has each axis of the input once.
    Shape output_shape(const Shape& input) const {
        std::vector<Index> extents;
        std::vector<bool> seen(static_cast<std::size_t>(input.rank()));
        const auto count = static_cast<Index>(dims.size());
        require<ValueError>(count == input.rank(), type, ": dims must have ", input.rank(), " axes for the input ",
                            input, ", got ", count);
        for (const Index axis : dims) {
            require<ValueError>(1 <= axis && axis <= count && !seen[static_cast<std::size_t>(axis - 1)], type,
                                ": dims must have each of 1 to ", count, " once, got ", axis);
            seen[static_cast<std::size_t>(axis - 1)] = true;
            extents.push_back(input[axis - 1]);
        }
        return Shape(std::span<const Index>(extents));
    }
};

template <class T>
class Permute::Layer {
public:
    Layer(const Permute& spec, const Shape& input, ParameterRegistry&) : output_(spec.output_shape(input)) {
        for (Index axis = 0; axis < output_.rank(); ++axis) {
            Index stride = 1;
            for (Index i = spec.dims[static_cast<std::size_t>(axis)]; i < input.rank(); ++i) stride *= input[i];
            strides_[static_cast<std::size_t>(axis)] = stride;
        }
    }

    void forward(ConstView<T> x, View<T> y, Pass<T>&) const {
        for_each_element(x.size(), [&](Index in, Index out) { y[out] = x[in]; });
    }

    void backward(ConstView<T>, ConstView<T>, View<T> dy, View<T> dx, Pass<T>&) const {
        for_each_element(dx.size(), [&](Index in, Index out) { dx[in] = dy[out]; });
    }

private:
    /// f(place in x, place in y), in the order of y.
    template <class F>
    void for_each_element(Index size, F&& f) const {
        const Index last = output_.rank() > 0 ? output_.last() : 1;
        const Index stride = output_.rank() > 0 ? strides_[static_cast<std::size_t>(output_.rank() - 1)] : 1;
        const Index rows = output_.size() / std::max<Index>(1, last);
        for (Index out = 0, row = 0; out < size; ++row) {
            Index rest = row % rows;
            Index in = row / rows * output_.size();
            for (Index axis = output_.rank() - 2; axis >= 0; --axis) {
                in += rest % output_[axis] * strides_[static_cast<std::size_t>(axis)];
                rest /= output_[axis];
            }
            for (Index i = 0; i < last; ++i, ++out) f(in + i * stride, out);
        }
    }

    Shape output_;
    std::array<Index, Shape::max_rank> strides_{}; ///< in x, of the axes of y
};

static_assert(LayerSpec<Permute>);

} // namespace fovea
