#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

#include <fovea/augment/borrowed.hpp>
#include <fovea/augment/draw.hpp>
#include <fovea/core/rounding.hpp>
#include <fovea/data/composed.hpp>

namespace fovea {

namespace detail {

/// x = own x + (1 - own) other
template <class T>
void blend(double own, View<T> x, const T* other) {
    const T part = static_cast<T>(own), rest = static_cast<T>(1 - own);
    for (Index i = 0; i < x.size(); ++i) x[i] = rounded(part * x[i]) + rounded(rest * other[i]);
}

} // namespace detail

/// A data set in which each sample is mixed with another one, its partner: what `mixup` and `cutmix` return. Which one, and how, is a function
/// of (seed, epoch, sample). A sample costs two, since its partner is read as well.
///
/// Targets are values: labels become probabilities (..., classes), which add up to 1, so the loss is that of probabilities,
/// `Loss::categorical_crossentropy`; values are mixed as they are.
template <class S, class Way>
class Mixed : public Composed<S> {
public:
    /// Throws ValueError for fewer than two samples, for labels without a number of classes, for values with one, and for data with
    /// several inputs or targets.
    Mixed(S&& source, Way way, Index classes, std::uint64_t seed)
        : Composed<S>(std::forward<S>(source)), way_(way), classes_(classes), seed_(seed) {
        const auto base = this->base();
        way_.check(base.sample_shape());
        require<ValueError>(base.parts() == 1, Way::type, ": expected one input with one target at most, got data of ",
                            base.parts(), " parts");
        require<ValueError>(base.size() >= 2, Way::type, ": needs two samples or more, got ", base.size());
        if (base.has_targets() && base.targets_are_labels())
            require<ValueError>(classes > 0, Way::type, ": labels need .classes, how many there are, got ", classes);
        else
            require<ValueError>(classes == 0, Way::type, ": .classes is for labels, and here are none");
    }

    Index size() const { return this->base().size(); }
    bool targets_are_labels() const { return false; }
    Shape target_shape() const {
        const Shape shape = this->base().target_shape();
        if (classes_ == 0) return shape;
        require<ShapeError>(shape.rank() < Shape::max_rank, Way::type, ": labels of shape ", shape,
                            " have too many axes");
        std::array<Index, Shape::max_rank> extents{};
        *std::copy(shape.begin(), shape.end(), extents.begin()) = classes_;
        return Shape(std::span<const Index>(extents).first(static_cast<std::size_t>(shape.rank()) + 1));
    }

    template <class T>
    void read(const Samples& which, View<T> x, View<std::int32_t>, View<T> values) const {
        const Data<T> data = this->template data<T>();
        const Shape shape = this->sample_shape(), target = target_shape();
        read_plainly(data, which, x, values);
        detail::Borrowed<std::vector<T>> buffer, value_buffer;
        const auto partner_of = [](const View<T>& wanted, const Shape& one, std::vector<T>& memory) {
            if (wanted.empty()) return View<T>();
            memory.resize(static_cast<std::size_t>(one.size()));
            return View<T>(memory.data(), one);
        };
        const View<T> other = partner_of(x, shape, *buffer), other_values = partner_of(values, target, *value_buffer);
        for (std::size_t i = 0; i < which.size(); ++i) {
            Draw draw(seed_, which[i], which.epoch, Way::number);
            Index partner = draw.below(data.size() - 1);
            if (partner >= which[i]) ++partner; // not the sample itself
            const auto mix = way_.drawn(shape, draw);
            read_plainly(data, {std::span<const Index>(&partner, 1), which.epoch}, other, other_values);
            const auto at = static_cast<Index>(i);
            if (!x.empty()) mix(View<T>(x.data() + at * shape.size(), shape), other.data());
            if (!values.empty()) mix.targets(View<T>(values.data() + at * target.size(), target), other_values.data());
        }
    }

private:
    /// The source's samples, with labels as probabilities.
    template <class T>
    void read_plainly(const Data<T>& data, const Samples& which, View<T> x, View<T> values) const {
        if (classes_ == 0 || values.empty()) {
            data.read(which, x, {}, values);
            return;
        }
        const auto count = static_cast<Index>(which.size());
        const Index each = data.target_shape().size();
        detail::Borrowed<std::vector<std::int32_t>> labels;
        labels->resize(static_cast<std::size_t>(count * each));
        data.read(which, x, View<std::int32_t>(labels->data(), data.target_shape().prepend(count)), {});
        std::fill(values.begin(), values.end(), T{0});
        for (Index i = 0; i < count * each; ++i) {
            const std::int32_t label = labels->data()[i];
            require<ValueError>(0 <= label && label < classes_, Way::type, ": sample ",
                                which[static_cast<std::size_t>(i / each)], " has the label ", label, ", but there are ",
                                classes_, " classes");
            values[i * classes_ + label] = 1;
        }
    }

    Way way_;
    Index classes_;
    std::uint64_t seed_;
};

} // namespace fovea
