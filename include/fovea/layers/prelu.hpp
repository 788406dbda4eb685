#pragma once
#include <algorithm>
#include <string>
#include <vector>

#include <fovea/core/rounding.hpp>
#include <fovea/layers/layer.hpp>

namespace fovea {

/// x (batch, ...) -> y (batch, ...): y = x from 0 on, alpha * x below, with an alpha for each element of a sample but one for all
/// along `shared_axes`: {1, 2} gives each channel of an image its own.
///
///     alpha: the shape of a sample, with extent 1 on shared axes
struct PReLU {
    Initializer alpha_initializer = Initializer::zeros;
    Regularizer alpha_regularizer = {};
    Constraint alpha_constraint = {};
    std::vector<Index> shared_axes = {}; ///< counted from the batch axis, which is 0
    std::string name = {};
    bool trainable = true;

    static constexpr std::string_view type = "PReLU";

    void fields(SpecVisitor& visit) {
        visit("alpha_initializer", alpha_initializer);
        visit("alpha_regularizer", alpha_regularizer);
        visit("alpha_constraint", alpha_constraint);
        visit("shared_axes", shared_axes);
    }

    template <class T>
    class Layer;

    template <class Node>
    Node operator()(const Node& x) const {
        return x.then(*this);
    }

    Shape output_shape(const Shape& input) const {
        alpha_shape(input);
        return input;
    }

    /// Throws ValueError for an axis that is not there, ShapeError for an input without elements.
    Shape alpha_shape(const Shape& input) const {
        require<ShapeError>(input.rank() > 0 && input.size() > 0, type,
                            ": expected an input of at least 1 axis, none of them empty, got ", input);
        std::vector<Index> extents(input.begin(), input.end());
        for (const Index axis : shared_axes) {
            require<ValueError>(1 <= axis && axis <= input.rank(), type, ": shared_axes must be from 1 to ",
                                input.rank(), " for the input ", input, ", got ", axis);
            extents[static_cast<std::size_t>(axis - 1)] = 1;
        }
        return Shape(std::span<const Index>(extents));
    }
};

template <class T>
class PReLU::Layer {
public:
    Layer(const PReLU& spec, const Shape& input, ParameterRegistry& parameters)
        : last_(spec.output_shape(input).last()) {
        const Shape shape = spec.alpha_shape(input);
        alpha_ =
            parameters.add("alpha", shape, spec.alpha_initializer, {}, spec.alpha_regularizer, spec.alpha_constraint);
        step_ = shape.last() == last_ ? 1 : 0;
        offsets_.resize(static_cast<std::size_t>(input.size() / last_));
        for (std::size_t row = 0; row < offsets_.size(); ++row) {
            auto rest = static_cast<Index>(row);
            Index stride = shape.last();
            for (Index axis = input.rank() - 2; axis >= 0; --axis) {
                if (shape[axis] == input[axis]) offsets_[row] += rest % input[axis] * stride;
                rest /= input[axis];
                stride *= shape[axis];
            }
        }
    }

    Index scratch_bytes(Index) const { return Arena::bytes<double>(alpha_.size()); }

    void forward(ConstView<T> x, View<T> y, Pass<T>& pass) const {
        const T* const alpha = pass.value(alpha_).data();
        for_each_row(x.size(), [&](Index at, Index offset) {
            for (Index i = 0; i < last_; ++i) {
                const T below = alpha[offset + i * step_] * x[at + i];
                y[at + i] = x[at + i] < 0 ? below : x[at + i];
            }
        });
    }

    void backward(ConstView<T> x, ConstView<T>, View<T> dy, View<T> dx, Pass<T>& pass) const {
        if (const View<T> dalpha = pass.gradient(alpha_); !dalpha.empty()) {
            Arena scratch = pass.scratch;
            auto* const sums = scratch.take<double>(dalpha.size());
            std::fill_n(sums, dalpha.size(), 0.0);
            for_each_row(x.size(), [&](Index at, Index offset) {
                for (Index i = 0; i < last_; ++i)
                    if (x[at + i] < 0)
                        sums[offset + i * step_] +=
                            rounded(static_cast<double>(dy[at + i]) * static_cast<double>(x[at + i]));
            });
            for (Index i = 0; i < dalpha.size(); ++i) dalpha[i] += static_cast<T>(sums[i]);
        }
        if (dx.empty()) return;
        const T* const alpha = pass.value(alpha_).data();
        for_each_row(x.size(), [&](Index at, Index offset) {
            for (Index i = 0; i < last_; ++i) {
                const T below = alpha[offset + i * step_] * dy[at + i];
                dx[at + i] = x[at + i] <= 0 ? below : dy[at + i];
            }
        });
    }

private:
    /// f(where the row begins, where its alphas do) for all rows of all samples.
    template <class F>
    void for_each_row(Index size, F&& f) const {
        for (Index at = 0; at < size;)
            for (const Index offset : offsets_) {
                f(at, offset);
                at += last_;
            }
    }

    Parameter alpha_;
    Index last_;                 ///< elements of a row, that is along the last axis
    Index step_;                 ///< from one element's alpha to the next one's
    std::vector<Index> offsets_; ///< of the first alpha, for each row of a sample
};

static_assert(LayerSpec<PReLU>);

} // namespace fovea
