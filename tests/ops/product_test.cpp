#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>
#include <vector>

#include <Eigen/Core>

#include <fovea/core/random.hpp>
#include <fovea/core/tensor.hpp>
#include <fovea/ops/product.hpp>

#include "catch.hpp"

#include "support/isa.hpp"
#include "support/whole_numbers.hpp"

using namespace fovea;

namespace {

template <class T>
using Matrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

template <class T>
constexpr T blank = std::numeric_limits<T>::quiet_NaN();

/// Whole numbers from -8 to 8: sums of up to 2^18 products of two are exact in float, whatever the order.
template <class T>
Matrix<T> whole_matrix(Index rows, Index columns, std::uint32_t number) {
    Matrix<T> matrix(rows, columns);
    fill_whole(matrix.data(), matrix.size(), {11, random::Purpose::user, number, 0}, 8);
    return matrix;
}

template <class T>
Matrix<T> fraction_matrix(Index rows, Index columns, std::uint32_t number) {
    Matrix<T> matrix(rows, columns);
    fill_fractions(matrix.data(), matrix.size(), {12, random::Purpose::user, number, 0});
    return matrix;
}

/// A matrix of which no two neighbours lie side by side, with NaN in between. Nothing lies behind its last element, so that
/// AddressSanitizer sees who reads there.
template <class T>
struct Scattered {
    std::vector<T> data;
    std::vector<Index> rows;
    std::vector<std::int32_t> columns;

    explicit Scattered(const Matrix<T>& matrix) {
        Index start = 1;
        for (Index i = 0; i < matrix.rows(); ++i, start += 3 * matrix.cols() + 1 + i % 2) rows.push_back(start);
        std::reverse(rows.begin(), rows.end());
        for (Index k = 0; k < matrix.cols(); ++k)
            columns.push_back(static_cast<std::int32_t>(2 * (matrix.cols() - 1 - k) + k % 2));
        if (matrix.size() == 0) return;
        data.assign(static_cast<std::size_t>(rows.front() + *std::max_element(columns.begin(), columns.end()) + 1),
                    blank<T>);
        for (Index i = 0; i < matrix.rows(); ++i)
            for (Index k = 0; k < matrix.cols(); ++k)
                data[static_cast<std::size_t>(rows[static_cast<std::size_t>(i)] +
                                              columns[static_cast<std::size_t>(k)])] = matrix(i, k);
    }
};

/// a b by three loops over pointers, which take an unoptimised build a tenth as long as a product of Eigen's.
template <class T>
Matrix<T> plain_product(const Matrix<T>& a, const Matrix<T>& b) {
    Matrix<T> c = Matrix<T>::Zero(a.rows(), b.cols());
    for (Index i = 0; i < a.rows(); ++i)
        for (Index k = 0; k < a.cols(); ++k) {
            const T factor = a(i, k);
            const T* const from = b.data() + k * b.cols();
            T* const to = c.data() + i * c.cols();
            for (Index j = 0; j < c.cols(); ++j) to[j] += factor * from[j];
        }
    return c;
}

template <class T>
std::vector<T> packed(const Matrix<T>& b) {
    std::vector<T> result(static_cast<std::size_t>(ops::packed_size<T>(b.rows(), b.cols())), blank<T>);
    ops::pack_panels(b.data(), b.cols(), Index{1}, b.rows(), b.cols(), result.data());
    return result;
}

/// A result whose rows lie scattered too, with `mark` around each of them, and nothing behind the last.
template <class T>
struct Result {
    static constexpr T mark = 77;

    Index columns;
    std::vector<T> data;
    std::vector<Index> rows;

    explicit Result(const Matrix<T>& before) : columns(before.cols()) {
        Index start = 3;
        for (Index i = 0; i < before.rows(); ++i, start += columns + 1 + i % 3) rows.push_back(start);
        data.assign(static_cast<std::size_t>(rows.empty() ? 0 : rows.back() + columns), mark);
        // Neighbours change places, so that a tile's rows are not in order.
        for (std::size_t i = 0; i + 1 < rows.size(); i += 2) std::swap(rows[i], rows[i + 1]);
        for (Index i = 0; i < before.rows(); ++i)
            std::copy_n(before.data() + i * columns, columns, data.begin() + rows[static_cast<std::size_t>(i)]);
    }

