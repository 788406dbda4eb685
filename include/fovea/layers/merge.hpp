#pragma once
#include <algorithm>
#include <array>
#include <functional>
#include <initializer_list>
#include <span>
#include <vector>

#include <fovea/core/rounding.hpp>
#include <fovea/layers/layer.hpp>

/// What layers have in common that put several inputs together.
namespace fovea::detail {

/// The shape that inputs of a sample have together, of which those with an extent of 1 are repeated along that axis.
inline Shape merged_shape(std::string_view type, std::span<const Shape> inputs) {
    require<ValueError>(inputs.size() >= 2, type, ": takes at least two inputs, got ", inputs.size());
    std::vector<Index> merged(inputs[0].begin(), inputs[0].end());
    for (const Shape& input : inputs) {
        const Shape so_far{std::span<const Index>(merged)};
        bool fits = input.rank() == so_far.rank();
        for (std::size_t axis = 0; fits && axis < merged.size(); ++axis) {
            const Index extent = input.begin()[axis];
            fits = extent == merged[axis] || extent == 1 || merged[axis] == 1;
            if (merged[axis] == 1) merged[axis] = extent;
        }
        require<ShapeError>(fits, type, ": an input of ", input, " does not fit ", so_far);
    }
    return Shape(std::span<const Index>(merged));
}

/// Walks along an output and the elements of an input that belong to it.
class ElementwiseMerge {
public:
    /// Shapes of one sample.
    ElementwiseMerge(std::span<const Shape> inputs, const Shape& output) : output_size_(output.size()) {
        for (const Shape& input : inputs) walks_.emplace_back(input, output);
    }

    /// y = x, of input 0
    template <class T>
    void assign(ConstView<T> x, View<T> y) const {
        each(0, y.size(), [&](Index i, Index j) { y[i] = x[j]; });
    }

    /// y = f(y, x), of input k
    template <class T, class F>
    void combine(std::size_t k, ConstView<T> x, View<T> y, F&& f) const {
        each(k, y.size(), [&](Index i, Index j) { y[i] = f(y[i], x[j]); });
    }

    /// dx = the sum of f(i, j) over all elements i of the output that come from element j of input k, in order; nothing if dx is empty.
    template <class T, class F>
    void reduce(std::size_t k, View<T> dx, Index outputs, F&& f) const {
        if (dx.empty()) return;
        if (walks_[k].is_whole) return each(k, outputs, [&](Index i, Index j) { dx[j] = f(i, j); });
        std::fill(dx.begin(), dx.end(), T{0});
        each(k, outputs, [&](Index i, Index j) { dx[j] += rounded(f(i, j)); });
    }

    /// Which element of input k belongs to element i of the output.
    Index input_index(std::size_t k, Index i) const {
        const Walk& walk = walks_[k];
        if (walk.is_whole) return i;
        Index index = i / output_size_ * walk.size;
        Index rest = i % output_size_;
        for (std::size_t axis = Shape::max_rank; axis-- > 0;) {
            index += rest % walk.extents[axis] * walk.strides[axis];
            rest /= walk.extents[axis];
        }
        return index;
    }

private:
    /// How an input is read along its output: strides of repeated axes are 0.
    struct Walk {
        Walk(const Shape& input, const Shape& output) : size(input.size()), is_whole(input == output) {
            extents.fill(1);
            strides.fill(0);
            Index stride = 1;
            const auto rank = static_cast<std::size_t>(output.rank());
            for (std::size_t axis = rank, at = extents.size(); axis-- > 0;) {
                extents[--at] = output.begin()[axis];
                strides[at] = input.begin()[axis] == 1 ? 0 : stride;
                stride *= input.begin()[axis];
            }
        }

        std::array<Index, Shape::max_rank> extents;
        std::array<Index, Shape::max_rank> strides;
        Index size;
        bool is_whole;
    };

    template <class F>
    void each(std::size_t k, Index outputs, F&& f) const {
        if (walks_[k].is_whole)
            for (Index i = 0; i < outputs; ++i) f(i, i);
        else
            for (Index i = 0; i < outputs; ++i) f(i, input_index(k, i));
    }

    Index output_size_;
    std::vector<Walk> walks_;
};

/// The layer of Maximum and Minimum: of each element the one that is Better, such as std::greater<>, than all in front of it.
template <class T, class Better>
class ExtremumMerge {
public:
    template <class Spec>
    ExtremumMerge(const Spec& spec, std::span<const Shape> inputs, ParameterRegistry&)
        : merge_(inputs, spec.output_shape(inputs)) {}

    void forward(std::span<const ConstView<T>> x, View<T> y, Pass<T>&) const {
        merge_.assign(x[0], y);
        for (std::size_t k = 1; k < x.size(); ++k)
            merge_.combine(k, x[k], y, [](T a, T b) { return Better{}(b, a) ? b : a; });
    }

    void backward(std::span<const ConstView<T>> x, ConstView<T> y, View<T> dy, std::span<const View<T>> dx,
                  Pass<T>&) const {
        for (std::size_t k = 0; k < dx.size(); ++k)
            merge_.reduce(k, dx[k], dy.size(),
                          [&](Index i, Index j) { return x[k][j] == y[i] && !is_earlier(x, y, k, i) ? dy[i] : T{0}; });
    }

private:
    /// Whether an input in front of number k has that output as well.
    bool is_earlier(std::span<const ConstView<T>> x, ConstView<T> y, std::size_t k, Index i) const {
        for (std::size_t other = 0; other < k; ++other)
            if (x[other][merge_.input_index(other, i)] == y[i]) return true;
        return false;
    }

    ElementwiseMerge merge_;
};

} // namespace fovea::detail
