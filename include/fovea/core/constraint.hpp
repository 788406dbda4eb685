#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <fovea/core/view.hpp>

namespace fovea {

/// Norms over `axis` are kept to at most max_value: w * min(norm, max_value) / (norm + 1e-7). For the weights of one output
/// each, as usual, axis is {0} in Dense and {0, 1, 2} in Conv2D.
struct MaxNorm {
    double max_value = 2;
    std::vector<Index> axis = {0};
};

/// Norms over `axis` are made 1: w / (norm + 1e-7).
struct UnitNorm {
    std::vector<Index> axis = {0};
};

/// What is negative is made 0.
struct NonNeg {};

/// What a parameter's values are changed to after each step: by `MaxNorm{}`, `UnitNorm{}`, `NonNeg{}`, or not at all.
///
/// The elements over which one norm is taken are a group. Groups are numbered in row-major order of the other axes.
class Constraint {
public:
    Constraint() = default;

    /// Throws ValueError for a limit that is not a finite number >= 0.
    Constraint(MaxNorm c) : kind_(Kind::max_norm), limit_(c.max_value), axis_(std::move(c.axis)) {
        require<ValueError>(std::isfinite(limit_) && limit_ >= 0,
                            "MaxNorm: max_value must be a finite number >= 0, got ", limit_);
    }
    Constraint(UnitNorm c) : kind_(Kind::unit_norm), axis_(std::move(c.axis)) {}
    Constraint(NonNeg) : kind_(Kind::non_neg) {}

    explicit operator bool() const { return kind_ != Kind::none; }

    /// `MaxNorm`, `UnitNorm` or `NonNeg`; empty if there is none.
    std::string_view type() const {
        constexpr std::array<std::string_view, 4> types{"", "MaxNorm", "UnitNorm", "NonNeg"};
        return types[static_cast<std::size_t>(kind_)];
    }
    /// Of a MaxNorm.
    double max_value() const { return limit_; }
    /// Of a MaxNorm or UnitNorm.
    const std::vector<Index>& axis() const { return axis_; }

    /// Throws ValueError unless `axis` names axes of the shape, each once and side by side; -1 is the last.
    void check(std::string_view parameter, const Shape& shape) const { layout(shape, parameter); }

    Index groups(const Shape& shape) const {
        const Layout l = layout(shape, "a parameter");
        return l.outer * l.inner;
    }

    /// Changes groups [first, last) in place.
    template <class T>
    void apply(View<T> w, Index first, Index last) const {
        if (kind_ == Kind::none) return;
        if (kind_ == Kind::non_neg) {
            for (Index i = first; i < last; ++i) w[i] = w[i] < 0 ? T{0} : w[i];
            return;
        }
        const Layout l = layout(w.shape(), "a parameter");
        for (Index group = first; group < last;) {
            const Index column = group % l.inner;
            const Index count = std::min({strip, last - group, l.inner - column});
            apply(w.data() + group / l.inner * l.reduced * l.inner + column, l, count);
            group += count;
        }
    }

private:
    enum class Kind { none, max_norm, unit_norm, non_neg };

    /// The shape as three axes, of which norms run over the middle one.
    struct Layout {
        Index outer = 1;
        Index reduced = 1;
        Index inner = 1;
    };

    static constexpr Index strip = 64; ///< groups side by side

    Layout layout(const Shape& shape, std::string_view parameter) const {
        if (kind_ == Kind::none || kind_ == Kind::non_neg) return {shape.size(), 1, 1};
        require<ValueError>(!axis_.empty(), type(), ": axis is empty");
        unsigned chosen = 0;
        for (const Index axis : axis_) {
            require<ValueError>(-shape.rank() <= axis && axis < shape.rank(), type(), ": ", parameter, " of shape ",
                                shape, " has no axis ", axis);
            const unsigned bit = 1U << static_cast<unsigned>(axis < 0 ? axis + shape.rank() : axis);
            require<ValueError>((chosen & bit) == 0, type(), ": axis has ", axis, " twice");
            chosen |= bit;
        }
        Layout result;
        bool behind = false;
        for (Index axis = 0; axis < shape.rank(); ++axis) {
            const bool reduced = (chosen >> static_cast<unsigned>(axis) & 1U) != 0;
            require<ValueError>(!reduced || !behind || result.inner == 1, type(), ": the axes of ", parameter,
                                " that norms are taken over must stand side by side");
            (reduced ? result.reduced : behind ? result.inner : result.outer) *= shape[axis];
            behind = behind || reduced;
        }
        return result;
    }

    template <class T>
    void apply(T* w, const Layout& l, Index count) const {
        double squares[strip] = {};
        for (Index row = 0; row < l.reduced; ++row)
            for (Index i = 0; i < count; ++i) {
                const auto value = static_cast<double>(w[row * l.inner + i]);
                if constexpr (std::is_same_v<T, float>)
                    squares[i] = value * value + squares[i]; // fused or not, since the product is exact
                else
                    squares[i] = std::fma(value, value, squares[i]);
            }
        T factors[strip];
        for (Index i = 0; i < count; ++i) {
            const double norm = std::sqrt(squares[i]);
            factors[i] = static_cast<T>((kind_ == Kind::unit_norm ? 1 : std::min(norm, limit_)) / (norm + 1e-7));
        }
        for (Index row = 0; row < l.reduced; ++row)
            for (Index i = 0; i < count; ++i) w[row * l.inner + i] *= factors[i];
    }

    Kind kind_ = Kind::none;
    double limit_ = 0;
    std::vector<Index> axis_;
};

} // namespace fovea
