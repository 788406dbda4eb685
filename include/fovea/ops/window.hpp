#pragma once
#include <algorithm>
#include <cstdint>
#include <optional>
#include <ostream>
#include <string_view>

#include <fovea/core/error.hpp>
#include <fovea/core/names.hpp>
#include <fovea/core/shape.hpp>

namespace fovea {

/// Whether a window stays inside its input (valid), or may reach over the edge so that the output has ceil(input / stride)
/// places (same).
enum class Padding { valid, same };

inline std::string_view name_of(Padding padding) { return padding == Padding::valid ? "valid" : "same"; }

/// Throws ValueError for an unknown name.
inline Padding padding_from_name(std::string_view name) {
    return detail::value_named("Padding", name, {Padding::valid, Padding::same});
}

inline void from_name(std::string_view name, Padding& padding) { padding = padding_from_name(name); }

inline std::ostream& operator<<(std::ostream& out, Padding padding) { return out << name_of(padding); }

/// A height and a width: `{3, 5}`, or `3` for both. Prints as `(3, 5)`.
struct Size2D {
    Index height = 1;
    Index width = 1;

    constexpr Size2D(Index both) : height(both), width(both) {}
    constexpr Size2D(Index h, Index w) : height(h), width(w) {}

    bool operator==(const Size2D&) const = default;
    friend std::ostream& operator<<(std::ostream& out, Size2D size) {
        return out << '(' << size.height << ", " << size.width << ')';
    }
};

/// A Size2D that may be left out. Unlike a plain std::optional it can be written `{2, 2}`.
struct OptionalSize2D : std::optional<Size2D> {
    using std::optional<Size2D>::optional;
    constexpr OptionalSize2D(Index h, Index w) : std::optional<Size2D>(Size2D{h, w}) {}
};

/// The code of a cell of a fused pooling that no gradient goes through: ReLU made its largest element 0.
inline constexpr std::uint8_t dead_cell = 255;

/// How a window moves along one axis: output o reads input[first(o) + tap * dilation], tap = 0 .. kernel-1, and whatever
/// of that lies outside [0, input) is padding.
struct WindowAxis {
    Index input = 1;
    Index kernel = 1;
    Index stride = 1;
    Index dilation = 1;
    Index before = 0; ///< elements of padding in front
    Index output = 1; ///< 0 if the window does not fit

    WindowAxis() = default;

    /// Same padding as Keras has it: (output - 1) * stride + span - input elements, the smaller half in front.
    WindowAxis(Index input_extent, Index kernel_extent, Index step, Index spacing, Padding padding)
        : input(input_extent), kernel(kernel_extent), stride(step), dilation(spacing) {
        if (padding == Padding::same) {
            output = (input - 1) / stride + 1;
            before = std::max<Index>((output - 1) * stride + span() - input, 0) / 2;
        } else {
            output = span() > input ? 0 : (input - span()) / stride + 1;
        }
    }

    /// Input elements from the first tap to the last.
    Index span() const { return (kernel - 1) * dilation + 1; }

    /// Elements of the input with its padding, as far as taps reach.
    Index framed() const { return std::max(before + input, (output - 1) * stride + span()); }

    /// The input position of the first tap; negative inside the padding.
    Index first(Index out) const { return out * stride - before; }

    /// The taps [first_tap, last_tap) of an output are those that lie inside the input.
    Index first_tap(Index out) const {
        return std::min(kernel, (std::max<Index>(-first(out), 0) + dilation - 1) / dilation);
    }
    Index last_tap(Index out) const {
        return std::clamp<Index>((input - first(out) + dilation - 1) / dilation, 0, kernel);
    }
};

/// No size is larger: that keeps every product of two far from overflow.
inline constexpr Index most_of_size = Index{1} << 24;

/// Throws the ValueError `Conv2D: strides must be ...` for sizes below 1 or too large.
inline void require_size(std::string_view type, std::string_view field, std::string_view suffix, Size2D size) {
    require<ValueError>(std::min(size.height, size.width) >= 1 && std::max(size.height, size.width) <= most_of_size,
                        type, ": ", field, suffix, " must be from 1 to ", most_of_size, " on both axes, got ", size);
}

/// Throws ShapeError unless `input` is (height, width, channels), none of them 0.
inline void require_image(std::string_view type, const Shape& input) {
    require<ShapeError>(input.rank() == 3, type, ": expected an input of 3 axes (height, width, channels), got ",
                        input);
    require<ShapeError>(input.size() > 0, type, ": the input must not be empty, got ", input);
}

/// How a window moves over an image, checked.
struct Window2D {
    WindowAxis height;
    WindowAxis width;

    Window2D() = default;

    /// `input` is (height, width, channels). Messages begin with the layer's `type` and call the window `noun`: with "Conv2D",
    /// "kernel" a size below 1 throws the ValueError `Conv2D: kernel_size must be ...`, and a window larger than its input the
    /// ShapeError `Conv2D: kernel (5, 5) does not fit input (3, 3, 8) with padding=valid`.
    Window2D(std::string_view type, std::string_view noun, const Shape& input, Size2D kernel, Size2D strides,
             Size2D dilation, Padding padding) {
        require_size(type, noun, "_size", kernel);
        require_size(type, "strides", "", strides);
        require_size(type, "dilation_rate", "", dilation);
        require_image(type, input);
        height = WindowAxis(input[0], kernel.height, strides.height, dilation.height, padding);
        width = WindowAxis(input[1], kernel.width, strides.width, dilation.width, padding);
        if (height.output > 0 && width.output > 0) return;
        const std::string spacing = dilation == Size2D(1) ? "" : text(" with dilation_rate ", dilation);
        throw ShapeError(
            text(type, ": ", noun, " ", kernel, spacing, " does not fit input ", input, " with padding=", padding));
    }

    /// One window over all of the input.
    static Window2D whole(std::string_view type, const Shape& input) {
        const bool image = input.rank() == 3 && input.size() > 0; // what else there is, the constructor refuses
        const Size2D all = image ? Size2D{input[0], input[1]} : Size2D{1};
        return {type, "pool", input, all, 1, 1, Padding::valid};
    }

    Index taps() const { return height.kernel * width.kernel; }
};

} // namespace fovea
