#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include <fovea/layers/all.hpp>
#include <fovea/onnx/node_reader.hpp>

/// ONNX's Resize, all of whose ways are linear: by whole multiples UpSampling2D, else a product with a matrix along each axis, which
/// is a Dense that is frozen.
namespace fovea::onnx {

namespace detail {

/// What a Resize says that all axes have in common.
struct ResizeRule {
    std::string mode;   ///< nearest, linear, cubic
    std::string places; ///< coordinate_transformation_mode
    std::string rounds; ///< nearest_mode
    double cubic = -0.75;
    bool antialias = false;
    bool exclude_outside = false;
};

struct ResizedAxis {
    Index input = 0, output = 0;
    double scale = 1;
    double begin = 0, end = 1; ///< the region of interest
};

/// Where the middle of an output lies in the input.
inline double resize_place(const ResizeRule& rule, const ResizedAxis& axis, Index output) {
    const double length = axis.scale * static_cast<double>(axis.input);
    const double last = static_cast<double>(axis.input - 1), y = static_cast<double>(output);
    if (rule.places == "align_corners") return length == 1 ? 0 : y * last / (length - 1);
    if (rule.places == "asymmetric") return y / axis.scale;
    if (rule.places == "tf_crop_and_resize") {
        const double along =
            length == 1 ? 0.5 * (axis.end - axis.begin) * last : y * (axis.end - axis.begin) * last / (length - 1);
        return along + axis.begin * last;
    }
    const double place = (y + 0.5) / axis.scale - 0.5;
    if (rule.places == "half_pixel_symmetric")
        return 0.5 * static_cast<double>(axis.input) * (1 - static_cast<double>(axis.output) / length) + place;
    if (rule.places == "pytorch_half_pixel") return length == 1 ? -0.5 : place;
    require<DataError>(rule.places == "half_pixel", "coordinate_transformation_mode=", rule.places,
                       " is not supported");
    return place;
}

/// How much a neighbour so far away (in inputs, spread out where antialiasing makes them fewer) counts.
inline double resize_weight(const ResizeRule& rule, double distance) {
    const double x = std::abs(distance), a = rule.cubic;
    if (rule.mode == "linear") return std::max(1 - x, 0.0);
    if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
    return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
}

/// The input that is nearest; one that is met exactly is it.
inline double resize_nearest(const ResizeRule& rule, double place) {
    if (rule.rounds == "floor") return std::floor(place);
    if (rule.rounds == "ceil") return std::ceil(place);
    if (rule.rounds == "round_prefer_ceil") return std::floor(place + 0.5);
    require<DataError>(rule.rounds == "round_prefer_floor", "nearest_mode=", rule.rounds, " is not supported");
    return std::ceil(place - 0.5);
}

/// (input, output): what each output takes of each input. A column of zeros is outside of tf_crop_and_resize's image.
inline Floats resize_matrix(const ResizeRule& rule, const ResizedAxis& axis) {
    const auto columns = static_cast<std::size_t>(axis.output);
    Floats matrix(static_cast<std::size_t>(axis.input) * columns);
    const double last = static_cast<double>(axis.input - 1);
    const double narrow = rule.antialias ? std::min(axis.scale, 1.0) : 1.0;
    const double reach = (rule.mode == "cubic" ? 2 : 1) / narrow;
    for (Index o = 0; o < axis.output; ++o) {
        const double place = resize_place(rule, axis, o);
        require<DataError>(std::abs(place) < 1e9, "an output lies at ", place);
        if (rule.places == "tf_crop_and_resize" && (place < 0 || place > last)) continue;
        std::vector<double> column(static_cast<std::size_t>(axis.input));
        const auto at = [&](double input) -> double& {
            return column[static_cast<std::size_t>(std::clamp(input, 0.0, last))];
        };
        if (rule.mode == "nearest") {
            at(resize_nearest(rule, place)) = 1;
        } else {
            double sum = 0;
            // What lies farther outside than the reach counts for the edge alone.
            const double from = std::max(std::ceil(place - reach), -reach - 1);
            const double to = std::min(std::floor(place + reach), last + reach + 1);
            for (double input = from; input <= to; ++input) {
                if (rule.exclude_outside && (input < 0 || input > last)) continue;
                const double weight = resize_weight(rule, narrow * (input - place));
                at(input) += weight;
                sum += weight;
            }
            if (sum == 0) at(place) = sum = 1;
            for (double& weight : column) weight /= sum;
        }
        for (Index i = 0; i < axis.input; ++i)
            matrix[static_cast<std::size_t>(i) * columns + static_cast<std::size_t>(o)] =
                static_cast<float>(column[static_cast<std::size_t>(i)]);
    }
    return matrix;
}

/// Height or width, 1 or 2, by a matrix.
inline fovea::Node<float> resized(NodeReader& in, const fovea::Node<float>& x, Index axis, const ResizeRule& rule,
                                  const ResizedAxis& to) {
    const std::vector<Index> order = axis == 1 ? std::vector<Index>{3, 2, 1} : std::vector<Index>{1, 3, 2};
    const char* const name = axis == 1 ? "height" : "width";
    in.take(to.input * to.output);
    const auto y =
        in.add(Dense{.units = to.output, .use_bias = false, .trainable = false}, in.permuted(x, order, "turn"), name);
    in.set_weight(y, "kernel", resize_matrix(rule, to));
    return in.permuted(y, order, "back");
}

/// The extents of an image, in the file's order with the batch, that a Resize is to have, and its scales.
inline std::array<ResizedAxis, 4> resized_axes(NodeReader& in, const Shape& shape) {
    const bool older = in.op() == "Upsample" || in.opset() < 11;
    const std::size_t scales_input = older ? 1 : 2;
    const bool by_size = !older && in.has(3);
    Floats scales;
    Integers sizes, which = in.wholes("axes", {0, 1, 2, 3});
    if (in.op() == "Upsample" && in.opset() < 9)
        scales = in.value_or("scales", Floats{});
    else if (!by_size)
        scales = in.floats(scales_input);
    else
        sizes = in.integers(3);
    const Floats region = !older && in.has(1) ? in.floats(1) : Floats{};
    require<DataError>((by_size ? sizes.size() : scales.size()) == which.size(), "there must be as many ",
                       by_size ? "sizes" : "scales", " as axes, ", which.size());
    require<DataError>(region.empty() || region.size() == 2 * which.size(), "roi has ", region.size(), " numbers");
    const std::array<Index, 4> extents{1, shape[2], shape[0], shape[1]};
    std::array<ResizedAxis, 4> axes;
    for (std::size_t i = 0; i < 4; ++i) axes[i].input = axes[i].output = extents[i];
    const std::string policy = in.word("keep_aspect_ratio_policy", "stretch");
    double common = policy == "not_larger" ? 1e9 : 0;
    for (std::size_t i = 0; i < which.size(); ++i) {
        const std::int64_t number = which[i] < 0 ? which[i] + 4 : which[i];
        require<DataError>(0 <= number && number < 4, "there is no axis ", which[i]);
        ResizedAxis& axis = axes[static_cast<std::size_t>(number)];
        const bool is_batch = number == 0;
        if (by_size && !(is_batch && (sizes[i] == batch_extent || sizes[i] == in.batch()))) {
            require<DataError>(1 <= sizes[i] && sizes[i] <= 1 << 24, "a size of ", sizes[i], " is not supported");
            axis.output = sizes[i];
            axis.scale = static_cast<double>(axis.output) / static_cast<double>(axis.input);
            common = policy == "not_larger" ? std::min(common, axis.scale) : std::max(common, axis.scale);
        } else if (!by_size) {
            require<DataError>(scales[i] > 0 && scales[i] <= 1 << 16, "a scale of ", scales[i], " is not supported");
            axis.scale = double{scales[i]};
            axis.output = static_cast<Index>(std::floor(axis.scale * static_cast<double>(axis.input)));
        }
        if (!region.empty()) {
            axis.begin = double{region[i]};
            axis.end = double{region[which.size() + i]};
        }
    }
    for (std::size_t i = 0; by_size && policy != "stretch" && i < which.size(); ++i) {
        ResizedAxis& axis = axes[static_cast<std::size_t>(which[i] < 0 ? which[i] + 4 : which[i])];
        axis.scale = common;
        axis.output = static_cast<Index>(std::floor(common * static_cast<double>(axis.input) + 0.5));
    }
    const bool of_images = axes[0].output == 1 && axes[1].scale == 1 && axes[0].scale == 1;
    require<DataError>(of_images, "only height and width can be resized");
    for (const ResizedAxis& axis : axes)
        require<DataError>(1 <= axis.output && axis.output <= 1 << 24, "an extent would be ", axis.output);
    return axes;
}

} // namespace detail

/// Whole multiples are layers of their own: most ways to find the nearest pixel agree there.
inline void read_resize(NodeReader& in) {
    const Wire x = in.image(0);
    const bool older = in.op() == "Upsample" || in.opset() < 11;
    detail::ResizeRule rule;
    rule.mode = in.word("mode", "nearest");
    rule.places = in.word("coordinate_transformation_mode", older ? "asymmetric" : "half_pixel");
    rule.rounds = in.word("nearest_mode", older ? "floor" : "round_prefer_floor");
    rule.cubic = in.real("cubic_coeff_a", -0.75F);
    rule.antialias = in.whole("antialias", 0) != 0;
    rule.exclude_outside = in.whole("exclude_outside", 0) != 0;
    require<DataError>(rule.mode == "nearest" || rule.mode == "linear" || rule.mode == "cubic", "mode=", rule.mode,
                       " is not supported");
    const auto axes = detail::resized_axes(in, x.node.shape());
    const detail::ResizedAxis &height = axes[2], &width = axes[3];
    const auto is_whole = [](const detail::ResizedAxis& axis) {
        return axis.scale >= 1 && axis.scale == std::floor(axis.scale);
    };
    const bool by_middles = rule.places == "half_pixel" || rule.places == "pytorch_half_pixel";
    const bool nearest = rule.mode == "nearest" && (by_middles ? rule.rounds.starts_with("round")
                                                               : rule.places == "asymmetric" && rule.rounds == "floor");
    if (is_whole(height) && is_whole(width) && (nearest || (rule.mode == "linear" && by_middles))) {
        const UpSampling2D spec{.size = {height.output / height.input, width.output / width.input},
                                .interpolation = nearest ? Interpolation::nearest : Interpolation::bilinear};
        return in.give(in.add(spec, x.node), true, x.non_negative);
    }
    const double outside = rule.places == "tf_crop_and_resize" ? double{in.real("extrapolation_value", 0)} : 0;
    auto y = outside == 0 ? x.node : in.add(Rescaling{1, -outside}, x.node, "shift");
    y = detail::resized(in, y, 1, rule, height);
    y = detail::resized(in, y, 2, rule, width);
    in.give(outside == 0 ? y : in.add(Rescaling{1, outside}, y, "unshift"), true);
}

} // namespace fovea::onnx
