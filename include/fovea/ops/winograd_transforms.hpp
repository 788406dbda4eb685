#pragma once
#include <array>
#include <cstddef>

/// The transforms of Winograd's F(tile, 3) in one dimension: y = A^T [(G g) * (B^T d)] for 3 taps g, tile + 2 inputs d and `tile`
/// outputs y, where * multiplies number by number. In two dimensions each is applied to the columns, then to the rows.
///
/// Toom and Cook's construction: the polynomials that d and y stand for are compared at the points 0, 1, -1, infinity, and for
/// tile 3 also 2. The further a point from 1, the more its powers magnify rounding errors, so larger tiles are not here.
namespace fovea::ops {

/// Numbers of a two-dimensional tile.
constexpr int winograd_matrices(int tile) { return (tile + 2) * (tile + 2); }

template <int tile>
struct WinogradTransforms;

template <>
struct WinogradTransforms<2> {
    struct Input { ///< B^T
        static constexpr int rows = 4, columns = 4;
        static constexpr double at[rows][columns] = {{1, 0, -1, 0}, {0, 1, 1, 0}, {0, -1, 1, 0}, {0, 1, 0, -1}};
    };
    struct Kernel { ///< G
        static constexpr int rows = 4, columns = 3;
        static constexpr double at[rows][columns] = {{1, 0, 0}, {0.5, 0.5, 0.5}, {0.5, -0.5, 0.5}, {0, 0, 1}};
    };
    struct Output { ///< A^T
        static constexpr int rows = 2, columns = 4;
        static constexpr double at[rows][columns] = {{1, 1, 1, 0}, {0, 1, -1, -1}};
    };
};

template <>
struct WinogradTransforms<3> {
    struct Input {
        static constexpr int rows = 5, columns = 5;
        static constexpr double at[rows][columns] = {
            {2, -1, -2, 1, 0}, {0, -2, -1, 1, 0}, {0, 2, -3, 1, 0}, {0, -1, 0, 1, 0}, {0, 2, -1, -2, 1}};
    };
    struct Kernel {
        static constexpr int rows = 5, columns = 3;
        static constexpr double at[rows][columns] = {{1. / 2, 0, 0},
                                                     {-1. / 2, -1. / 2, -1. / 2},
                                                     {-1. / 6, 1. / 6, -1. / 6},
                                                     {1. / 6, 1. / 3, 2. / 3},
                                                     {0, 0, 1}};
    };
    struct Output {
        static constexpr int rows = 3, columns = 5;
        static constexpr double at[rows][columns] = {{1, 1, 1, 1, 0}, {0, 1, -1, 2, 0}, {0, 1, 1, 4, 1}};
    };
};

/// The matrix of the same step backward.
template <class Transform>
struct WinogradTransposed {
    static constexpr int rows = Transform::columns, columns = Transform::rows;
    static constexpr auto at = [] {
        std::array<std::array<double, Transform::rows>, Transform::columns> transposed{};
        for (std::size_t i = 0; i < Transform::columns; ++i)
            for (std::size_t j = 0; j < Transform::rows; ++j) transposed[i][j] = Transform::at[j][i];
        return transposed;
    }();
};

} // namespace fovea::ops
