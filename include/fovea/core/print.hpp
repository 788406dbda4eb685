#pragma once
#include <charconv>
#include <cmath>
#include <ostream>
#include <string>

#include <fovea/core/tensor.hpp>

namespace fovea {

namespace detail {

/// How one tensor's numbers are written: all equally wide, as NumPy does with its default options.
template <class T>
class NumberFormat {
public:
    /// Takes a number into account that will be written.
    void add(T value) {
        if constexpr (std::floating_point<T>) {
            if (!std::isfinite(value)) {
                special_width_ = std::max(special_width_, special(value).size());
                return;
            }
            const double size = std::abs(static_cast<double>(value));
            if (size > 0) {
                largest_ = std::max(largest_, size);
                smallest_ = std::min(smallest_, size);
            }
        }
        fixed_.add(split(value, false));
        if constexpr (std::floating_point<T>) scientific_.add(split(value, true));
    }

    std::string operator()(T value) const {
        const bool scientific =
            largest_ >= (std::same_as<T, float> ? 1e6 : 1e8) || smallest_ < 1e-4 || largest_ / smallest_ > 1000;
        const Widths& widths = scientific ? scientific_ : fixed_;
        const std::size_t total = std::max(special_width_, widths.total());
        if constexpr (std::floating_point<T>)
            if (!std::isfinite(value)) return right_aligned(special(value), total);
        Parts parts = split(value, scientific);
        parts.fraction.resize(widths.fraction, scientific ? '0' : ' ');
        if (scientific) parts.exponent.insert(2, widths.exponent - parts.exponent.size(), '0');
        return right_aligned(parts.whole + parts.fraction + parts.exponent, total);
    }

private:
    /// "-12" and ".5" and "e+03"; integers have a whole part only.
    struct Parts {
        std::string whole;
        std::string fraction;
        std::string exponent;
    };

    struct Widths {
        std::size_t whole = 0;
        std::size_t fraction = 0;
        std::size_t exponent = 0;

        void add(const Parts& parts) {
            whole = std::max(whole, parts.whole.size());
            fraction = std::max(fraction, parts.fraction.size());
            exponent = std::max(exponent, parts.exponent.size());
        }
        std::size_t total() const { return whole + fraction + exponent; }
    };

    static constexpr int precision = 8;

    static std::string right_aligned(const std::string& number, std::size_t width) {
        return std::string(width - number.size(), ' ') + number;
    }

    static std::string special(T value) { return std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf"; }

    template <class... Options>
    static std::string digits(T value, Options... options) {
        char buffer[400]; // the longest double without an exponent has some 330 characters
        return {buffer, std::to_chars(buffer, buffer + sizeof(buffer), value, options...).ptr};
    }

    /// As few digits as tell the number from its neighbours, and at most `precision` behind the point.
    static Parts split(T value, bool scientific) {
        if constexpr (std::integral<T>) {
            return {digits(value), "", ""};
        } else {
            const auto format = scientific ? std::chars_format::scientific : std::chars_format::fixed;
            Parts parts = cut(digits(value, format));
            if (parts.fraction.size() > precision + 1) parts = cut(digits(value, format, precision));
            parts.fraction.erase(parts.fraction.find_last_not_of('0') + 1);
            return parts;
        }
    }

    static Parts cut(const std::string& number) {
        const std::size_t exponent = std::min(number.find('e'), number.size());
        const std::size_t point = std::min(number.find('.'), exponent);
        std::string fraction = number.substr(point, exponent - point);
        return {number.substr(0, point), fraction.empty() ? "." : fraction, number.substr(exponent)};
    }

    Widths fixed_;
    Widths scientific_;
    std::size_t special_width_ = 0;
    double largest_ = 0;
    double smallest_ = std::numeric_limits<double>::infinity();
};

/// Writes a tensor as NumPy does: lines of 75 characters, and of more than 1000 elements only 3 at each end of each axis.
template <class T>
class Printer {
public:
    explicit Printer(ConstView<T> view) : view_(view) { visit(view); }

    std::string operator()() const {
        if (view_.empty()) return "[]";
        return view_.shape().rank() == 0 ? format_(view_[0]) : block(view_, 1);
    }

private:
    static constexpr Index threshold = 1000;
    static constexpr Index edge = 3;
    static constexpr std::size_t line_width = 75;

    bool abbreviates(Index extent) const { return view_.size() > threshold && extent > 2 * edge; }

    void visit(ConstView<T> view) {
        if (view.empty()) return;
        if (view.shape().rank() == 0) return format_.add(view[0]);
        each_shown(
            view, [&](ConstView<T> row, bool) { visit(row); }, [] {});
    }

    template <class Row, class Gap>
    void each_shown(ConstView<T> view, Row&& row, Gap&& gap) const {
        const Index extent = view.shape()[0];
        for (Index i = 0; i < extent; ++i) {
            if (abbreviates(extent) && i == edge) {
                gap();
                i = extent - edge;
            }
            row(view.row(i), i + 1 == extent);
        }
    }

    /// `indent` is the column behind the opening bracket.
    std::string block(ConstView<T> view, std::size_t indent) const {
        const Index rank = view.shape().rank();
        if (rank == 1) return line(view, indent);
        const std::string separator = std::string(static_cast<std::size_t>(rank - 1), '\n') + std::string(indent, ' ');
        std::string result = "[";
        each_shown(
            view, [&](ConstView<T> row, bool last) { result += block(row, indent + 1) + (last ? "]" : separator); },
            [&] { result.append("...").append(separator); });
        return result;
    }

    std::string line(ConstView<T> view, std::size_t indent) const {
        const std::size_t width = line_width - (indent - 1);
        std::string result = "[";
        std::size_t column = indent;
        const auto add = [&](const std::string& word, bool last) {
            if (column > indent && column + word.size() > width - (last ? 0 : 1)) {
                result.erase(result.find_last_not_of(' ') + 1);
                result += '\n' + std::string(indent, ' ');
                column = indent;
            }
            result += word + (last ? "]" : " ");
            column += word.size() + 1;
        };
        each_shown(
            view, [&](ConstView<T> element, bool last) { add(format_(element[0]), last); }, [&] { add("...", false); });
        return result;
    }

    ConstView<T> view_;
    NumberFormat<T> format_;
};

} // namespace detail

/// As NumPy prints an array: nested brackets, aligned columns, at most 8 digits behind the point, 8-bit integers as numbers.
template <class T>
std::ostream& operator<<(std::ostream& out, const View<T>& view) {
    return out << detail::Printer<std::remove_const_t<T>>(view)();
}
template <class T>
std::ostream& operator<<(std::ostream& out, const Tensor<T>& tensor) {
    return out << tensor.view();
}

} // namespace fovea
