#pragma once
#include <string>
#include <vector>

#include <fovea/layers/layer.hpp>
#include <fovea/ops/permutation.hpp>

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
    Shape output_shape(const Shape& input) const { return permutation(input).output(); }

private:
    ops::Permutation permutation(const Shape& input) const {
        std::vector<Index> axes;
        std::vector<bool> seen(static_cast<std::size_t>(input.rank()));
        const auto count = static_cast<Index>(dims.size());
        require<ValueError>(count == input.rank(), type, ": dims must have ", input.rank(), " axes for the input ",
                            input, ", got ", count);
        for (const Index axis : dims) {
            require<ValueError>(1 <= axis && axis <= count && !seen[static_cast<std::size_t>(axis - 1)], type,
                                ": dims must have each of 1 to ", count, " once, got ", axis);
            seen[static_cast<std::size_t>(axis - 1)] = true;
            axes.push_back(axis - 1);
        }
        return {input, axes};
    }
};

template <class T>
class Permute::Layer {
public:
    Layer(const Permute& spec, const Shape& input, ParameterRegistry&) : permutation_(spec.permutation(input)) {}

    void forward(ConstView<T> x, View<T> y, Pass<T>&) const {
        permutation_.each(x.size(), [&](Index in, Index out) { y[out] = x[in]; });
    }

    void backward(ConstView<T>, ConstView<T>, View<T> dy, View<T> dx, Pass<T>&) const {
        permutation_.each(dx.size(), [&](Index in, Index out) { dx[in] = dy[out]; });
    }

private:
    ops::Permutation permutation_;
};

static_assert(LayerSpec<Permute>);

} // namespace fovea
