#pragma once
#include <fovea/data/composed.hpp>

namespace fovea {

/// A data set whose samples a function changes.
template <class S, class F>
class Mapped : public Composed<S> {
public:
    Mapped(S&& source, F f) : Composed<S>(std::forward<S>(source)), f_(std::move(f)) {}

    Index size() const { return this->base().size(); }

    template <class T>
    void read(const Samples& which, View<T> x, View<std::int32_t> labels, View<T> values) const {
        this->template data<T>().read(which, x, labels, values);
        if (x.empty()) return;
        const Shape shape = this->sample_shape();
        for (std::size_t i = 0; i < which.size(); ++i)
            change(View<T>(x.data() + static_cast<Index>(i) * shape.size(), shape), which[i], which.epoch);
    }

private:
    template <class T>
    void change(View<T> x, Index sample, Index epoch) const {
        if constexpr (std::invocable<const F&, View<T>, Index, Index>)
            f_(x, sample, epoch);
        else
            f_(x, sample);
    }

    F f_;
};

/// `map(data, [](View<float> x, Index sample, Index epoch) { ... })`: `f` changes a sample in place, each time it is read; the epoch may be
/// left out. Several threads call it at once; for the same bits each time it must depend on its arguments alone.
template <class S, class F>
    requires ComposableSource<std::remove_cvref_t<S>> Mapped<detail::Kept<S>, F> map(S&& source, F f) {
        return {std::forward<S>(source), std::move(f)};
    }

} // namespace fovea
