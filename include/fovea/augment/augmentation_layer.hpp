#pragma once
#include <algorithm>

#include <fovea/augment/augmentation.hpp>
#include <fovea/layers/layer.hpp>

namespace fovea {

namespace detail {

/// The output_shape of an augmentation as a layer. Throws what check() and output_size() do, ShapeError for an input that is no image.
template <class A>
Shape augmented_shape(const A& a, const Shape& input) {
    a.check();
    require_image(A::type, input);
    const Size2D size = output_size(a, size_of_image(input));
    return {size.height, size.width, input[2]};
}

} // namespace detail

/// An augmentation A inside of a network: x (batch, height, width, channels) -> y, in training each image by numbers of its own; in
/// inference y = x, unless A is `always`, or A's `at_rest(size)` in place of the mapping, where sizes differ. The numbers follow from seed, layer, step
/// and the sample's place in the batch, and are drawn again in backward.
/// dx is that of a linear layer for a geometric augmentation; through a photometric one no gradient goes: StateError.
template <class A, class T>
class AugmentationLayer {
public:
    AugmentationLayer(const A& a, const Shape& input, ParameterRegistry&)
        : augmentation_(a), input_(input), output_(a.output_shape(input)) {}

    Index scratch_bytes(Index) const {
        return (GeometricAugmentation<A> ? Arena::bytes<Point2D>(pixels()) : 0) +
               (is_both ? Arena::bytes<T>(input_.size()) : 0);
    }

    bool idle_in_inference() const { return !is_always && input_ == output_; }

    void forward(ConstView<T> x, View<T> y, Pass<T>& pass) const {
        for (Index n = 0; n < x.shape()[0]; ++n) {
            const ConstView<T> from = sample(x, n, input_);
            const View<T> to = sample(y, n, output_);
            if (is_copy(pass)) {
                std::copy(from.begin(), from.end(), to.begin());
            } else if constexpr (is_both) {
                Arena scratch = pass.scratch;
                const View<T> changed(scratch.take<T>(input_.size()), input_);
                apply(from, changed, pass, n);
                resample(ConstView<T>(changed), places(pass, n, scratch), how(), to);
            } else if constexpr (GeometricAugmentation<A>) {
                resample(from, places(pass, n, pass.scratch), how(), to);
            } else {
                apply(from, to, pass, n);
            }
        }
    }

    void backward(ConstView<T> x, ConstView<T>, View<T> dy, View<T> dx, Pass<T>& pass) const {
        if (dx.empty()) return;
        for (Index n = 0; n < x.shape()[0]; ++n) {
            const ConstView<T> from = sample(ConstView<T>(dy), n, output_);
            const View<T> to = sample(dx, n, input_);
            if (is_copy(pass))
                std::copy(from.begin(), from.end(), to.begin());
            else if constexpr (!PhotometricAugmentation<A>)
                resample_backward(from, places(pass, n, pass.scratch), how(), to);
            else
                throw StateError(
                    text(A::type, ": no gradient goes through it; it must stand in front of all that is trained"));
        }
    }

private:
    static constexpr bool is_both = PhotometricAugmentation<A> && GeometricAugmentation<A>;
    static constexpr bool is_always = requires { requires A::always; };

    Index pixels() const { return output_[0] * output_[1]; }
    bool is_copy(const Pass<T>& pass) const { return !pass.training && idle_in_inference(); }

    template <class E>
    static View<E> sample(View<E> all, Index n, const Shape& shape) {
        return {all.data() + n * shape.size(), shape};
    }

    void apply(ConstView<T> from, View<T> to, const Pass<T>& pass, Index n) const {
        std::copy(from.begin(), from.end(), to.begin());
        if (!pass.training && !is_always) return;
        Draw draw(pass.random, pass.first_sample + n);
        augmentation_.apply(to, draw);
    }

    Resampling how() const {
        return detail::resampling(augmentation_).value_or(Resampling{Interpolation::nearest, FillMode::constant, 0});
    }

    /// Where the pixels of sample n of the batch come from.
    std::span<const Point2D> places(const Pass<T>& pass, Index n, Arena scratch) const {
        Point2D* const all = scratch.take<Point2D>(pixels());
        const auto trace = [&](const auto& mapping) {
            for (Index i = 0; i < pixels(); ++i)
                all[i] = mapping(Point2D{static_cast<double>(i % output_[1]), static_cast<double>(i / output_[1])});
        };
        const Size2D size = detail::size_of_image(input_);
        Draw draw(pass.random, pass.first_sample + n);
        if constexpr (requires { augmentation_.at_rest(size); })
            if (!pass.training) {
                trace(augmentation_.at_rest(size));
                return {all, static_cast<std::size_t>(pixels())};
            }
        trace(augmentation_.mapping(size, draw));
        return {all, static_cast<std::size_t>(pixels())};
    }

    A augmentation_;
    Shape input_;
    Shape output_;
};

} // namespace fovea
