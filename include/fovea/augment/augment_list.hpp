#pragma once
#include <array>
#include <cstdint>
#include <limits>

#include <fovea/augment/augmentation.hpp>

namespace fovea {

/// What may be augmented together, of one sample; an empty view is not there.
template <class T>
struct Augmentable {
    View<T> x;                  ///< (height, width, channels)
    View<T> mask;               ///< (height, width, ...)
    View<std::int32_t> classes; ///< the same with a class a pixel
    View<T> boxes;              ///< (..., 4): left, top, right, bottom as fractions of the image
};

/// Which numbers a list of augmentations draws.
struct AugmentKey {
    std::uint64_t seed = 0;
    Index sample = 0;
    Index epoch = 0;
};

namespace detail {

/// What a list of augmentations works in; it keeps its memory.
template <class T>
class AugmentRoom {
public:
    /// An image, or a mask, on its way through the list.
    template <class E>
    class Canvas {
    public:
        void begin(View<E> x) { now_ = x; }
        const View<E>& now() const { return now_; }

        /// An image of another height and width, made of this one by `f(from, to)`.
        template <class F>
        void change(Size2D size, F&& f) {
            if (now_.empty()) return;
            std::array<Index, Shape::max_rank> extents{size.height, size.width};
            std::copy(now_.shape().begin() + 2, now_.shape().end(), extents.begin() + 2);
            const Shape shape(std::span<const Index>(extents.data(), static_cast<std::size_t>(now_.shape().rank())));
            std::vector<E>& memory = memory_[next_];
            next_ = 1 - next_;
            const auto needed = static_cast<std::size_t>(shape.size());
            if (memory.size() < needed) memory.resize(needed);
            const View<E> to(memory.data(), shape);
            f(ConstView<E>(now_), to);
            now_ = to;
        }

        void end(View<E> y) const {
            if (now_.data() != y.data()) std::copy(now_.begin(), now_.end(), y.begin());
        }

    private:
        View<E> now_;
        std::array<std::vector<E>, 2> memory_;
        std::size_t next_ = 0;
    };

    /// The pixels of an image, each at its place.
    std::span<Point2D> grid(Size2D size) {
        places_.clear();
        for (Index y = 0; y < size.height; ++y)
            for (Index x = 0; x < size.width; ++x) places_.push_back({static_cast<double>(x), static_cast<double>(y)});
        return places_;
    }

    /// The four corners of each box.
    std::span<Point2D> corners(ConstView<T> boxes, Size2D size) {
        corners_.clear();
        for (Index box = 0; box < boxes.size(); box += 4)
            for (int corner = 0; corner < 4; ++corner)
                corners_.push_back({to_pixels(boxes[box + (corner % 2 == 0 ? 0 : 2)], size.width),
                                    to_pixels(boxes[box + (corner < 2 ? 1 : 3)], size.height)});
        return corners_;
    }

    Canvas<T> image;
    Canvas<T> mask;
    Canvas<std::int32_t> classes;

private:
    static double to_pixels(T fraction, Index extent) {
        return rounded(static_cast<double>(fraction) * static_cast<double>(extent)) - 0.5;
    }

    std::vector<Point2D> places_;
    std::vector<Point2D> corners_;
};

/// The smallest box around four corners, as far as it is in the image. One that is empty already stays, as it stands for none.
template <class T>
void set_box(std::span<const Point2D> corners, Size2D size, T* box) {
    if (!(box[0] < box[2] && box[1] < box[3])) return;
    const auto set = [&](double Point2D::*axis, Index extent, T& low, T& high) {
        double least = std::numeric_limits<double>::max(), most = -least;
        for (const Point2D& corner : corners) { // nowhere is neither
            least = corner.*axis < least ? corner.*axis : least;
            most = corner.*axis > most ? corner.*axis : most;
        }
        const auto fraction = [&](double place) {
            return static_cast<T>(std::clamp((place + 0.5) / static_cast<double>(extent), 0.0, 1.0));
        };
        low = fraction(least);
        high = fraction(most);
    };
    set(&Point2D::x, size.width, box[0], box[2]);
    set(&Point2D::y, size.height, box[1], box[3]);
}

} // namespace detail

/// Augmentations, one after another: `Augment{RandomRotation{.degrees = 10}, RandomFlip{}}`.
///
/// Geometric ones that follow each other and read images in the same way are one: each pixel is traced back through all of them
/// and read once, so that the image is smoothed once, and what one of them moves out of it the next can bring back.
class Augment {
public:
    /// Throws ValueError for fields that make no sense.
    template <std::convertible_to<AnyAugmentation>... A>
    explicit Augment(A... all) : Augment(std::vector<AnyAugmentation>{std::move(all)...}) {}

