#pragma once
#include <algorithm>
#include <numeric>
#include <vector>

#include <fovea/core/arena.hpp>
#include <fovea/ops/gathered_product.hpp>

/// The product of rows with one matrix.
///
///     x (rows, inputs)   kernel (inputs, units)   y (rows, units)
///
/// Cost: rows * inputs * units multiply-adds, once forward and twice backward.
namespace fovea::ops {

struct DenseGeometry {
    Index positions = 0; ///< rows of one sample
    Index inputs = 0;
    Index units = 0;
    std::vector<Index> count; ///< 0, 1, 2 ...: where the elements of a row lie

    DenseGeometry() = default;
    DenseGeometry(Index sample_positions, Index row_inputs, Index row_units)
        : positions(sample_positions), inputs(row_inputs), units(row_units),
          count(static_cast<std::size_t>(std::max(inputs, units))) {
        std::iota(count.begin(), count.end(), Index{0});
    }

    Index rows(Index batch) const { return batch * positions; }

    template <class T>
    Index scratch(Index batch) const {
        const Index padded_units = padded<T>(units);
        return Arena::bytes<Index>(rows(batch)) +
               Arena::bytes<T>(
                   std::max({inputs * padded_units, rows(batch) * padded_units, units * padded<T>(inputs)}));
    }
};

namespace detail {

/// A matrix as it stands, for an operand that is read element by element.
template <class T>
Gathered<T> in_place(const DenseGeometry& g, const T* data, Index rows, Index columns, Arena& scratch) {
    auto* const starts = scratch.take<Index>(rows);
    for (Index i = 0; i < rows; ++i) starts[i] = i * columns;
    return {data, {starts, starts + rows}, std::span(g.count).first(static_cast<std::size_t>(columns))};
}

} // namespace detail

/// y = x kernel
template <class T>
void dense_forward(const DenseGeometry& g, ConstView<T> x, ConstView<T> kernel, View<T> y, Arena scratch) {
    const Gathered<T> rows = detail::in_place(g, x.data(), g.rows(x.shape()[0]), g.inputs, scratch);
    multiply(rows, readable<T>({kernel.data(), g.units, g.units}, g.inputs, scratch),
             Rows<T>{y.data(), g.units, g.units});
}

/// dkernel += transposed x times dy
template <class T>
void dense_backward_kernel(const DenseGeometry& g, ConstView<T> x, ConstView<T> dy, View<T> dkernel, Arena scratch) {
    const Index rows = g.rows(x.shape()[0]);
    const Gathered<T> inputs = detail::in_place(g, x.data(), rows, g.inputs, scratch);
    add_transposed_product(inputs, readable<T>({dy.data(), g.units, g.units}, rows, scratch),
                           Rows<T>{dkernel.data(), g.units, g.units});
}

/// dx = dy times the transposed kernel
template <class T>
void dense_backward_input(const DenseGeometry& g, ConstView<T> kernel, ConstView<T> dy, View<T> dx, Arena scratch) {
    const Gathered<T> upstream = detail::in_place(g, dy.data(), g.rows(dx.shape()[0]), g.units, scratch);
    const Rows<const T> weights{kernel.data(), g.units, g.units};
    multiply(upstream, transpose(weights, g.inputs, scratch.take<T>(g.units * padded<T>(g.inputs))),
             Rows<T>{dx.data(), g.inputs, g.inputs});
}

} // namespace fovea::ops