    Matrix<T> matrix() const {
        Matrix<T> result(static_cast<Index>(rows.size()), columns);
        for (std::size_t i = 0; i < rows.size(); ++i)
            std::copy_n(data.begin() + rows[i], columns, result.data() + static_cast<Index>(i) * columns);
        return result;
    }

    bool is_untouched_around() const {
        std::vector<T> rest = data;
        for (const Index row : rows) std::fill_n(rest.begin() + row, columns, mark);
        return std::all_of(rest.begin(), rest.end(), [](T value) { return value == mark; });
    }
};

/// What may be asked for beside the product.
template <class T>
struct Extras {
    std::vector<T> bias = {};
    bool add = false;
    bool relu = false;
};

/// a b, added to `before` or to a bias, perhaps rectified.
template <class T>
Matrix<T> product(const Matrix<T>& a, const Matrix<T>& b, const Matrix<T>& before, const Extras<T>& extras = {}) {
    const Scattered<T> left(a);
    const std::vector<T> right = packed(b);
    Result<T> result(before);
    ops::multiply<T>({.a = left.data.data(),
                      .a_rows = left.rows.data(),
                      .rows = a.rows(),
                      .columns = left.columns.data(),
                      .depth = a.cols(),
                      .b = right.data(),
                      .c = result.data.data(),
                      .c_rows = result.rows.data(),
                      .width = b.cols(),
                      .bias = extras.bias.empty() ? nullptr : extras.bias.data(),
                      .add = extras.add,
                      .relu = extras.relu});
    REQUIRE(result.is_untouched_around());
    return result.matrix();
}

template <class T>
Matrix<T> product(const Matrix<T>& a, const Matrix<T>& b) {
    return product<T>(a, b, Matrix<T>::Constant(a.rows(), b.cols(), blank<T>));
}

/// before + transposed a times b. Behind each row of b there are numbers that do not matter.
template <class T>
Matrix<T> outer_product(const Matrix<T>& a, const Matrix<T>& b, const Matrix<T>& before) {
    const Scattered<T> left(a);
    const Index b_stride = simd::padded<T>(b.cols()) + 3;
    const Index c_stride = b.cols() + 2;
    std::vector<T> right(static_cast<std::size_t>(b.rows() * b_stride - 3), blank<T>);
    for (Index i = 0; i < b.rows(); ++i) std::copy_n(b.data() + i * b.cols(), b.cols(), right.begin() + i * b_stride);
    std::vector<T> result(static_cast<std::size_t>(before.rows() * c_stride - 2), T{77});
    for (Index i = 0; i < before.rows(); ++i)
        std::copy_n(before.data() + i * b.cols(), b.cols(), result.begin() + i * c_stride);
    ops::add_outer_product<T>({.a = left.data.data(),
                               .a_rows = left.rows.data(),
                               .rows = a.rows(),
                               .columns = left.columns.data(),
                               .depth = a.cols(),
                               .b = right.data(),
                               .b_stride = b_stride,
                               .c = result.data(),
                               .c_stride = c_stride,
                               .width = b.cols()});
    Matrix<T> sum(before.rows(), before.cols());
    for (Index i = 0; i < before.rows(); ++i) {
        std::copy_n(result.begin() + i * c_stride, b.cols(), sum.data() + i * b.cols());
        if (i + 1 < before.rows())
            for (const Index behind : {0, 1})
                REQUIRE(result[static_cast<std::size_t>(i * c_stride + b.cols() + behind)] == 77);
    }
    return sum;
}

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

/// Every height of tile, its leftovers, and the last rows of a block together with the first ones of the next.
const std::vector<Index> heights{1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 13, 16, 17, 95, 97, 103};

/// In panels of T: every width of tile and the ones behind it, each with a whole and a partial last panel.
template <class T>
std::vector<Index> widths() {
    const Index panel = simd::panel<T>;
    std::vector<Index> result{1, 2, 3, panel / 2, panel / 2 + 1};
    for (Index panels = 1; panels <= 7; ++panels)
        for (const Index tail : {-1, 0, 1}) result.push_back(panels * panel + tail);
    return result;
}

} // namespace

