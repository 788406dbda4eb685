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
    void read(std::span<const Index> which, View<T> x, View<std::int32_t> labels, View<T> values) const {
        this->template data<T>().read(which, x, labels, values);
        if (x.empty()) return;
        const Shape shape = this->sample_shape();
        for (std::size_t i = 0; i < which.size(); ++i)
            f_(View<T>(x.data() + static_cast<Index>(i) * shape.size(), shape), which[i]);
    }

private:
    F f_;
};

/// `map(data, [](View<float> x, Index sample) { ... })`: `f` changes a sample in place, each time it is read. Several threads call it at
/// once; for the same bits each time it must depend on the sample and its place alone.
template <class S, class F>
    requires ComposableSource<std::remove_cvref_t<S>> Mapped<detail::Kept<S>, F> map(S&& source, F f) {
        return {std::forward<S>(source), std::move(f)};
    }

} // namespace fovea
