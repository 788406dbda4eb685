#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>
#include <vector>

#include <Eigen/Core>

#include <fovea/core/random.hpp>
#include <fovea/core/tensor.hpp>
#include <fovea/ops/gathered_product.hpp>

#include "catch.hpp"

using namespace fovea;

namespace {

template <class T>
using Matrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

template <class T>
constexpr T blank = std::numeric_limits<T>::quiet_NaN();

/// Whole numbers from -8 to 8: products of up to 2^16 of them are exact in float, whatever the order.
template <class T>
Matrix<T> whole_matrix(Index rows, Index columns, std::uint32_t number) {
    Matrix<T> matrix(rows, columns);
    const random::Stream stream{11, random::Purpose::user, number, 0};
    for (Index i = 0; i < matrix.size(); ++i)
        matrix.data()[i] = static_cast<T>(stream.below(static_cast<std::uint64_t>(i), 17)) - 8;
    return matrix;
}

template <class T>
Matrix<T> fractions(Index rows, Index columns, std::uint32_t number) {
    Matrix<T> matrix(rows, columns);
    const random::Stream stream{12, random::Purpose::user, number, 0};
    for (Index i = 0; i < matrix.size(); ++i)
        matrix.data()[i] = static_cast<T>(2 * stream.uniform(static_cast<std::uint64_t>(i)) - 1);
    return matrix;
}

/// A matrix of which no two neighbours lie side by side, with NaN in between.
template <class T>
struct Scattered {
    std::vector<T> data;
    std::vector<Index> rows;
    std::vector<Index> columns;

    explicit Scattered(const Matrix<T>& matrix) {
        Index start = 1;
        for (Index i = 0; i < matrix.rows(); ++i, start += 3 * matrix.cols() + 1 + i % 2) rows.push_back(start);
        std::reverse(rows.begin(), rows.end());
        for (Index k = 0; k < matrix.cols(); ++k) columns.push_back(2 * (matrix.cols() - 1 - k) + k % 2);
        data.assign(static_cast<std::size_t>(start + 2 * matrix.cols()), blank<T>);
        for (Index i = 0; i < matrix.rows(); ++i)
            for (Index k = 0; k < matrix.cols(); ++k)
                data[static_cast<std::size_t>(rows[static_cast<std::size_t>(i)] +
                                              columns[static_cast<std::size_t>(k)])] = matrix(i, k);
    }

    ops::Gathered<T> gathered() const { return {data.data(), rows, columns}; }
};

/// A plain matrix in rows that are wider than it, with `fill` behind them.
template <class T>
struct Wide {
    std::vector<T> data;
    Index stride;
    Index columns;

    Wide(const Matrix<T>& matrix, T fill)
        : data(static_cast<std::size_t>(matrix.rows() * (ops::padded<T>(matrix.cols()) + 3)), fill),
          stride(ops::padded<T>(matrix.cols()) + 3), columns(matrix.cols()) {
        for (Index i = 0; i < matrix.rows(); ++i)
            std::copy_n(matrix.data() + i * columns, columns, data.begin() + i * stride);
    }

    ops::Rows<const T> read() const { return {data.data(), stride, columns}; }
    ops::Rows<T> write() { return {data.data(), stride, columns}; }
    Matrix<T> matrix() const {
        return Eigen::Map<const Matrix<T>, 0, Eigen::OuterStride<>>(
            data.data(), static_cast<Index>(data.size()) / stride, columns, Eigen::OuterStride<>(stride));
    }
    bool untouched_behind(T fill) const {
        for (std::size_t row = 0; row < data.size(); row += static_cast<std::size_t>(stride))
            for (auto j = static_cast<std::size_t>(columns); j < static_cast<std::size_t>(stride); ++j)
                if (data[row + j] != fill) return false;
        return true;
    }
};

/// A plain bool: Catch would print whole matrices.
template <class T>
bool equal(const Matrix<T>& a, const Matrix<T>& b) {
    return a.rows() == b.rows() && a.cols() == b.cols() && std::equal(a.data(), a.data() + a.size(), b.data());
}

template <class T>
bool same_bits(const Matrix<T>& a, const Matrix<T>& b) {
    return a.rows() == b.rows() && a.cols() == b.cols() &&
           std::memcmp(a.data(), b.data(), static_cast<std::size_t>(a.size()) * sizeof(T)) == 0;
}

/// Every height of tile and its leftovers.
const std::vector<Index> heights{1, 2, 3, 4, 5, 6, 7, 9, 11, 12, 13};
/// Whole vectors and tails for every vector width from 2 to 16, and more than the widest panel.
const std::vector<Index> widths{1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 64, 67};

} // namespace