TEMPLATE_TEST_CASE("multiply: equal to plain loops for every size of tile and every instruction set", "", float,
                   double) {
    using T = TestType;
    const IsaGuard guard;
    for (const Isa isa : available_isas()) {
        set_isa(isa);
        for (const Index m : heights)
            for (const Index k : {1, 2, 9})
                for (const Index n : widths<T>()) {
                    INFO(isa << ": (" << m << ", " << k << ") x (" << k << ", " << n << ")");
                    const Matrix<T> a = whole_matrix<T>(m, k, 1);
                    const Matrix<T> b = whole_matrix<T>(k, n, 2);
                    REQUIRE(equal(product(a, b), plain_product(a, b)));
                }
    }
}

TEMPLATE_TEST_CASE("multiply: adds, begins from a bias and rectifies, also where a depth is cut into blocks", "", float,
                   double) {
    using T = TestType;
    const IsaGuard guard;
    const Index panel = simd::panel<T>;
    for (const Index m : {1, 5, 20, 100})
        for (const Index k : {3, 511, 512, 513, 1024, 1025, 1300})
            for (const Index n : {Index{1}, panel, 3 * panel + 1, 5 * panel}) {
                if (m == 100 && k < 1300) continue; // fused multiply-adds of the generic code are calls
                const Matrix<T> a = whole_matrix<T>(m, k, 1);
                const Matrix<T> b = whole_matrix<T>(k, n, 2);
                const Matrix<T> before = whole_matrix<T>(m, n, 3);
                const Matrix<T> bias = whole_matrix<T>(1, n, 4);
                const std::vector<T> bias_values(bias.data(), bias.data() + n);
                const Matrix<T> plain = plain_product(a, b);
                const Matrix<T> sum = plain + before;
                Matrix<T> biased = plain;
                for (Index i = 0; i < m; ++i) biased.row(i) += bias;
                const auto rectified = [](const Matrix<T>& matrix) { return Matrix<T>(matrix.cwiseMax(T{0})); };
                for (const Isa isa : available_isas()) {
                    INFO(isa << ": (" << m << ", " << k << ") x (" << k << ", " << n << ")");
                    set_isa(isa);
                    REQUIRE(equal(product(a, b), plain));
                    REQUIRE(equal(product<T>(a, b, before, {.add = true}), sum));
                    REQUIRE(equal(product<T>(a, b, before, {.bias = bias_values}), biased));
                    REQUIRE(equal(product<T>(a, b, before, {.relu = true}), rectified(plain)));
                    REQUIRE(equal(product<T>(a, b, before, {.bias = bias_values, .relu = true}), rectified(biased)));
                    REQUIRE(equal(product<T>(a, b, before, {.add = true, .relu = true}), rectified(sum)));
                }
            }
}

TEMPLATE_TEST_CASE("multiply: what is not a number stays so behind ReLU, and minus zero keeps its sign", "", float,
                   double) {
    using T = TestType;
    const IsaGuard guard;
    const T inf = std::numeric_limits<T>::infinity();
    for (const Isa isa : available_isas()) {
        INFO(isa);
        set_isa(isa);
        Matrix<T> a(5, 1);
        a << 1, blank<T>, -inf, inf, T(-0.0);
        const Matrix<T> b = Matrix<T>::Constant(1, simd::panel<T> + 1, T{1});
        // The sum begins from the bias -0: with the +0 of an empty sum -0 could not be told.
        const std::vector<T> bias(static_cast<std::size_t>(b.cols()), T(-0.0));
        const Matrix<T> y = product<T>(a, b, Matrix<T>::Zero(5, b.cols()), {.bias = bias, .relu = true});
        for (Index j = 0; j < b.cols(); ++j) {
            CHECK(y(0, j) == 1);
            CHECK(std::isnan(y(1, j)));
            CHECK(y(2, j) == 0);
            CHECK_FALSE(std::signbit(y(2, j)));
            CHECK(y(3, j) == inf);
            CHECK(y(4, j) == 0);
            CHECK(std::signbit(y(4, j)));
        }
    }
}

