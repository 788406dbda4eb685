#pragma once
#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <fovea/onnx/fold_shapes.hpp>
#include <fovea/onnx/proto.hpp>

/// What nodes make of constants alone, and of shapes: exporters spell out paddings and targets of a Reshape by them. Results are bounded
/// by the memory limit, as tensors of samples are.
namespace fovea::onnx {

namespace detail {

/// To real or to whole numbers, of whatever size.
inline Constant fold_cast(NodeReader& in) {
    const Constant& x = in.constant(0);
    in.take(count_of(x.dims));
    const std::int64_t type = in.whole("to", 0);
    const bool to_real = type == static_cast<std::int64_t>(proto::DataType::float32) ||
                         type == static_cast<std::int64_t>(proto::DataType::float64);
    const bool to_whole = type == static_cast<std::int64_t>(proto::DataType::int32) ||
                          type == static_cast<std::int64_t>(proto::DataType::int64);
    require<DataError>(to_real || to_whole, "a cast to type ", type, " is not supported");
    Constant y{{}, x.dims, {}};
    if (const auto* const whole = std::get_if<Integers>(&x.elements); whole != nullptr && to_real) {
        Floats real;
        for (const std::int64_t value : *whole) {
            require<DataError>(value != batch_extent, "computes with the extent of the batch");
            real.push_back(static_cast<float>(value));
        }
        y.elements = std::move(real);
    } else if (const auto* const real = std::get_if<Floats>(&x.elements); real != nullptr && to_whole) {
        Integers cut;
        for (const float value : *real) {
            require<DataError>(std::abs(value) < 9e18F, value, " is no whole number");
            cut.push_back(static_cast<std::int64_t>(value));
        }
        y.elements = std::move(cut);
    } else {
        y.elements = x.elements;
    }
    return y;
}

/// Whole numbers wrap around, as in other runtimes.
inline std::int64_t combined(std::string_view op, std::int64_t a, std::int64_t b) {
    if (op == "Mul" && (a == 1 || b == 1)) return a == 1 ? b : a;
    require<DataError>(a != batch_extent && b != batch_extent, "computes with the extent of the batch");
    const auto x = static_cast<std::uint64_t>(a), y = static_cast<std::uint64_t>(b);
    if (op == "Add") return static_cast<std::int64_t>(x + y);
    if (op == "Sub") return static_cast<std::int64_t>(x - y);
    if (op == "Mul") return static_cast<std::int64_t>(x * y);
    require<DataError>(b != 0, "division by 0");
    if (op == "Mod") return b == -1 ? 0 : a % b != 0 && (a < 0) != (b < 0) ? a % b + b : a % b;
    return b == -1 ? static_cast<std::int64_t>(0 - x) : a / b;
}

inline float combined(std::string_view op, float a, float b) {
    if (op == "Add") return a + b;
    if (op == "Sub") return a - b;
    if (op == "Mod") return std::fmod(a, b);
    return op == "Mul" ? a * b : a / b;
}

inline Constant fold_arithmetic(NodeReader& in) {
    const Broadcast both(in.constant(0).dims, in.constant(1).dims);
    Constant a = strided(in, in.constant(0), both.dims, both.strides(in.constant(0).dims), 0);
    const Constant b = strided(in, in.constant(1), both.dims, both.strides(in.constant(1).dims), 0);
    std::visit(
        [&](auto& x) {
            const auto* const y = std::get_if<std::decay_t<decltype(x)>>(&b.elements);
            require<DataError>(y != nullptr, "constants are of several types");
            for (std::size_t i = 0; i < x.size(); ++i) x[i] = combined(in.op(), x[i], (*y)[i]);
        },
        a.elements);
    return a;
}

inline Constant fold_negative(NodeReader& in) {
    Constant x = in.constant(0);
    in.take(count_of(x.dims));
    std::visit(
        [](auto& values) {
            for (auto& value : values) value = combined("Sub", {}, value);
        },
        x.elements);
    return x;
}

/// Of real numbers.
inline Constant fold_function(NodeReader& in) {
    Floats values = in.floats(0);
    in.take(static_cast<std::int64_t>(values.size()));
    const std::string& op = in.op();
    for (float& x : values) x = op == "Sqrt" ? std::sqrt(x) : op == "Floor" ? std::floor(x) : std::ceil(x);
    return {{}, in.constant(0).dims, std::move(values)};
}

/// Of a tensor that is no constant, too.
inline Constant fold_shape(NodeReader& in) {
    Integers dims = in.is_constant(0) ? in.constant(0).dims : in.file_dims(0);
    const auto rank = static_cast<std::int64_t>(dims.size());
    const auto place = [&](const char* name, std::int64_t otherwise) {
        const std::int64_t at = in.whole(name, otherwise);
        return std::clamp<std::int64_t>(at < 0 ? std::max(at, -rank) + rank : at, 0, rank);
    };
    const std::int64_t start = place("start", 0), end = std::max(place("end", rank), start);
    dims = Integers(dims.begin() + start, dims.begin() + end);
    return {{}, {static_cast<std::int64_t>(dims.size())}, dims};
}

} // namespace detail

/// Does what a node says if it reads only constants. False: it does not, or is none that can be done at once.
inline bool fold_constants(NodeReader& in) {
    using namespace detail;
    using Fold = Constant (*)(NodeReader&);
    static const std::map<std::string_view, Fold> folds{
        {"Add", fold_arithmetic},     {"Cast", fold_cast},
        {"Ceil", fold_function},      {"Concat", fold_concat},
        {"Div", fold_arithmetic},     {"ConstantOfShape", fold_constant_of_shape},
        {"Expand", fold_expand},      {"Floor", fold_function},
        {"Gather", fold_gather},      {"Identity", [](NodeReader& node) { return node.constant(0); }},
        {"Mod", fold_arithmetic},     {"Mul", fold_arithmetic},
        {"Neg", fold_negative},       {"Reshape", fold_reshape},
        {"Shape", fold_shape},        {"Slice", fold_slice},
        {"Sqrt", fold_function},      {"Squeeze", fold_squeeze},
        {"Sub", fold_arithmetic},     {"Transpose", fold_transpose},
        {"Unsqueeze", fold_unsqueeze}};
    const auto found = folds.find(in.op());
    if (found == folds.end() || in.inputs() == 0) return false;
    for (std::size_t i = 0; i < in.inputs(); ++i)
        if (in.has(i) && !in.is_constant(i) && in.op() != "Shape") return false;
    in.give(found->second(in));
    return true;
}

} // namespace fovea::onnx
