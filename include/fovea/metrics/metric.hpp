#pragma once
#include <concepts>
#include <memory>
#include <string>

#include <fovea/core/targets.hpp>

namespace fovea {

/// The metrics that go by a name; see metrics/all.hpp.
enum class Metric;

/// A metric is a plain aggregate with
///
///     static constexpr std::string_view name;  // its key in History
///     template <class T> double sum(ConstView<T> y, const Targets<T>& targets) const; // over samples
///
/// where a sample counts with the mean over its positions. It may also have
///
///     void check(const Shape& output, bool labels, const Shape& target) const; // throws ShapeError, ValueError; shapes of one sample
template <class M>
concept MetricSpec = requires(const M& metric, ConstView<float> f, ConstView<double> d) {
    { M::name } -> std::convertible_to<std::string_view>;
    { metric.sum(f, Targets<float>{}) } -> std::convertible_to<double>;
    { metric.sum(d, Targets<double>{}) } -> std::convertible_to<double>;
};

/// Any metric, behind one pointer.
template <class T>
class AnyMetric {
public:
    template <MetricSpec M>
    AnyMetric(M metric) : metric_(std::make_shared<Holder<M>>(std::move(metric))) {}
    AnyMetric(Metric metric); ///< with its default settings; defined in metrics/all.hpp

    std::string name() const { return metric_->name(); }
    double sum(ConstView<T> y, const Targets<T>& targets) const { return metric_->sum(y, targets); }
    void check(const Shape& output, bool labels, const Shape& target) const { metric_->check(output, labels, target); }

private:
    struct Interface {
        virtual ~Interface() = default;
        virtual std::string name() const = 0;
        virtual double sum(ConstView<T> y, const Targets<T>& targets) const = 0;
        virtual void check(const Shape& output, bool labels, const Shape& target) const = 0;
    };

    template <class M>
    struct Holder final : Interface {
        explicit Holder(M m) : metric(std::move(m)) {}
        std::string name() const override { return std::string(M::name); }
        double sum(ConstView<T> y, const Targets<T>& targets) const override { return metric.sum(y, targets); }
        void check(const Shape& output, bool labels, const Shape& target) const override {
            if constexpr (requires { metric.check(output, labels, target); }) metric.check(output, labels, target);
        }
        M metric;
    };

    std::shared_ptr<const Interface> metric_;
};

} // namespace fovea
