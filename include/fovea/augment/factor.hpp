#pragma once
#include <optional>
#include <ostream>
#include <string_view>
#include <vector>

#include <fovea/augment/interval.hpp>

namespace fovea {

/// How strong an augmentation is, as in Keras: `{0.1, 0.3}` is drawn anew for each sample, `{0.2, 0.2}` is always the same, and one
/// number f stands for [-f, f] or for [0, f], as the augmentation says.
class Factor {
public:
    constexpr Factor(double number) : low_(number), high_(number), is_one_number_(true) {}
    constexpr Factor(double low, double high) : low_(low), high_(high) {}

    /// One number f as [-f, f].
    constexpr Interval both_signs() const { return is_one_number_ ? Interval{-high_, high_} : Interval{low_, high_}; }
    /// One number f as [0, f].
    constexpr Interval from_zero() const { return is_one_number_ ? Interval{0, high_} : Interval{low_, high_}; }
    /// One number f as f itself.
    constexpr Interval as_written() const { return {low_, high_}; }

    std::vector<double> numbers() const {
        return is_one_number_ ? std::vector<double>{high_} : std::vector<double>{low_, high_};
    }
    /// Throws ValueError unless there are one or two.
    static Factor from_numbers(const std::vector<double>& numbers) {
        require<ValueError>(numbers.size() == 1 || numbers.size() == 2, "Factor: expected 1 or 2 numbers, got ",
                            numbers.size());
        return numbers.size() == 1 ? Factor(numbers[0]) : Factor(numbers[0], numbers[1]);
    }

    bool operator==(const Factor&) const = default;
    friend std::ostream& operator<<(std::ostream& out, const Factor& factor) {
        if (factor.is_one_number_) return out << factor.high_;
        return out << factor.as_written();
    }

private:
    double low_;
    double high_;
    bool is_one_number_ = false;
};

/// A Factor that may be left out. Unlike a plain std::optional it can be written `{0.1, 0.3}`.
struct OptionalFactor : std::optional<Factor> {
    using std::optional<Factor>::optional;
    constexpr OptionalFactor(double low, double high) : std::optional<Factor>(Factor{low, high}) {}
};

namespace detail {

/// Throws ValueError unless `factor`, as `drawn` from, is within `allowed`.
inline void check_factor(std::string_view type, const char* field, Factor factor, Interval drawn, Interval allowed) {
    require<ValueError>(allowed.low <= drawn.low && drawn.low <= drawn.high && drawn.high <= allowed.high, type, ": ",
                        field, " must be from ", allowed.low, " to ", allowed.high,
                        ", or two such numbers in order, got ", factor);
}

} // namespace detail

} // namespace fovea