TEMPLATE_TEST_CASE("add_outer_product: equal to plain loops for every size of tile and every instruction set", "",
                   float, double) {
    using T = TestType;
    const IsaGuard guard;
    for (const Index k : heights)
        for (const Index m : {1, 2, 9})
            for (const Index n : widths<T>()) {
                const Matrix<T> a = whole_matrix<T>(m, k, 1);
                const Matrix<T> b = whole_matrix<T>(m, n, 2);
                const Matrix<T> before = whole_matrix<T>(k, n, 3);
                const Matrix<T> expected = before + plain_product<T>(a.transpose(), b);
                for (const Isa isa : available_isas()) {
                    INFO(isa << ": transposed (" << m << ", " << k << ") x (" << m << ", " << n << ")");
                    set_isa(isa);
                    REQUIRE(equal(outer_product(a, b, before), expected));
                }
            }
}

TEMPLATE_TEST_CASE("add_outer_product: more rows than one block of them", "", float, double) {
    using T = TestType;
    const IsaGuard guard;
    for (const Isa isa : available_isas()) {
        set_isa(isa);
        for (const Index m : {127, 128, 129, 256, 257, 1000})
            for (const Index n : {Index{3}, 3 * simd::panel<T> + 2, 5 * simd::panel<T>}) {
                INFO(isa << ": " << m << " rows, " << n << " columns");
                const Matrix<T> a = whole_matrix<T>(m, 19, 1);
                const Matrix<T> b = whole_matrix<T>(m, n, 2);
                const Matrix<T> before = whole_matrix<T>(19, n, 3);
                REQUIRE(equal(outer_product(a, b, before), Matrix<T>(before + plain_product<T>(a.transpose(), b))));
            }
    }
}

TEMPLATE_TEST_CASE("products of fractions: within the rounding of their sums, and of the same bits everywhere", "",
                   float, double) {
    using T = TestType;
    const IsaGuard guard;
    const Index panel = simd::panel<T>;
    struct Sizes {
        Index m, k, n;
    };
    for (const auto& [m, k, n] : {Sizes{23, 150, 2 * panel + 5}, Sizes{101, 700, 4 * panel}, Sizes{5, 1100, panel + 1},
                                  Sizes{131, 33, 7 * panel + 3}, Sizes{300, 12, 3}}) {
        INFO("(" << m << ", " << k << ") x (" << k << ", " << n << ")");
        const Matrix<T> a = fraction_matrix<T>(m, k, 1);
        const Matrix<T> b = fraction_matrix<T>(k, n, 2);
        const Matrix<T> c = fraction_matrix<T>(m, n, 3);
        const Matrix<T> before = fraction_matrix<T>(k, n, 4);
        const Matrix<T> bias = fraction_matrix<T>(1, n, 5);
        const Extras<T> extras{.bias = std::vector<T>(bias.data(), bias.data() + n), .relu = true};
        const IsaGuard generic(Isa::generic);
        const Matrix<T> ab = product(a, b);
        const Matrix<T> added = product<T>(a, b, c, {.add = true});
        const Matrix<T> rectified = product<T>(a, b, c, extras);
        const Matrix<T> outer = outer_product(a, c, before);

        // `terms` products below 1 are summed, each sum is rounded by at most half a unit in its last place, and it is below
        // terms / 3 nearly always: a sum of that many independent errors is far below terms * epsilon.
        const auto worst = [](const Matrix<T>& result, const Matrix<double>& exact) {
            return (result.template cast<double>() - exact).cwiseAbs().maxCoeff();
        };
        const double epsilon = std::numeric_limits<T>::epsilon();
        const Matrix<double> wide = a.template cast<double>();
        CHECK(worst(ab, plain_product<double>(wide, b.template cast<double>())) < static_cast<double>(k) * epsilon);
        CHECK(worst(outer, Matrix<double>(before.template cast<double>()) +
                               plain_product<double>(wide.transpose(), c.template cast<double>())) <
              static_cast<double>(m) * epsilon);

        for (const Isa isa : available_isas()) {
            INFO(isa);
            set_isa(isa);
            CHECK(same_bits(product(a, b), ab));
            CHECK(same_bits(product<T>(a, b, c, {.add = true}), added));
            CHECK(same_bits(product<T>(a, b, c, extras), rectified));
            CHECK(same_bits(outer_product(a, c, before), outer));
        }
    }
}

