#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iomanip>
#include <ostream>
#include <string>
#include <vector>

#include <fovea/core/error.hpp>
#include <fovea/core/shape.hpp>

namespace fovea {

struct GradientCheckOptions {
    std::uint64_t seed = 0;     ///< of inputs, parameters, the loss's weights and the entries looked at
    double step = 1e-5;         ///< how far an entry is moved to either side, times max(1, |entry|)
    bool training = true;       ///< or the layer as in inference, if its backward does without a forward in training
    Index entries = 400;        ///< looked at in each tensor; all of them if it has no more
    double kink = 1e-3;         ///< how much the slopes to the two sides may differ, and
    double bend = 5e-7;         ///< the central differences with the step and with half of it; see GradientCheckResult
    double most_skipped = 0.05; ///< the share of the entries that may be kinks
};

/// One entry of a tensor: its gradient, and how the loss changes when it is moved.
struct GradientProbe {
    Index index = 0;
    double gradient = 0;
    double left = 0;  ///< slope to the left,
    double right = 0; ///< and to the right
    double half = 0;  ///< the central difference with half the step

    double numeric() const { return (left + right) / 2; } ///< the central difference

    bool is_finite() const { return std::isfinite(gradient + left + right + half); }

    /// Moves `entry` about and puts it back; `change()` is what the loss then is, less what it was.
    template <class F>
    static GradientProbe measure(Index index, double gradient, double& entry, double step, F&& change) {
        const double here = entry;
        step *= std::max(1.0, std::abs(here));
        const auto slope = [&](double distance) {
            entry = here + distance;
            const double moved = entry - here; // not quite the distance, for rounding
            const double result = change() / moved;
            entry = here;
            return result;
        };
        return {index, gradient, slope(-step), slope(step), (slope(-step / 2) + slope(step / 2)) / 2};
    }
};

/// What came out of comparing gradients with central differences.
///
/// The error of an entry is |gradient - central difference|, divided by the larger of the two, but at least by a hundredth of the
/// largest gradient of all: of a difference that is next to nothing only rounding is left.
///
/// An entry is a kink, such as relu at 0, and is skipped, if its slopes to the left and to the right differ by more than `kink`
/// times the largest gradient of its tensor, or if halving the step changes the central difference by a relative error of more than
/// `bend`. Gradients have no say in it, so a wrong one is not taken for a kink.
struct GradientCheckResult {
    double worst = 0;    ///< the largest error of an entry,
    std::string tensor;  ///< the tensor that it is in,
    GradientProbe entry; ///< and its numbers
    Index compared = 0;
    Index skipped = 0;   ///< kinks
    Index nonzero = 0;   ///< of those compared
    std::string failure; ///< why nothing can be said, if so: not finite, all zero, too many kinks

    bool passed(double tolerance = 1e-6) const { return failure.empty() && worst < tolerance; }

    friend std::ostream& operator<<(std::ostream& out, const GradientCheckResult& result) {
        const auto flags = out.flags();
        const auto precision = out.precision(10);
        if (!result.failure.empty()) out << "gradient check failed: " << result.failure << "; ";
        out << result.compared << " entries compared, " << result.nonzero << " of them not zero, " << result.skipped
            << " kinks skipped";
        if (!result.tensor.empty())
            out << "; worst relative error " << std::setprecision(3) << result.worst << std::setprecision(10) << " at "
                << result.tensor << '[' << result.entry.index << "]: gradient " << result.entry.gradient
                << ", central difference " << result.entry.numeric();
        out.precision(precision);
        out.flags(flags);
        return out;
    }
};

/// Collects probes tensor by tensor and compares them.
class GradientComparison {
public:
    explicit GradientComparison(const GradientCheckOptions& options) : options_(options) {
        require<ValueError>(options.step > 0 && options.entries > 0,
                            "gradient_check: step and entries must be positive, got ", options.step, " and ",
                            options.entries);
    }

    void add(const std::string& name, const std::vector<GradientProbe>& probes) {
        double largest = 0;
        for (const GradientProbe& probe : probes)
            if (probe.is_finite()) largest = std::max({largest, std::abs(probe.gradient), std::abs(probe.numeric())});
        tensors_.push_back({name, probes, largest});
    }

    GradientCheckResult result() const {
        GradientCheckResult result;
        double largest = 0;
        for (const Tensor& tensor : tensors_) largest = std::max(largest, tensor.largest);
        for (const Tensor& tensor : tensors_)
            for (const GradientProbe& probe : tensor.probes) compare(tensor, probe, largest, result);
        const Index entries = result.compared + result.skipped;
        const auto fail = [&](const std::string& reason) {
            if (result.failure.empty()) result.failure = reason;
        };
        if (entries == 0) fail("there is nothing to compare");
        if (static_cast<double>(result.skipped) > options_.most_skipped * static_cast<double>(entries))
            fail(text(result.skipped, " of ", entries, " entries are kinks"));
        if (result.nonzero == 0) fail("all compared gradients are zero, which shows nothing");
        return result;
    }

private:
    struct Tensor {
        std::string name;
        std::vector<GradientProbe> probes;
        double largest; ///< of the gradients
    };

    void compare(const Tensor& tensor, const GradientProbe& probe, double largest, GradientCheckResult& result) const {
        if (!probe.is_finite()) {
            if (result.failure.empty())
                result.failure = text(tensor.name, "[", probe.index, "] is not finite: gradient ", probe.gradient,
                                      ", slopes ", probe.left, " and ", probe.right);
            return;
        }
        const double numeric = probe.numeric();
        const double least = 1e-2 * largest;
        const double bend = std::abs(numeric - probe.half) / std::max(std::abs(numeric), least);
        if (std::abs(probe.right - probe.left) > options_.kink * std::max(tensor.largest, 1e-3 * largest) ||
            bend > options_.bend) {
            ++result.skipped;
            return;
        }
        ++result.compared;
        const double size = std::max(std::abs(probe.gradient), std::abs(numeric));
        if (size == 0) return;
        ++result.nonzero;
        const double error = std::abs(probe.gradient - numeric) / std::max(size, least);
        if (error <= result.worst && !result.tensor.empty()) return;
        result.worst = error;
        result.tensor = tensor.name;
        result.entry = probe;
    }

    GradientCheckOptions options_;
    std::vector<Tensor> tensors_;
};

} // namespace fovea