    explicit Augment(std::vector<AnyAugmentation> all) : all_(std::move(all)) {
        for (std::size_t i = 0; i < all_.size(); ++i) {
            if (all_[i].is_photometric()) stages_.push_back({i, i + 1, false, {}});
            if (!all_[i].is_geometric()) continue;
            const std::optional<Resampling> how = all_[i].resampling();
            const bool joins = !stages_.empty() && stages_.back().is_geometric &&
                               (!how || !stages_.back().how || *how == *stages_.back().how);
            if (!joins) {
                stages_.push_back({i, i + 1, true, how});
                continue;
            }
            stages_.back().last = i + 1;
            if (how) stages_.back().how = how;
        }
    }

    const std::vector<AnyAugmentation>& all() const { return all_; }

    /// Of images of this size. Throws ShapeError for one that an augmentation cannot take.
    Size2D output_size(Size2D size) const { return size_in_front_of(all_.size(), 0, size); }

    /// to = augmented from, which may be overwritten and may be the same. Masks follow by the nearest pixel, and get `mask_fill_value`
    /// where an image gets fill_value.
    template <class T>
    void operator()(const AugmentKey& key, Augmentable<T> from, Augmentable<T> to, Size2D size, double mask_fill_value,
                    detail::AugmentRoom<T>& room) const {
        const auto draw = [&](std::size_t i) { return Draw(key.seed, key.sample, key.epoch, static_cast<Index>(i)); };
        room.image.begin(from.x);
        room.mask.begin(from.mask);
        room.classes.begin(from.classes);
        const std::span<Point2D> corners = room.corners(from.boxes, size);
        for (const Stage& stage : stages_) {
            if (!stage.is_geometric) {
                if (!from.x.empty()) all_[stage.first].apply(room.image.now(), draw(stage.first));
                continue;
            }
            const Size2D after = size_in_front_of(stage.last, stage.first, size);
            const std::span<Point2D> places = room.grid(after);
            for (std::size_t i = stage.last; i-- > stage.first;)
                all_[i].trace(size_in_front_of(i, stage.first, size), draw(i), places);
            if (!corners.empty())
                for (std::size_t i = stage.first; i < stage.last; ++i)
                    all_[i].forward(size_in_front_of(i, stage.first, size), draw(i), corners);
            const Resampling how = stage.how.value_or(Resampling{Interpolation::nearest, FillMode::constant, 0});
            room.image.change(after, [&](auto x, auto y) { resample(x, places, how, y); });
            const auto follow = [&]<class E>(ConstView<E> x, View<E> y) {
                resample_nearest(x, places, how.fill_mode, static_cast<E>(mask_fill_value), y);
            };
            room.mask.change(after, follow);
            room.classes.change(after, follow);
            size = after;
        }
        room.image.end(to.x);
        room.mask.end(to.mask);
        room.classes.end(to.classes);
        if (to.boxes.data() != from.boxes.data()) std::copy(from.boxes.begin(), from.boxes.end(), to.boxes.begin());
        for (std::size_t i = 0; i < corners.size(); i += 4)
            detail::set_box<T>(corners.subspan(i, 4), size, to.boxes.data() + i);
    }

private:
    /// Augmentations [first, last) that are done at once.
    struct Stage {
        std::size_t first;
        std::size_t last;
        bool is_geometric;
        std::optional<Resampling> how;
    };

    /// The size of images that reach augmentation i, if they have `size` at `first`.
    Size2D size_in_front_of(std::size_t i, std::size_t first, Size2D size) const {
        for (; first < i; ++first) size = all_[first].output_size(size);
        return size;
    }

    std::vector<AnyAugmentation> all_;
    std::vector<Stage> stages_;
};

} // namespace fovea