TEMPLATE_TEST_CASE("products: neighbours do not change the bits of a row or a column", "", float, double) {
    using T = TestType;
    const IsaGuard guard;
    const Index m = 23, k = 600, n = 5 * simd::panel<T> + 3;
    const Matrix<T> a = fraction_matrix<T>(m, k, 1);
    const Matrix<T> b = fraction_matrix<T>(k, n, 2);
    const Matrix<T> c = fraction_matrix<T>(m, n, 3);
    for (const Isa isa : available_isas()) {
        INFO(isa);
        set_isa(isa);
        const Matrix<T> all = product(a, b);
        for (Index first = 0; first < m; ++first)
            for (const Index count : {1, 2, 5, 9}) {
                if (first + count > m) continue;
                REQUIRE(same_bits<T>(product<T>(a.middleRows(first, count), b), all.middleRows(first, count)));
            }
        for (Index first = 0; first < n; first += 7)
            for (const Index count : {Index{1}, simd::panel<T> + 1})
                if (first + count <= n)
                    REQUIRE(same_bits<T>(product<T>(a, b.middleCols(first, count)), all.middleCols(first, count)));

        const Matrix<T> outer = outer_product<T>(a, c, Matrix<T>::Zero(k, n));
        for (Index first = 0; first < 11; ++first)
            for (const Index count : {1, 3, 6, 9})
                REQUIRE(same_bits<T>(outer_product<T>(a.middleCols(first, count), c, Matrix<T>::Zero(count, n)),
                                     outer.middleRows(first, count)));
    }
}

TEMPLATE_TEST_CASE("pack_panels: columns side by side in 64 bytes, zeros behind the last", "", float, double) {
    using T = TestType;
    const Index panel = simd::panel<T>;
    for (const Index depth : {1, 2, 7})
        for (const Index width : {Index{1}, panel - 1, panel, panel + 1, 3 * panel + 2}) {
            INFO("(" << depth << ", " << width << ")");
            const Matrix<T> from = fraction_matrix<T>(depth, width, 1);
            const Matrix<T> transposed = from.transpose();
            REQUIRE(ops::packed_size<T>(depth, width) == (width + panel - 1) / panel * depth * panel);
            std::vector<T> plain(static_cast<std::size_t>(ops::packed_size<T>(depth, width)) + 1, blank<T>);
            std::vector<T> of_transposed = plain;
            ops::pack_panels(from.data(), width, Index{1}, depth, width, plain.data());
            ops::pack_panels(transposed.data(), Index{1}, depth, depth, width, of_transposed.data());
            std::size_t at = 0;
            for (Index first = 0; first < width; first += panel)
                for (Index k = 0; k < depth; ++k)
                    for (Index j = first; j < first + panel; ++j, ++at) {
                        REQUIRE(plain[at] == (j < width ? from(k, j) : T{0}));
                        REQUIRE(of_transposed[at] == plain[at]);
                    }
            CHECK(std::isnan(plain.back())); // no more than packed_size
            CHECK(std::isnan(of_transposed.back()));
        }
}

TEMPLATE_TEST_CASE("whole_panels: the matrix itself where its rows are, else a copy with zeros behind", "", float,
                   double) {
    using T = TestType;
    const Index panel = simd::panel<T>;
    Tensor<std::byte> memory(Shape{Arena::bytes<T>(3 * 2 * panel)}, std::byte{0xFF});
    Arena arena(memory.span());

    const Matrix<T> whole = fraction_matrix<T>(3, 2 * panel, 1);
    Index stride = 2 * panel;
    CHECK(ops::detail::whole_panels(whole.data(), 3, 2 * panel, stride, arena) == whole.data());
    CHECK(stride == 2 * panel);
    stride = 5 * panel; // a part of longer rows is one too
    CHECK(ops::detail::whole_panels(whole.data(), 1, panel, stride, arena) == whole.data());
    CHECK(stride == 5 * panel);

    const Matrix<T> part = fraction_matrix<T>(3, 2 * panel - 1, 2);
    stride = part.cols();
    const T* const copy = ops::detail::whole_panels(part.data(), 3, part.cols() - 1, stride, arena);
    REQUIRE(copy != part.data());
    REQUIRE(stride == 2 * panel);
    for (Index i = 0; i < 3; ++i)
        for (Index j = 0; j < stride; ++j) CHECK(copy[i * stride + j] == (j < part.cols() - 1 ? part(i, j) : T{0}));
}
