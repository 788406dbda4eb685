#pragma once
#include <array>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <fovea/core/tensor.hpp>
#include <fovea/data/samples.hpp>

namespace fovea {

/// Images with a class each, as `mnist::load` returns them. Bytes stay bytes; they become numbers in the batch.
struct Dataset {
    Tensor<std::uint8_t> images; ///< (size, height, width, channels)
    Tensor<std::int32_t> labels; ///< (size)
    std::string source;          ///< what it is and where it came from, for messages

    Index size() const { return images.shape().at(0); }
    Shape sample_shape() const { return images.shape().tail(); }

    /// A copy of the first `count` samples. Throws ValueError if there are not so many.
    Dataset take(Index count) const {
        require<ValueError>(0 <= count && count <= size(), "Dataset: cannot take ", count, " of ", size(), " samples",
                            source.empty() ? "" : " of ", source);
        return {Tensor<std::uint8_t>(images.slice(0, count)), Tensor<std::int32_t>(labels.slice(0, count)), source};
    }
};

/// `const auto [train, test] = mnist::load(directory);`
struct Splits {
    Dataset train;
    Dataset test;
};

/// What a program may bring instead of arrays: something that makes samples when they are asked for, such as a folder of
/// pictures. It has `size()`, `sample_shape()` and one of
///
///     void read(std::span<const Index> which, View<T> x) const;                              // samples without targets
///     void read(std::span<const Index> which, View<T> x, View<std::int32_t> labels) const;   // with class labels
///     void read(std::span<const Index> which, View<T> x, View<T> values) const;              // with values of target_shape()
///
/// which writes x (which.size(), sample_shape()...) and the targets, leaving out a view that is empty. Several threads call
/// it at once. One that takes `Samples` in place of the span is told the epoch, too. Labels are one a sample unless it has a `target_shape()` too. A source that learns only at run time which of these
/// it is has `has_targets()`, `targets_are_labels()`, `target_shape()` and
///
///     void read(std::span<const Index> which, View<T> x, View<std::int32_t> labels, View<T> values) const;
template <class S, class T>
concept SampleSource = requires(const S& source, const Samples& which, View<T> x, View<std::int32_t> labels) {
    { source.size() } -> std::convertible_to<Index>;
    { source.sample_shape() } -> std::convertible_to<Shape>;
    requires requires { source.read(which, x); } || requires {
        source.read(which, x, labels);
    } || requires {
        source.read(which, x, x);
        { source.target_shape() } -> std::convertible_to<Shape>;
    } || requires {
        source.read(which, x, labels, x);
        { source.has_targets() } -> std::convertible_to<bool>;
        { source.targets_are_labels() } -> std::convertible_to<bool>;
        { source.target_shape() } -> std::convertible_to<Shape>;
    };
};

namespace detail {

/// Elements in memory, one behind the other: a tensor, a view, a vector, a span.
template <class A, class... Elements>
concept ArrayOf = requires(const A& array) {
    typename A::value_type;
    { array.data() } -> std::convertible_to<const typename A::value_type*>;
    array.size();
    requires(std::is_same_v<std::remove_const_t<typename A::value_type>, Elements> || ...);
};

template <class A>
concept InputArray = ArrayOf<A, std::uint8_t, float, double>;
template <class A>
concept TargetArray = ArrayOf<A, std::uint8_t, std::int32_t, float, double>;

template <class A>
Shape shape_of(const A& array) {
    if constexpr (requires { array.shape(); })
        return array.shape();
    else
        return {static_cast<Index>(array.size())};
}

/// value / 255 for each byte: rounded once, as dividing does it and multiplying by 1 / 255 does not.
template <class T>
inline constexpr std::array<T, 256> byte_fractions = [] {
    std::array<T, 256> fractions{};
    for (std::size_t value = 0; value < 256; ++value) fractions[value] = static_cast<T>(value) / T{255};
    return fractions;
}();

template <std::floating_point T>
bool is_finite(T value) {
    return std::abs(value) <= std::numeric_limits<T>::max();
}

/// Throws NumericError if one of a sample's numbers is not finite.
template <std::floating_point T>
void require_finite(std::span<const T> numbers, Index sample, const char* holds) {
    bool finite = true; // without a branch in the loop
    for (const T number : numbers) finite &= is_finite(number);
    if (finite) [[likely]]
        return;
    for (const T number : numbers) {
        const char* const name = std::isnan(number) ? "nan" : number > 0 ? "inf" : "-inf";
        require<NumericError>(is_finite(number), "Data: sample ", sample, " ", holds, " that is not finite (", name,
                              ")");
    }
}

} // namespace detail

/// What `fit`, `evaluate` and `predict` read from: arrays or a source that belong to somebody else and must outlive it, as
/// with std::span. Bytes arrive in the batch as value / 255, everything else as it is. T is the model's scalar type.
template <class T>
class Data {
public:
    Data(const Dataset& set) : Data(set.images, set.labels) {}

