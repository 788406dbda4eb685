#pragma once
#include <array>
#include <concepts>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <fovea/data/dataset.hpp>

namespace fovea {

/// What data sets are made of: a Dataset, an array of inputs, a program's own source, a Data of inputs and targets, and whatever
/// `subset` and the like make of these.
template <class S>
concept ComposableSource = std::constructible_from < Data<float>,
const S& > || std::constructible_from<Data<double>, const S&>;

namespace detail {

/// A scalar type that a source can be read in.
template <ComposableSource S>
using ScalarOf = std::conditional_t<std::constructible_from<Data<float>, const S&>, float, double>;

template <ComposableSource S>
Index size_of(const S& source) {
    return Data<ScalarOf<S>>(source).size();
}

/// The names that are given, or those that the source has.
template <class S>
std::vector<std::string> class_names_of(const S& source, const std::vector<std::string>& given) {
    if constexpr (requires { source.class_names(); })
        if (given.empty()) return source.class_names();
    return given;
}

} // namespace detail

/// A data set made of another, which it looks at when it is read. `S` is `const X&` for one that belongs to somebody else and must outlive
/// this, as with Data, and X for a temporary, which it keeps.
template <class S>
class Composed {
public:
    using Source = std::remove_cvref_t<S>;

    Shape sample_shape() const { return base().sample_shape(); }
    Shape target_shape() const { return base().target_shape(); }
    bool has_targets() const { return base().has_targets(); }
    bool targets_are_labels() const { return base().targets_are_labels(); }

    /// Of a source that has names for its classes, as an ImageFolder does.
    const auto& class_names() const requires requires(const Source& source) { source.class_names(); }
    { return source_.class_names(); }

protected:
    explicit Composed(S&& source) : source_(std::forward<S>(source)) {}

    template <class T>
    Data<T> data() const {
        return Data<T>(source_);
    }

    auto base() const { return data<detail::ScalarOf<Source>>(); }

private:
    S source_;
};

namespace detail {

/// How a composed data set keeps a source that is given as `S&&`.
template <class S>
using Kept = std::conditional_t<std::is_lvalue_reference_v<S>, const std::remove_cvref_t<S>&, std::remove_cvref_t<S>>;

/// Samples [first, first + count) of a view of `all`; an empty view stays one.
template <class T>
View<T> samples_of(View<T> view, std::size_t all, std::size_t first, std::size_t count) {
    if (view.empty()) return view;
    const Index stride = view.size() / static_cast<Index>(all);
    return {view.data() + static_cast<Index>(first) * stride, Shape{static_cast<Index>(count), stride}};
}

} // namespace detail

} // namespace fovea
