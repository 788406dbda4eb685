#pragma once
#include <tuple>

#include <fovea/data/composed.hpp>

namespace fovea {

/// Data sets behind each other, as one.
template <class First, class... Rest>
class Concatenation : public Composed<First> {
public:
    /// Throws ShapeError if samples differ in shape, ValueError if targets differ in kind or shape.
    explicit Concatenation(First&& first, Rest&&... rest)
        : Composed<First>(std::forward<First>(first)), rest_(Part<Rest>(std::forward<Rest>(rest))...) {
        const auto all = this->base();
        std::size_t i = 0;
        sizes_[i++] = all.size();
        each_of_rest([&](const auto& part) {
            const auto data = part.base();
            require<ShapeError>(data.sample_shape() == all.sample_shape(), "concatenate: samples of ",
                                all.sample_shape(), " and of ", data.sample_shape());
            require<ValueError>(data.has_targets() == all.has_targets() &&
                                    data.targets_are_labels() == all.targets_are_labels() &&
                                    data.target_shape() == all.target_shape(),
                                "concatenate: the data sets have targets of different kinds or shapes");
            sizes_[i++] = data.size();
        });
    }

    Index size() const {
        Index sum = 0;
        for (const Index size : sizes_) sum += size;
        return sum;
    }

    template <class T>
    void read(const Samples& which, View<T> x, View<std::int32_t> labels, View<T> values) const {
        for (std::size_t i = 0; i < which.size(); ++i) {
            const auto sample = [&](const auto& view) { return detail::samples_of(view, which.size(), i, 1); };
            Index place = which[i];
            const auto read_if_there = [&](const Data<T>& data) {
                if (0 <= place && place < data.size())
                    data.read({std::span(&place, 1), which.epoch}, sample(x), sample(labels), sample(values));
                place -= data.size(); // negative from then on
            };
            read_if_there(this->template data<T>());
            each_of_rest([&](const auto& other) { read_if_there(other.template as<T>()); });
        }
    }

private:
    template <class S>
    struct Part : Composed<S> {
        explicit Part(S&& source) : Composed<S>(std::forward<S>(source)) {}
        using Composed<S>::base;
        template <class T>
        Data<T> as() const {
            return this->template data<T>();
        }
    };

    template <class F>
    void each_of_rest(F&& f) const {
        std::apply([&](const auto&... parts) { (f(parts), ...); }, rest_);
    }

    std::tuple<Part<Rest>...> rest_;
    std::array<Index, 1 + sizeof...(Rest)> sizes_{};
};

/// The samples of all, in order. See Composed for who keeps them.
template <class... S>
    requires(sizeof...(S) >= 2 && (ComposableSource<std::remove_cvref_t<S>> && ...))
Concatenation<detail::Kept<S>...> concatenate(S&&... sources) {
    return Concatenation<detail::Kept<S>...>(std::forward<S>(sources)...);
}

} // namespace fovea