TEMPLATE_TEST_CASE("multiply: equal to Eigen for every size of tile", "", float, double) {
    using T = TestType;
    for (const Index m : heights)
        for (const Index k : {1, 2, 9, 33})
            for (const Index n : widths) {
                INFO("(" << m << ", " << k << ") x (" << k << ", " << n << ")");
                const Matrix<T> a = whole_matrix<T>(m, k, 1);
                const Matrix<T> b = whole_matrix<T>(k, n, 2);
                const Scattered<T> left(a);
                const Wide<T> right(b, blank<T>); // what stands behind a row does not matter
                Wide<T> result(Matrix<T>::Constant(m, n, blank<T>), T{77});
                ops::multiply(left.gathered(), right.read(), result.write());
                REQUIRE(equal(result.matrix(), Matrix<T>(a.lazyProduct(b))));
                REQUIRE(result.untouched_behind(T{77}));
            }
}

TEMPLATE_TEST_CASE("add_transposed_product: equal to Eigen for every size of tile", "", float, double) {
    using T = TestType;
    for (const Index k : heights)
        for (const Index m : {1, 2, 9, 33})
            for (const Index n : widths) {
                INFO("transposed (" << m << ", " << k << ") x (" << m << ", " << n << ")");
                const Matrix<T> a = whole_matrix<T>(m, k, 1);
                const Matrix<T> b = whole_matrix<T>(m, n, 2);
                const Matrix<T> before = whole_matrix<T>(k, n, 3);
                const Scattered<T> left(a);
                const Wide<T> right(b, blank<T>);
                Wide<T> result(before, T{77});
                ops::add_transposed_product(left.gathered(), right.read(), result.write());
                REQUIRE(equal(result.matrix(), Matrix<T>(before + a.transpose().lazyProduct(b))));
                REQUIRE(result.untouched_behind(T{77}));
            }
}

TEMPLATE_TEST_CASE("add_transposed_product: more rows than one block of them", "", float, double) {
    using T = TestType;
    const Matrix<T> a = whole_matrix<T>(1000, 13, 1);
    const Matrix<T> b = whole_matrix<T>(1000, 70, 2);
    const Scattered<T> left(a);
    const Wide<T> right(b, blank<T>);
    Wide<T> result(Matrix<T>::Zero(13, 70), T{77});
    ops::add_transposed_product(left.gathered(), right.read(), result.write());
    CHECK(equal(result.matrix(), Matrix<T>(a.transpose().lazyProduct(b))));
}

