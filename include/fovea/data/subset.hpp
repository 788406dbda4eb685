#pragma once
#include <algorithm>
#include <numeric>
#include <vector>

#include <fovea/data/composed.hpp>

namespace fovea {

/// Some samples of a data set, in an order of their own.
template <class S>
class Subset : public Composed<S> {
public:
    /// Throws ValueError for a sample that is not there. The same one may be in it several times.
    Subset(S&& source, std::vector<Index> which) : Composed<S>(std::forward<S>(source)), which_(std::move(which)) {
        const Index size = this->base().size();
        for (const Index sample : which_)
            require<ValueError>(0 <= sample && sample < size, "subset: there is no sample ", sample, ", only ", size);
    }

    Index size() const { return static_cast<Index>(which_.size()); }
    std::span<const Index> which() const { return which_; } ///< the samples' places in the source

    template <class T>
    void read(const Samples& which, View<T> x, View<std::int32_t> labels, View<T> values) const {
        const Data<T> data = this->template data<T>();
        std::array<Index, 64> places; // a piece at a time: nothing is allocated
        for (std::size_t first = 0; first < which.size(); first += places.size()) {
            const std::size_t count = std::min(places.size(), which.size() - first);
            for (std::size_t i = 0; i < count; ++i) places[i] = which_[static_cast<std::size_t>(which[first + i])];
            const auto part = [&](const auto& view) { return detail::samples_of(view, which.size(), first, count); };
            data.read({std::span(places).first(count), which.epoch}, part(x), part(labels), part(values));
        }
    }

private:
    std::vector<Index> which_;
};

/// The samples `which` of a data set, in this order.
template <class S>
    requires ComposableSource<std::remove_cvref_t<S>> Subset<detail::Kept<S>> subset(S&& source,
                                                                                     std::vector<Index> which) {
        return {std::forward<S>(source), std::move(which)};
    }

/// Samples [first, last). Throws ValueError if they are not all there.
template <class S>
    requires ComposableSource<std::remove_cvref_t<S>> Subset<detail::Kept<S>> subset(S&& source, Index first,
                                                                                     Index last) {
        require<ValueError>(0 <= first && first <= last, "subset: [", first, ", ", last, ") are no samples");
        std::vector<Index> which(static_cast<std::size_t>(last - first));
        std::iota(which.begin(), which.end(), first);
        return {std::forward<S>(source), std::move(which)};
    }

} // namespace fovea
