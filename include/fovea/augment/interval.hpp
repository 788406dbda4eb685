#pragma once
#include <ostream>
#include <string_view>
#include <vector>

#include <fovea/core/error.hpp>

namespace fovea {

/// From `low` to `high`, both included. Prints as `[0, 1]`.
struct Interval {
    double low = 0;
    double high = 1;

    std::vector<double> numbers() const { return {low, high}; }
    /// Throws ValueError unless there are two.
    static Interval from_numbers(const std::vector<double>& numbers) {
        require<ValueError>(numbers.size() == 2, "Interval: expected 2 numbers, got ", numbers.size());
        return {numbers[0], numbers[1]};
    }

    double length() const { return high - low; }
    bool operator==(const Interval&) const = default;
    friend std::ostream& operator<<(std::ostream& out, const Interval& interval) {
        return out << '[' << interval.low << ", " << interval.high << ']';
    }
};

namespace detail {

/// As std::clamp, in the type of the image.
template <class T>
T clip(T x, Interval interval) {
    const T low = static_cast<T>(interval.low), high = static_cast<T>(interval.high);
    x = x < low ? low : x;
    return x > high ? high : x;
}

inline void check_value_range(std::string_view type, Interval range) {
    require<ValueError>(range.low < range.high, type, ": value_range must go from a number to a larger one, got ",
                        range);
}

} // namespace detail

} // namespace fovea