TEMPLATE_TEST_CASE("products of fractions: as exact as Eigen's, and a row's bits do not depend on the rows beside it",
                   "", float, double) {
    using T = TestType;
    const Index m = 23;
    const Index k = 150;
    const Index n = 37;
    const Matrix<T> a = fractions<T>(m, k, 1);
    const Matrix<T> b = fractions<T>(k, n, 2);
    const Wide<T> right(b, T{0});
    Wide<T> result(Matrix<T>::Zero(m, n), T{0});
    const Scattered<T> left(a);
    ops::multiply(left.gathered(), right.read(), result.write());
    const Matrix<double> exact =
        Matrix<double>(a.template cast<double>()).lazyProduct(Matrix<double>(b.template cast<double>()));
    // 150 numbers below 1 are summed, each sum rounded: at most 150 * 150 / 2 units of the last place of 1, and far fewer in practice.
    const Matrix<T> product_of_fractions = result.matrix();
    double worst = 0;
    for (Index i = 0; i < exact.size(); ++i)
        worst = std::max(worst, std::abs(static_cast<double>(product_of_fractions.data()[i]) - exact.data()[i]));
    CHECK(worst < 150.0 * static_cast<double>(std::numeric_limits<T>::epsilon()));

    for (Index first = 0; first < m; ++first)
        for (const Index count : {1, 2, 5}) {
            if (first + count > m) continue;
            const Scattered<T> few(Matrix<T>(a.middleRows(first, count)));
            Wide<T> part(Matrix<T>::Zero(count, n), T{0});
            ops::multiply(few.gathered(), right.read(), part.write());
            REQUIRE(same_bits<T>(part.matrix(), result.matrix().middleRows(first, count)));
        }

    const Matrix<T> c = fractions<T>(m, n, 3);
    const Wide<T> gradient(c, T{0});
    Wide<T> product(Matrix<T>::Zero(k, n), T{0});
    ops::add_transposed_product(left.gathered(), gradient.read(), product.write());
    for (Index first = 0; first < 11; ++first)
        for (const Index count : {1, 3, 6}) {
            const Scattered<T> few(Matrix<T>(a.middleCols(first, count)));
            Wide<T> part(Matrix<T>::Zero(count, n), T{0});
            ops::add_transposed_product(few.gathered(), gradient.read(), part.write());
            REQUIRE(same_bits<T>(part.matrix(), product.matrix().middleRows(first, count)));
        }
}

TEMPLATE_TEST_CASE("readable: the matrix itself where whole vectors can be read, else a copy with zeros behind", "",
                   float, double) {
    using T = TestType;
    const Index width = simd::width<T>;
    Tensor<std::byte> memory(Shape{Arena::bytes<T>(3 * 2 * width)});
    Arena arena(memory.span());

    const Wide<T> whole(fractions<T>(3, 2 * width, 1), blank<T>);
    const auto same = ops::readable(whole.read(), 3, arena);
    CHECK(same.data == whole.data.data());
    CHECK(same.stride == whole.stride);

    const Wide<T> short_rows(fractions<T>(3, 2 * width - 1, 1), blank<T>);
    const auto copy = ops::readable(short_rows.read(), 3, arena);
    CHECK(copy.data != short_rows.data.data());
    REQUIRE(copy.stride == 2 * width);
    CHECK(copy.columns == 2 * width - 1);
    for (Index i = 0; i < 3; ++i) {
        CHECK(std::equal(copy.data + i * copy.stride, copy.data + i * copy.stride + copy.columns,
                         short_rows.data.data() + i * short_rows.stride));
        CHECK(copy.data[i * copy.stride + copy.columns] == 0);
    }
}

TEMPLATE_TEST_CASE("transpose: with zeros behind every row", "", float, double) {
    using T = TestType;
    const Matrix<T> from = fractions<T>(5, 7, 1);
    const Wide<T> wide(from, blank<T>);
    const Index stride = ops::padded<T>(5);
    std::vector<T> to(static_cast<std::size_t>(7 * stride), blank<T>);
    const auto result = ops::transpose(wide.read(), 5, to.data());
    CHECK(result.data == to.data());
    CHECK(result.stride == stride);
    CHECK(result.columns == 5);
    for (Index k = 0; k < 7; ++k)
        for (Index i = 0; i < stride; ++i)
            CHECK(to[static_cast<std::size_t>(k * stride + i)] == (i < 5 ? from(i, k) : T{0}));
}

TEST_CASE("padded: up to whole vectors") {
    const Index width = simd::width<float>;
    CHECK(ops::padded<float>(0) == 0);
    CHECK(ops::padded<float>(1) == width);
    CHECK(ops::padded<float>(width) == width);
    CHECK(ops::padded<float>(width + 1) == 2 * width);
}
