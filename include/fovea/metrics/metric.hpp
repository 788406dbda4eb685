#pragma once
#include <concepts>
#include <memory>
#include <span>
#include <string>

#include <fovea/core/targets.hpp>

namespace fovea {

/// A metric is a plain aggregate with
///
///     static constexpr std::string_view name;  // its key in History
///     template <class T> double sum(ConstView<T> y, const Targets<T>& targets) const; // over samples
///
/// where a sample counts with the mean over its positions, and the metric is the mean over samples. One that is made of
/// several sums, of counts for example, has in place of `sum`
///
///     Index sums() const;                     // how many; or sums(output) if that depends on the output's shape
///     template <class T> void add(ConstView<T> y, const Targets<T>& targets, std::span<double> sums) const; // sums +=
///     double result(std::span<const double> sums, Index samples) const; // a metric with a single `sum` may have this too
///
/// and one that is several numbers, which go by name_0, name_1 ..., has
///
///     Index results() const;                  // how many; or results(output)
///     double result(std::span<const double> sums, Index samples, Index number) const;
///
/// Sums of lanes and batches are added. A metric may also have
///
///     void check(const Shape& output, bool labels, const Shape& target) const; // throws ShapeError, ValueError; shapes of one sample
template <class M>
concept MetricSpec = requires {
    requires std::convertible_to<decltype(M::name), std::string_view>;
}
&&(
    requires(const M& metric, ConstView<float> f, ConstView<double> d) {
        { metric.sum(f, Targets<float>{}) } -> std::convertible_to<double>;
        { metric.sum(d, Targets<double>{}) } -> std::convertible_to<double>;
    } ||
    requires(const M& metric, ConstView<float> f, ConstView<double> d, std::span<double> sums) {
        metric.add(f, Targets<float>{}, sums);
        metric.add(d, Targets<double>{}, sums);
    });

/// Any metric, behind one pointer.
template <class T>
class AnyMetric {
public:
    template <MetricSpec M>
    AnyMetric(M metric) : metric_(std::make_shared<Holder<M>>(std::move(metric))) {
        bind(Shape{1});
    }

    /// Settles how many sums and results there are for outputs of this shape, one sample's. Comes before all that follows.
    void bind(const Shape& output) {
        sums_ = metric_->sums(output);
        results_ = metric_->results(output);
    }

    Index sums() const { return sums_; }
    Index results() const { return results_; }
    std::string name() const { return metric_->name(); }
    /// The key of one of the results.
    std::string name(Index number) const { return results_ == 1 ? name() : text(name(), '_', number); }

    /// sums +=
    void add(ConstView<T> y, const Targets<T>& targets, std::span<double> sums) const {
        metric_->add(y, targets, sums);
    }
    double result(std::span<const double> sums, Index samples, Index number = 0) const {
        return metric_->result(sums, samples, number);
    }
    void check(const Shape& output, bool labels, const Shape& target) const { metric_->check(output, labels, target); }

private:
    struct Interface {
        virtual ~Interface() = default;
        virtual std::string name() const = 0;
        virtual Index sums(const Shape& output) const = 0;
        virtual Index results(const Shape& output) const = 0;
        virtual void add(ConstView<T> y, const Targets<T>& targets, std::span<double> sums) const = 0;
        virtual double result(std::span<const double> sums, Index samples, Index number) const = 0;
        virtual void check(const Shape& output, bool labels, const Shape& target) const = 0;
    };

    template <class M>
    struct Holder final : Interface {
        explicit Holder(M m) : metric(std::move(m)) {}
        std::string name() const override { return std::string(M::name); }
        Index sums([[maybe_unused]] const Shape& output) const override {
            if constexpr (requires { metric.sums(output); })
                return metric.sums(output);
            else if constexpr (requires { metric.sums(); })
                return metric.sums();
            else
                return 1;
        }
        Index results([[maybe_unused]] const Shape& output) const override {
            if constexpr (requires { metric.results(output); })
                return metric.results(output);
            else if constexpr (requires { metric.results(); })
                return metric.results();
            else
                return 1;
        }
        void add(ConstView<T> y, const Targets<T>& targets, std::span<double> sums) const override {
            if constexpr (requires { metric.add(y, targets, sums); })
                metric.add(y, targets, sums);
            else
                sums[0] += metric.sum(y, targets);
        }
        double result(std::span<const double> sums, Index samples, [[maybe_unused]] Index number) const override {
            if constexpr (requires { metric.result(sums, samples, number); })
                return metric.result(sums, samples, number);
            else if constexpr (requires { metric.result(sums, samples); })
                return metric.result(sums, samples);
            else
                return sums[0] / static_cast<double>(samples);
        }
        void check(const Shape& output, bool labels, const Shape& target) const override {
            if constexpr (requires { metric.check(output, labels, target); }) metric.check(output, labels, target);
        }
        M metric;
    };

    std::shared_ptr<const Interface> metric_;
    Index sums_ = 1;
    Index results_ = 1;
};

} // namespace fovea
