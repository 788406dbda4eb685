#pragma once
#include <algorithm>
#include <ostream>
#include <type_traits>

#include <fovea/core/view.hpp>
#include <fovea/ops/window.hpp>

namespace fovea {

/// What lies before and behind an axis.
struct EdgePair {
    Index before = 0;
    Index behind = 0;

    bool operator==(const EdgePair&) const = default;
    friend std::ostream& operator<<(std::ostream& out, EdgePair pair) {
        return out << '(' << pair.before << ", " << pair.behind << ')';
    }
};

/// Rows and columns along the four edges of an image: `{{top, bottom}, {left, right}}`, `{rows, columns}` on either side, or
/// `1` on all four. Prints as `((1, 2), (3, 4))`.
struct Edges2D {
    EdgePair height;
    EdgePair width;

    constexpr Edges2D(Index all) : Edges2D(all, all) {}
    constexpr Edges2D(Index rows, Index columns) : height{rows, rows}, width{columns, columns} {}
    constexpr Edges2D(EdgePair top_bottom, EdgePair left_right) : height(top_bottom), width(left_right) {}

    Index rows() const { return height.before + height.behind; }
    Index columns() const { return width.before + width.behind; }

    /// Throws the ValueError `Cropping2D: cropping must be ...` for edges that are negative or too wide.
    void require_valid(std::string_view type, std::string_view field) const {
        const auto [least, most] = std::minmax({height.before, height.behind, width.before, width.behind});
        require<ValueError>(0 <= least && most <= most_of_size, type, ": ", field, " must be from 0 to ", most_of_size,
                            " on all edges, got ", *this);
    }

    bool operator==(const Edges2D&) const = default;
    friend std::ostream& operator<<(std::ostream& out, const Edges2D& edges) {
        return out << '(' << edges.height << ", " << edges.width << ')';
    }
};

/// Edges of zeros around images, and images without their edges; each is the other's gradient.
///
///     inner (batch, height, width, channels)   outer (batch, height + edges.rows(), width + edges.columns(), channels)
namespace ops {

namespace detail {

/// Calls `f(row of inner, row of outer, its length)`, where the second begins behind the left edge.
template <class T, class U, class F>
void each_inner_row(const Edges2D& edges, View<T> inner, View<U> outer, F&& f) {
    const Shape& in = inner.shape();
    const Shape& out = outer.shape();
    const Index row = in[2] * in[3];
    const Index outer_row = out[2] * out[3];
    for (Index n = 0; n < in[0]; ++n)
        for (Index i = 0; i < in[1]; ++i)
            f(inner.data() + (n * in[1] + i) * row,
              outer.data() + (n * out[1] + edges.height.before + i) * outer_row + edges.width.before * in[3], row);
}

} // namespace detail

/// outer = inner with zeros around it
template <class T>
void add_edges(const Edges2D& edges, std::type_identity_t<ConstView<T>> inner, View<T> outer) {
    const Shape& shape = outer.shape();
    const Index row = shape[2] * shape[3];
    const auto fill_pixels = [&](T* from, Index count) { std::fill_n(from, count * shape[3], T{}); };
    for (Index n = 0; n < shape[0]; ++n) {
        T* const image = outer.data() + n * shape[1] * row;
        fill_pixels(image, edges.height.before * shape[2]);
        fill_pixels(image + (shape[1] - edges.height.behind) * row, edges.height.behind * shape[2]);
    }
    detail::each_inner_row(edges, inner, outer, [&](const T* from, T* to, Index count) {
        fill_pixels(to - edges.width.before * shape[3], edges.width.before);
        fill_pixels(std::copy_n(from, count, to), edges.width.behind);
    });
}

/// inner = outer without its edges
template <class T>
void remove_edges(const Edges2D& edges, std::type_identity_t<ConstView<T>> outer, View<T> inner) {
    detail::each_inner_row(edges, inner, outer,
                           [](T* to, const T* from, Index count) { std::copy_n(from, count, to); });
}

} // namespace ops
} // namespace fovea
