#pragma once
#include <algorithm>
#include <set>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <fovea/onnx/node_reader.hpp>

/// Constants that other constants are parts of, put together or in other shapes.
namespace fovea::onnx {

namespace detail {

inline std::int64_t count_of(const Integers& dims) {
    std::int64_t count = 1;
    for (const std::int64_t extent : dims) {
        require<DataError>(extent >= 0 && (extent == 0 || count <= (std::int64_t{1} << 40) / extent),
                           "a constant would be too large");
        count *= extent;
    }
    return count;
}

inline Integers strides_of(const Integers& dims) {
    Integers strides(dims.size(), 1);
    for (std::size_t axis = dims.size(); axis-- > 1;) strides[axis - 1] = count_of({strides[axis], dims[axis]});
    return strides;
}

inline std::size_t axis_of(std::int64_t axis, std::size_t rank) {
    const auto axes = static_cast<std::int64_t>(rank);
    require<DataError>(-axes <= axis && axis < axes, "there is no axis ", axis, " of ", rank);
    return static_cast<std::size_t>(axis < 0 ? axis + axes : axis);
}

/// Element (i, j ...) is that at `offset` + i * strides[0] + j * strides[1] ...
inline Constant strided(NodeReader& in, const Constant& x, const Integers& dims, const Integers& strides,
                        std::int64_t offset) {
    constexpr std::size_t most_axes = 8;
    require<DataError>(dims.size() <= most_axes, "a constant would have ", dims.size(), " axes");
    const std::int64_t count = count_of(dims);
    in.take(count);
    Constant y{{}, dims, {}};
    std::visit(
        [&](const auto& from) {
            std::decay_t<decltype(from)> to(static_cast<std::size_t>(count));
            Integers place(dims.size());
            std::int64_t at = offset;
            for (auto& value : to) {
                value = from[static_cast<std::size_t>(at)];
                for (std::size_t axis = dims.size(); axis-- > 0;) {
                    at += strides[axis];
                    if (++place[axis] < dims[axis]) break;
                    at -= strides[axis] * dims[axis];
                    place[axis] = 0;
                }
            }
            y.elements = std::move(to);
        },
        x.elements);
    return y;
}

inline Constant with_dims(NodeReader& in, Constant x, Integers dims) {
    const std::int64_t count = count_of(x.dims);
    require<DataError>(count_of(dims) == count, "a constant of ", count, " elements does not fit the new shape");
    in.take(count);
    x.dims = std::move(dims);
    return x;
}

/// The dims that two constants have together, and the strides of each in it.
struct Broadcast {
    Broadcast(const Integers& a, const Integers& b) : dims(std::max(a.size(), b.size()), 1) {
        for (const Integers* const x : {&a, &b})
            for (std::size_t i = 0; i < x->size(); ++i) {
                std::int64_t& extent = dims[dims.size() - x->size() + i];
                require<DataError>(extent == 1 || (*x)[i] == 1 || extent == (*x)[i], "constants do not fit each other");
                if (extent == 1) extent = (*x)[i];
            }
    }
    Integers strides(const Integers& x) const {
        const Integers own = strides_of(x);
        Integers strides(dims.size());
        for (std::size_t i = 0; i < x.size(); ++i) strides[dims.size() - x.size() + i] = x[i] == 1 ? 0 : own[i];
        return strides;
    }

