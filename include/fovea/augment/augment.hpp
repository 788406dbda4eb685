#pragma once
#include <optional>
#include <utility>
#include <vector>

#include <fovea/augment/augment_list.hpp>
#include <fovea/augment/borrowed.hpp>
#include <fovea/data/composed.hpp>

namespace fovea {

/// What the targets of augmented images are, and so what becomes of them.
enum class AugmentTargets {
    unchanged, ///< a class, or numbers that have nothing to do with places
    mask,      ///< (height, width, ...) of classes or values: they follow their image, by the nearest pixel
    /// (..., 4) of values, left, top, right, bottom as fractions of the image: each becomes the smallest one around where its corners
    /// went, as far as it is in the image.
    boxes
};

struct AugmentOptions {
    AugmentTargets targets = AugmentTargets::unchanged;
    double mask_fill_value = 0;             ///< of a mask, what comes from outside of its image with FillMode::constant
    std::optional<std::uint64_t> seed = {}; ///< random_seed() if it is left out
};

namespace detail {

/// What reading augmented samples takes. What is read is as large as before augmentation.
template <class T>
struct AugmentedReading {
    AugmentRoom<T> room;
    std::vector<T> x;
    std::vector<T> values;
    std::vector<std::int32_t> labels;
};

} // namespace detail

/// A data set whose images are augmented, anew in each epoch.
template <class S>
class Augmented : public Composed<S> {
public:
    /// Throws ShapeError for samples that are no images, or masks or boxes that do not fit them; ValueError if boxes cannot follow, and
    /// for data with several inputs or targets.
    Augmented(S&& source, Augment list, const AugmentOptions& options)
        : Composed<S>(std::forward<S>(source)), list_(std::move(list)), options_(options),
          seed_(options.seed.value_or(random_seed())) {
        const Shape input = this->base().sample_shape();
        require_image("augment", input);
        const std::size_t parts = this->base().parts();
        require<ValueError>(parts == 1, "augment: expected images with one target at most, got data of ", parts,
                            " parts");
        const Size2D output = list_.output_size(detail::size_of_image(input));
        sample_shape_ = {output.height, output.width, input[2]};
        target_shape_ = checked_targets(input, this->base().target_shape());
    }

    Index size() const { return this->base().size(); }
    const Shape& sample_shape() const { return sample_shape_; }
    const Shape& target_shape() const { return target_shape_; }
    const Augment& list() const { return list_; }

    template <class T>
    void read(const Samples& which, View<T> x, View<std::int32_t> labels, View<T> values) const {
        const Data<T> data = this->template data<T>();
        const bool follow = options_.targets != AugmentTargets::unchanged;
        const bool same_size = data.sample_shape() == sample_shape_;
        if (same_size || (x.empty() && !follow)) data.read(which, x, labels, values);
        if (x.empty() && !follow) return;
        detail::Borrowed<detail::AugmentedReading<T>> room;
        for (std::size_t i = 0; i < which.size(); ++i) {
            const auto one = [&](const auto& all, const Shape& shape) {
                using V = std::remove_cvref_t<decltype(all)>;
                return all.empty() ? V() : V(all.data() + static_cast<Index>(i) * shape.size(), shape);
            };
            const View<T> to_x = one(x, sample_shape_), to_values = one(values, target_shape_);
            const View<std::int32_t> to_labels = one(labels, target_shape_);
            View<T> from_x = to_x, from_values = to_values;
            View<std::int32_t> from_labels = to_labels;
            if (!same_size) {
                from_x = like(to_x, data.sample_shape(), room->x);
                if (options_.targets == AugmentTargets::mask) {
                    from_values = like(to_values, data.target_shape(), room->values);
                    from_labels = like(to_labels, data.target_shape(), room->labels);
                }
                data.read(which.part(static_cast<Index>(i), 1), from_x, from_labels, from_values);
            }
            list_({seed_, which[i], which.epoch}, followers<T>(from_x, from_labels, from_values),
                  followers<T>(to_x, to_labels, to_values), detail::size_of_image(data.sample_shape()),
                  options_.mask_fill_value, room->room);
        }
    }

private:
    /// A view of `shape` in `memory`, unless `view` is not wanted.
    template <class E>
    static View<E> like(View<E> view, const Shape& shape, std::vector<E>& memory) {
        if (view.empty()) return view;
        memory.resize(static_cast<std::size_t>(shape.size()));
        return {memory.data(), shape};
    }

    template <class T>
    Augmentable<T> followers(View<T> x, View<std::int32_t> labels, View<T> values) const {
        if (options_.targets == AugmentTargets::mask) return {x, values, labels, {}};
        if (options_.targets == AugmentTargets::boxes) return {x, {}, {}, values};
        return {x, {}, {}, {}};
    }

    Shape checked_targets(const Shape& input, const Shape& target) const {
        if (options_.targets == AugmentTargets::unchanged) return target;
        const auto data = this->base();
        if (options_.targets == AugmentTargets::mask) {
            require<ShapeError>(data.has_targets() && target.rank() >= 2 && target[0] == input[0] &&
                                    target[1] == input[1],
                                "augment: masks of images ", input, " must have shape (", input[0], ", ", input[1],
                                ", ...), got ", target);
            std::vector<Index> extents(target.begin(), target.end());
            extents[0] = sample_shape_[0];
            extents[1] = sample_shape_[1];
            return Shape(std::span<const Index>(extents));
        }
        require<ShapeError>(data.has_targets() && !data.targets_are_labels() && target.rank() >= 1 &&
                                target.last() == 4,
                            "augment: boxes must be values of shape (..., 4), got ",
                            data.targets_are_labels() ? "labels " : "", target);
        for (const AnyAugmentation& one : list_.all())
            require<ValueError>(!one.is_geometric() || one.maps_forward(), "augment: boxes cannot follow ", one.type(),
                                ", whose mapping has no forward");
        return target;
    }

    Augment list_;
    AugmentOptions options_;
    std::uint64_t seed_;
    Shape sample_shape_;
    Shape target_shape_;
};

/// `augment(train, Augment{RandomFlip{.mode = FlipMode::horizontal}, RandomRotation{.degrees = 10}})`: augmented as it is read, by the
/// threads that train. What becomes of a sample is a function of (seed, epoch, its number in `source`), whoever reads it and when.
/// `evaluate` and `predict` read as in the first epoch: what they are given had better not be augmented.
template <class S>
    requires ComposableSource<std::remove_cvref_t<S>> Augmented<detail::Kept<S>>
    augment(S&& source, Augment list, const AugmentOptions& options = {}) {
        return {std::forward<S>(source), std::move(list), options};
    }

} // namespace fovea
