#pragma once
#include <numeric>
#include <vector>

#include <fovea/core/view.hpp>
#include <fovea/ops/product.hpp>

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
    std::vector<std::int32_t> count; ///< 0, 1, 2 ...: where the elements of a row lie

    DenseGeometry() = default;
    DenseGeometry(Index sample_positions, Index row_inputs, Index row_units)
        : positions(sample_positions), inputs(row_inputs), units(row_units),
          count(static_cast<std::size_t>(std::max(inputs, units))) {
        std::iota(count.begin(), count.end(), 0);
    }

    Index rows(Index batch) const { return batch * positions; }

    /// Bytes that each of the functions below needs.
    template <class T>
    Index scratch(Index batch) const {
        return 2 * Arena::bytes<Index>(rows(batch)) + Arena::bytes<T>(rows(batch) * simd::padded<T>(units));
    }
};

/// y = x kernel + bias (or none, if it is empty), then perhaps ReLU. `packed` is the kernel as pack_panels lays out (inputs, units).
template <class T>
void dense_forward(const DenseGeometry& g, ConstView<T> x, const T* packed, ConstView<T> bias, bool relu, View<T> y,
                   Arena scratch) {
    const Index rows = g.rows(x.shape()[0]);
    multiply<T>({.a = x.data(),
                 .a_rows = detail::even_rows(rows, g.inputs, scratch),
                 .rows = rows,
                 .columns = g.count.data(),
                 .depth = g.inputs,
                 .b = packed,
                 .c = y.data(),
                 .c_rows = detail::even_rows(rows, g.units, scratch),
                 .width = g.units,
                 .bias = bias.empty() ? nullptr : bias.data(),
                 .relu = relu});
}

/// dkernel += transposed x times dy
template <class T>
void dense_backward_kernel(const DenseGeometry& g, ConstView<T> x, ConstView<T> dy, View<T> dkernel, Arena scratch) {
    const Index rows = g.rows(x.shape()[0]);
    const Index* const inputs = detail::even_rows(rows, g.inputs, scratch);
    Index stride = g.units;
    const T* const upstream = detail::whole_panels(dy.data(), rows, g.units, stride, scratch);
    add_outer_product<T>({.a = x.data(),
                          .a_rows = inputs,
                          .rows = rows,
                          .columns = g.count.data(),
                          .depth = g.inputs,
                          .b = upstream,
                          .b_stride = stride,
                          .c = dkernel.data(),
                          .c_stride = g.units,
                          .width = g.units});
}

/// dx = dy times the transposed kernel. `packed` is that as pack_panels lays out (units, inputs).
template <class T>
void dense_backward_input(const DenseGeometry& g, const T* packed, ConstView<T> dy, View<T> dx, Arena scratch) {
    const Index rows = g.rows(dx.shape()[0]);
    multiply<T>({.a = dy.data(),
                 .a_rows = detail::even_rows(rows, g.units, scratch),
                 .rows = rows,
                 .columns = g.count.data(),
                 .depth = g.units,
                 .b = packed,
                 .c = dx.data(),
                 .c_rows = detail::even_rows(rows, g.inputs, scratch),
                 .width = g.inputs});
}

} // namespace fovea::ops