    /// x (samples, ...) of std::uint8_t, float or double; no targets.
    template <detail::InputArray X>
    Data(const X& x) : x_(x.data()), read_(&read_arrays<typename X::value_type, void>), has_samples_(true) {
        const Shape shape = detail::shape_of(x);
        require<ShapeError>(shape.rank() > 0, "Data: x needs a first axis, that of the samples");
        size_ = shape[0];
        sample_shape_ = shape.tail();
    }

    /// And y (samples) or (samples, ...): class labels if std::uint8_t or std::int32_t, otherwise values.
    /// Throws ShapeError if there are not as many as samples.
    template <detail::InputArray X, detail::TargetArray Y>
    Data(const X& x, const Y& y) : Data(x) {
        set_target<typename X::value_type>(y);
    }

    template <SampleSource<T> S>
    Data(const S& source)
        : x_(&source), read_(&read_source<S>), size_(source.size()), sample_shape_(source.sample_shape()),
          has_samples_(true) {
        if constexpr (reads_either<S>)
            target_ = !source.has_targets()         ? Target::none
                      : source.targets_are_labels() ? Target::labels
                                                    : Target::values;
        else if constexpr (reads_labels<S>)
            target_ = Target::labels;
        else if constexpr (reads_values<S>)
            target_ = Target::values;
        if constexpr (requires { source.target_shape(); }) target_shape_ = source.target_shape();
    }

    /// One more input, for a model that has several; they come in the order of the model's. Throws ShapeError unless there are as many
    /// as there are samples.
    template <detail::InputArray X>
    Data& add_input(const X& x) {
        return add(Data(x));
    }

    /// Targets for one more output, in the order of the model's. Throws ShapeError unless there are as many as samples.
    template <detail::TargetArray Y>
    Data& add_target(const Y& y) {
        Data part;
        part.has_samples_ = false;
        part.size_ = size_;
        part.set_target<void>(y);
        return add(std::move(part));
    }

    /// What belongs together: the first has samples and perhaps targets, each further one either.
    std::size_t parts() const { return 1 + more_.size(); }
    const Data& part(std::size_t i) const { return i == 0 ? *this : more_[i - 1]; }
    bool has_samples() const { return has_samples_; }

    std::size_t inputs() const { return count(&Data::has_samples); }
    std::size_t targets() const { return count(&Data::has_targets); }
    /// Throws ValueError for one that is not there.
    const Data& input(std::size_t i) const { return find(&Data::has_samples, i, "input"); }
    const Data& target(std::size_t i) const { return find(&Data::has_targets, i, "target"); }

    Index size() const { return size_; }
    const Shape& sample_shape() const { return sample_shape_; }
    bool has_targets() const { return target_ != Target::none; }
    bool targets_are_labels() const { return target_ == Target::labels; }
    const Shape& target_shape() const { return target_shape_; } ///< of one sample; () for a label

    /// Writes x (which.size(), sample_shape()...) and, whichever there are, labels or values (which.size(), target_shape()...).
    /// An empty view is not wanted. Any number of threads may read at once; nothing is allocated. Throws NumericError if a
    /// number is NaN or infinite, ValueError for a sample that is not there, ShapeError for a view of another size.
    void read(const Samples& which, View<T> x, View<std::int32_t> labels, View<T> values) const {
        for (const Index sample : which)
            require<ValueError>(0 <= sample && sample < size_, "Data: there is no sample ", sample, ", only ", size_);
        const auto count = static_cast<Index>(which.size());
        const auto fits = [count](Index size, const Shape& shape) { return size == 0 || size == count * shape.size(); };
        require<ShapeError>(
            fits(x.size(), sample_shape_) && fits(labels.size(), target_shape_) && fits(values.size(), target_shape_),
            "Data: ", count, " samples ", sample_shape_, " with targets ", target_shape_, " cannot be read into x ",
            x.shape(), ", labels ", labels.shape(), ", values ", values.shape());
        read_(*this, which, x, labels, values);
    }

private:
    enum class Target { none, labels, values };

    Data() = default;

