#pragma once
#include <algorithm>
#include <string>

#include <fovea/layers/all.hpp>
#include <fovea/onnx/node_reader.hpp>

/// ONNX nodes that change the height and width of images, but for pooling, as layers.
namespace fovea::onnx {

inline void read_pad(NodeReader& in) {
    const Wire x = in.image(0);
    const Integers pads = in.opset() < 11 ? in.wholes("pads", {}) : in.integers(1);
    const float value = in.opset() < 11                      ? in.real("value", 0)
                        : in.has(2) && !in.floats(2).empty() ? in.floats(2)[0]
                                                             : 0;
    require<DataError>(in.word("mode", "constant") == "constant" && value == 0 && !in.has(3),
                       "only zeros on all axes are supported");
    require<DataError>(pads.size() == 8 && pads[0] == 0 && pads[1] == 0 && pads[4] == 0 && pads[5] == 0,
                       "pads must be 8 numbers, 0 for batch and channels");
    in.give(in.add(ZeroPadding2D{{{pads[2], pads[6]}, {pads[3], pads[7]}}}, x.node), true, x.non_negative);
}

/// A part of the height and width.
inline void read_slice(NodeReader& in) {
    const Wire x = in.image(0);
    const bool older = in.opset() < 10;
    const Integers starts = older ? in.wholes("starts", {}) : in.integers(1);
    const Integers ends = older ? in.wholes("ends", {}) : in.integers(2);
    const Integers axes = older ? in.wholes("axes", {}) : in.has(3) ? in.integers(3) : Integers{};
    const Integers steps = !older && in.has(4) ? in.integers(4) : Integers(axes.size(), 1);
    const bool fits = starts.size() == axes.size() && ends.size() == axes.size() && steps == Integers(axes.size(), 1);
    require<DataError>(fits, "starts, ends and axes must be of one length, with steps of 1");
    Edges2D cut = 0;
    for (std::size_t i = 0; i < axes.size(); ++i) {
        const std::int64_t axis = axes[i] < 0 ? axes[i] + 4 : axes[i];
        require<DataError>(axis == 2 || axis == 3, "axis ", axes[i],
                           " is not supported, only height and width, 2 and 3");
        const std::int64_t extent = x.node.shape()[axis - 2];
        const auto place = [&](std::int64_t at) {
            return std::clamp<std::int64_t>(at < 0 ? std::max(at, -extent) + extent : at, 0, extent);
        };
        (axis == 2 ? cut.height : cut.width) = {place(starts[i]), extent - place(ends[i])};
    }
    in.give(in.add(Cropping2D{cut}, x.node), true, x.non_negative);
}

/// Whole multiples. Among the ways to find the nearest pixel most agree there; bilinear ones lie between the middles of pixels.
inline void read_resize(NodeReader& in) {
    const Wire x = in.image(0);
    const bool older = in.op() == "Upsample" || in.opset() < 11;
    const Floats scales =
        in.op() == "Upsample" && in.opset() < 9 ? in.value_or("scales", Floats{}) : in.floats(older ? 1 : 2);
    const auto is_whole = [](float scale) {
        return scale >= 1 && scale <= 1 << 16 && scale == static_cast<float>(static_cast<int>(scale));
    };
    require<DataError>(scales.size() == 4 && scales[0] == 1 && scales[1] == 1 && is_whole(scales[2]) &&
                           is_whole(scales[3]),
                       "scales must be 1, 1 and whole multiples of height and width");
    const std::string mode = in.word("mode", "nearest");
    const std::string places = in.word("coordinate_transformation_mode", older ? "asymmetric" : "half_pixel");
    const std::string rounds = in.word("nearest_mode", older ? "floor" : "round_prefer_floor");
    const bool by_middles = places == "half_pixel" || places == "pytorch_half_pixel";
    const bool nearest =
        mode == "nearest" && (by_middles ? rounds.starts_with("round") : places == "asymmetric" && rounds == "floor");
    require<DataError>(nearest || (mode == "linear" && by_middles), "mode=", mode,
                       " with coordinate_transformation_mode=", places, " and nearest_mode=", rounds,
                       " is not supported");
    const UpSampling2D spec{.size = {static_cast<Index>(scales[2]), static_cast<Index>(scales[3])},
                            .interpolation = nearest ? Interpolation::nearest : Interpolation::bilinear};
    in.give(in.add(spec, x.node), true, x.non_negative);
}

} // namespace fovea::onnx