    Integers dims;
};

inline Constant fold_slice(NodeReader& in) {
    const Constant& x = in.constant(0);
    const auto [starts, ends, axes, steps] = slices_of(in);
    require<DataError>(starts.size() == axes.size() && ends.size() == axes.size() && steps.size() == axes.size(),
                       "starts, ends, axes and steps must be of one length");
    Integers dims = x.dims, strides = strides_of(x.dims);
    std::int64_t offset = 0;
    for (std::size_t i = 0; i < axes.size(); ++i) {
        const std::size_t axis = axis_of(axes[i], dims.size());
        const std::int64_t extent = x.dims[axis], step = steps[i];
        require<DataError>(step != 0 && -(1 << 20) < step && step < 1 << 20, "steps of ", step, " are not supported");
        const auto place = [&](std::int64_t at, std::int64_t least, std::int64_t most) {
            return std::clamp<std::int64_t>(at < 0 ? std::max(at, -extent - 1) + extent : at, least, most);
        };
        const std::int64_t start = place(starts[i], 0, step > 0 ? extent : extent - 1);
        const std::int64_t end = step > 0 ? place(ends[i], 0, extent) : place(ends[i], -1, extent - 1);
        const std::int64_t count = step > 0 ? (end - start + step - 1) / step : (start - end - step - 1) / -step;
        dims[axis] = std::max<std::int64_t>(count, 0);
        if (dims[axis] > 0) offset += start * strides[axis];
        strides[axis] *= step;
    }
    return strided(in, x, dims, strides, offset);
}

inline Constant fold_gather(NodeReader& in) {
    const Constant& x = in.constant(0);
    const Integers& indices = in.integers(1);
    const std::size_t axis = axis_of(in.whole("axis", 0), x.dims.size());
    const auto at = x.dims.begin() + static_cast<std::ptrdiff_t>(axis);
    Integers dims(x.dims.begin(), at);
    dims.insert(dims.end(), in.constant(1).dims.begin(), in.constant(1).dims.end());
    dims.insert(dims.end(), at + 1, x.dims.end());
    in.take(count_of(dims));
    const auto inner = static_cast<std::size_t>(count_of({at + 1, x.dims.end()}));
    const auto outer = static_cast<std::size_t>(count_of({x.dims.begin(), at}));
    Constant y{{}, dims, {}};
    std::visit(
        [&](const auto& from) {
            std::decay_t<decltype(from)> to;
            for (std::size_t o = 0; o < outer; ++o)
                for (const std::int64_t index : indices) {
                    require<DataError>(-*at <= index && index < *at, "there is no element ", index, " of ", *at);
                    const auto row = static_cast<std::size_t>(index < 0 ? index + *at : index);
                    const auto first = (o * static_cast<std::size_t>(*at) + row) * inner;
                    for (std::size_t i = 0; i < inner; ++i) to.push_back(from[first + i]);
                }
            y.elements = std::move(to);
        },
        x.elements);
    return y;
}

inline Constant fold_concat(NodeReader& in) {
    Constant y{{}, in.constant(0).dims, {}};
    const std::size_t axis = axis_of(in.whole("axis", 1), y.dims.size());
    y.dims[axis] = 0;
    for (std::size_t i = 0; i < in.inputs(); ++i) {
        Integers dims = in.constant(i).dims;
        require<DataError>(dims.size() == y.dims.size(), "constants do not fit each other");
        y.dims[axis] += std::exchange(dims[axis], y.dims[axis]);
        dims[axis] = y.dims[axis];
        require<DataError>(dims == y.dims, "constants do not fit each other");
    }
    in.take(count_of(y.dims));
    const auto at = y.dims.begin() + static_cast<std::ptrdiff_t>(axis);
    const auto outer = static_cast<std::size_t>(count_of({y.dims.begin(), at}));
    std::visit(
        [&](const auto& first) {
            using Row = std::decay_t<decltype(first)>;
            Row to;
            for (std::size_t o = 0; o < outer; ++o)
                for (std::size_t i = 0; i < in.inputs(); ++i) {
                    const Row* const from = std::get_if<Row>(&in.constant(i).elements);
                    require<DataError>(from != nullptr, "constants are of several types");
                    const std::size_t count = from->size() / outer;
                    const auto begin = from->begin() + static_cast<std::ptrdiff_t>(o * count);
                    to.insert(to.end(), begin, begin + static_cast<std::ptrdiff_t>(count));
                }
            y.elements = std::move(to);
        },
        in.constant(0).elements);
    return y;
}

inline Constant fold_transpose(NodeReader& in) {
    const Constant& x = in.constant(0);
    Integers perm = in.wholes("perm", {});
    if (perm.empty())
        for (std::size_t axis = x.dims.size(); axis-- > 0;) perm.push_back(static_cast<std::int64_t>(axis));
    require<DataError>(perm.size() == x.dims.size(), "perm does not fit a constant of ", x.dims.size(), " axes");
    const Integers old = strides_of(x.dims);
    Integers dims, strides;
    for (const std::int64_t axis : perm) {
        const std::size_t from = axis_of(axis, perm.size());
        dims.push_back(x.dims[from]);
        strides.push_back(old[from]);
    }
    require<DataError>(count_of(dims) == count_of(x.dims), "perm has an axis twice");
    return strided(in, x, dims, strides, 0);
}

inline Constant fold_reshape(NodeReader& in) {
    const Constant& x = in.constant(0);
    Integers dims = in.integers(1);
    std::int64_t* open = nullptr;
    for (std::size_t i = 0; i < dims.size(); ++i) {
        if (dims[i] == 0 && i < x.dims.size()) dims[i] = x.dims[i];
        if (dims[i] != -1) continue;
        require<DataError>(open == nullptr, "two extents are -1");
        dims[i] = 1;
        open = &dims[i];
    }
    if (open != nullptr) *open = count_of(x.dims) / std::max<std::int64_t>(count_of(dims), 1);
    return with_dims(in, x, dims);
}

inline Constant fold_squeeze(NodeReader& in) {
    const Constant& x = in.constant(0);
    const Integers axes = in.axes(1);
    std::set<std::size_t> gone;
    for (const std::int64_t axis : axes) gone.insert(axis_of(axis, x.dims.size()));
    Integers dims;
    for (std::size_t i = 0; i < x.dims.size(); ++i)
        if (axes.empty() ? x.dims[i] != 1 : !gone.contains(i)) dims.push_back(x.dims[i]);
    return with_dims(in, x, dims);
}

inline Constant fold_unsqueeze(NodeReader& in) {
    const Constant& x = in.constant(0);
    const Integers axes = in.axes(1);
    std::set<std::size_t> ones;
    for (const std::int64_t axis : axes) ones.insert(axis_of(axis, x.dims.size() + axes.size()));
    require<DataError>(ones.size() == axes.size(), "an axis is there twice");
    Integers dims = x.dims;
    for (const std::size_t axis : ones) dims.insert(dims.begin() + static_cast<std::ptrdiff_t>(axis), 1);
    return with_dims(in, x, dims);
}

inline Constant fold_expand(NodeReader& in) {
    const Constant& x = in.constant(0);
    const Broadcast both(x.dims, in.integers(1));
    return strided(in, x, both.dims, both.strides(x.dims), 0);
}

inline Constant fold_constant_of_shape(NodeReader& in) {
    const Constant value = in.value_or("value", Constant{{}, {1}, Floats{0}});
    require<DataError>(count_of(value.dims) == 1, "value must be one number");
    const Integers& dims = in.integers(0);
    return strided(in, value, dims, Integers(dims.size()), 0);
}

} // namespace detail

} // namespace fovea::onnx