    /// Y beside samples of type X, or beside none if that is void.
    template <class X, class Y>
    void set_target(const Y& y) {
        const Shape shape = detail::shape_of(y);
        constexpr bool labels = std::integral<typename Y::value_type>;
        require<ShapeError>(shape.rank() > 0 && shape[0] == size_, "Data: ", size_, " images but ",
                            shape.rank() > 0 ? shape[0] : 0, labels ? " labels" : " values");
        y_ = y.data();
        read_ = &read_arrays<X, typename Y::value_type>;
        target_ = labels ? Target::labels : Target::values;
        target_shape_ = shape.tail();
    }

    Data& add(Data part) {
        require<ShapeError>(part.size_ == size_, "Data: ", size_, " samples, but ", part.size_, " of one more input");
        more_.push_back(std::move(part));
        return *this;
    }

    std::size_t count(bool (Data::*is)() const) const {
        std::size_t result = 0;
        for (std::size_t i = 0; i < parts(); ++i) result += (part(i).*is)() ? 1 : 0;
        return result;
    }
    /// Number `which` of those that are so.
    const Data& find(bool (Data::*is)() const, std::size_t which, const char* kind) const {
        std::size_t number = 0;
        for (std::size_t i = 0; i < parts(); ++i)
            if ((part(i).*is)() && number++ == which) return part(i);
        throw ValueError(text("Data: there is no ", kind, ' ', which, ", only ", number));
    }

    template <class S>
    static constexpr bool reads_labels = requires(const S& s, const Samples& which, View<T> x, View<std::int32_t> y) {
        s.read(which, x, y);
    };
    template <class S>
    static constexpr bool reads_values = requires(const S& s, const Samples& which, View<T> x) {
        s.read(which, x, x);
    };

    template <class S>
    static constexpr bool reads_either = requires(const S& s, const Samples& which, View<T> x, View<std::int32_t> y) {
        s.read(which, x, y, x);
    };

    template <class X, class Y>
    static void read_arrays(const Data& data, const Samples& which, View<T> x, View<std::int32_t> labels,
                            View<T> values) {
        if constexpr (!std::is_void_v<X>) gather(static_cast<const X*>(data.x_), which, x, "holds a value");
        if constexpr (std::integral<Y>)
            gather(static_cast<const Y*>(data.y_), which, labels, "");
        else if constexpr (std::floating_point<Y>)
            gather(static_cast<const Y*>(data.y_), which, values, "has a target");
    }

    template <class From, class To>
    static void gather(const From* from, std::span<const Index> which, View<To> to, const char* holds) {
        if (to.empty()) return;
        const Index stride = to.size() / static_cast<Index>(which.size());
        To* out = to.data();
        for (const Index sample : which) {
            const From* const in = from + sample * stride;
            for (Index i = 0; i < stride; ++i) {
                if constexpr (std::floating_point<To> && std::integral<From>)
                    out[i] = detail::byte_fractions<To>[in[i]];
                else
                    out[i] = static_cast<To>(in[i]);
            }
            if constexpr (std::floating_point<From>)
                detail::require_finite<To>({out, static_cast<std::size_t>(stride)}, sample, holds);
            out += stride;
        }
    }

    template <class S>
    static void read_source(const Data& data, const Samples& which, View<T> x, View<std::int32_t> labels,
                            View<T> values) {
        const S& source = *static_cast<const S*>(data.x_);
        if constexpr (reads_either<S>)
            source.read(which, x, labels, values);
        else if constexpr (reads_labels<S>)
            source.read(which, x, labels);
        else if constexpr (reads_values<S>)
            source.read(which, x, values);
        else
            source.read(which, x);
        check_finite(which, x, "holds a value");
        if (data.target_ == Target::values) check_finite(which, values, "has a target");
    }

    static void check_finite(std::span<const Index> which, View<T> all, const char* holds) {
        if (all.empty()) return;
        const std::size_t stride = all.span().size() / which.size();
        for (std::size_t i = 0; i < which.size(); ++i)
            detail::require_finite<T>(all.span().subspan(i * stride, stride), which[i], holds);
    }

    const void* x_ = nullptr;
    const void* y_ = nullptr;
    void (*read_)(const Data&, const Samples&, View<T>, View<std::int32_t>, View<T>) = nullptr;
    Index size_ = 0;
    Shape sample_shape_;
    bool has_samples_ = true;
    Target target_ = Target::none;
    Shape target_shape_;
    std::vector<Data> more_; ///< further inputs and targets
};

} // namespace fovea
