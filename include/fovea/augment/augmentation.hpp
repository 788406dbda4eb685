#pragma once
#include <concepts>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <fovea/augment/resample.hpp>

namespace fovea {

/// One that changes values in their places.
template <class A>
concept PhotometricAugmentation = requires(const A& a, View<float> x, Draw& draw) {
    a.apply(x, draw);
};

/// One that moves pixels.
template <class A>
concept GeometricAugmentation = requires(const A& a, Size2D size, Draw& draw, Point2D place) {
    { a.mapping(size, draw)(place) } -> std::same_as<Point2D>;
};

/// An augmentation is a plain aggregate with
///
///     static constexpr std::string_view type;
///     void check() const;                                          // throws ValueError for fields that make no sense; optional
///
/// and one of
///
///     template <class T> void apply(View<T> x, Draw& draw) const;  // x (height, width, channels), changed in place
///     auto mapping(Size2D size, Draw& draw) const;                 // from a Point2D of the output to where it comes from
///
/// With both, `apply` comes first, and each gets the same numbers. One that is also a layer, and changes images in inference, too, has
/// `static constexpr bool always = true`. A geometric one may also have
///
///     Size2D output_size(Size2D size) const;                       // if it changes; throws ShapeError for one that does not fit
///     Interpolation interpolation;  FillMode fill_mode;  double fill_value;   // fields, each of which may be left out
///
/// and its mapping `Point2D forward(Point2D) const`, the other way, without which it cannot take boxes along.
template <class A>
concept AugmentationSpec = std::convertible_to<decltype(A::type), std::string_view> &&
    (PhotometricAugmentation<A> || GeometricAugmentation<A>);

namespace detail {

template <class A>
Size2D output_size(const A& a, Size2D size) {
    if constexpr (requires { a.output_size(size); })
        return a.output_size(size);
    else
        return size;
}

/// How an image is read for this augmentation; nothing for one without any of the fields, which moves whole pixels about.
template <class A>
std::optional<Resampling> resampling(const A& a) {
    constexpr bool interpolates = requires { a.interpolation; };
    constexpr bool fills = requires { a.fill_mode; };
    constexpr bool has_value = requires { a.fill_value; };
    if constexpr (!interpolates && !fills && !has_value) return std::nullopt;
    Resampling how;
    if constexpr (interpolates)
        how.interpolation = a.interpolation;
    else
        how.interpolation = Interpolation::nearest;
    if constexpr (fills)
        how.fill_mode = a.fill_mode;
    else
        how.fill_mode = FillMode::constant;
    if constexpr (has_value) how.fill_value = a.fill_value;
    return how;
}

} // namespace detail

/// Any augmentation, behind one pointer. Immutable, so copies share it.
class AnyAugmentation {
public:
    /// Throws what its check() does.
    template <AugmentationSpec A>
    AnyAugmentation(A a) : augmentation_(std::make_shared<Holder<A>>(std::move(a))) {
        augmentation_->check();
    }

    std::string_view type() const { return augmentation_->type(); }
    bool is_photometric() const { return augmentation_->is_photometric(); }
    bool is_geometric() const { return augmentation_->is_geometric(); }
    bool maps_forward() const { return augmentation_->maps_forward(); }
    Size2D output_size(Size2D size) const { return augmentation_->output_size(size); }
    std::optional<Resampling> resampling() const { return augmentation_->resampling(); }

    void apply(View<float> x, Draw draw) const { augmentation_->apply(x, draw); }
    void apply(View<double> x, Draw draw) const { augmentation_->apply(x, draw); }
    /// Each place of the output becomes the one that it comes from, in an input of this size.
    void trace(Size2D size, Draw draw, std::span<Point2D> places) const { augmentation_->trace(size, draw, places); }
    /// The other way.
    void forward(Size2D size, Draw draw, std::span<Point2D> places) const {
        augmentation_->forward(size, draw, places);
    }

private:
    struct Interface {
        virtual ~Interface() = default;
        virtual std::string_view type() const = 0;
        virtual void check() const = 0;
        virtual bool is_photometric() const = 0;
        virtual bool is_geometric() const = 0;
        virtual bool maps_forward() const = 0;
        virtual Size2D output_size(Size2D size) const = 0;
        virtual std::optional<Resampling> resampling() const = 0;
        virtual void apply(View<float> x, Draw& draw) const = 0;
        virtual void apply(View<double> x, Draw& draw) const = 0;
        virtual void trace(Size2D size, Draw& draw, std::span<Point2D> places) const = 0;
        virtual void forward(Size2D size, Draw& draw, std::span<Point2D> places) const = 0;
    };

    template <class A>
    struct Holder final : Interface {
        explicit Holder(A a) : augmentation(std::move(a)) {}

        std::string_view type() const override { return A::type; }
        void check() const override {
            if constexpr (requires { augmentation.check(); }) augmentation.check();
        }
        bool is_photometric() const override { return PhotometricAugmentation<A>; }
        bool is_geometric() const override { return GeometricAugmentation<A>; }
        bool maps_forward() const override { return has_forward(); }
        Size2D output_size(Size2D size) const override { return detail::output_size(augmentation, size); }
        std::optional<Resampling> resampling() const override {
            if constexpr (GeometricAugmentation<A>)
                return detail::resampling(augmentation);
            else
                return std::nullopt;
        }
        void apply(View<float> x, Draw& draw) const override { apply_to(x, draw); }
        void apply(View<double> x, Draw& draw) const override { apply_to(x, draw); }
        void trace([[maybe_unused]] Size2D size, [[maybe_unused]] Draw& draw,
                   [[maybe_unused]] std::span<Point2D> places) const override {
            if constexpr (GeometricAugmentation<A>) {
                const auto mapping = augmentation.mapping(size, draw);
                for (Point2D& place : places) place = mapping(place);
            }
        }
        void forward([[maybe_unused]] Size2D size, [[maybe_unused]] Draw& draw,
                     [[maybe_unused]] std::span<Point2D> places) const override {
            if constexpr (has_forward()) {
                const auto mapping = augmentation.mapping(size, draw);
                for (Point2D& place : places) place = mapping.forward(place);
            }
        }

        static constexpr bool has_forward() {
            return requires(const A& a, Size2D size, Draw& draw, Point2D p) {
                { a.mapping(size, draw).forward(p) } -> std::same_as<Point2D>;
            };
        }

        template <class T>
        void apply_to([[maybe_unused]] View<T> x, [[maybe_unused]] Draw& draw) const {
            if constexpr (requires { augmentation.apply(x, draw); })
                augmentation.apply(x, draw);
            else if constexpr (PhotometricAugmentation<A>)
                throw ValueError(text(A::type, ": has no apply for ", std::is_same_v<T, float> ? "float" : "double"));
        }

        A augmentation;
    };

    std::shared_ptr<const Interface> augmentation_;
};

} // namespace fovea
