#pragma once
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <fovea/io/c_memory.hpp>
#include <fovea/io/c_program.hpp>
#include <fovea/layers/all.hpp>

namespace fovea::detail {

/// Where the tensors of a step are, as expressions in C.
struct CPlaces {
    std::vector<std::string> x;
    std::string y;
    std::string scratch;
};

/// Says the steps of a network in C.
template <class T>
class CLayers {
public:
    CLayers(const Network<T>& network, CProgram& program) : network_(network), program_(program) {}

    CStepNeeds needs(const Step<T>& step) const {
        const AnyLayer<T>& layer = first(step).layer;
        CStepNeeds needs;
        needs.is_copy = is_copy(layer);
        needs.in_place =
            !needs.is_copy && layer.input_shape() == layer.output_shape() &&
            (activation_of(layer) ||
             is_any<ReLU, LeakyReLU, ELU, PReLU, BatchNormalization, LayerNormalization, GroupNormalization,
                    UnitNormalization, Rescaling, Add, Subtract, Multiply, Average, Maximum, Minimum>(layer));
        if (pooling_of(step) != nullptr) needs.scratch = layer.output_shape().last();
        if (const auto* const separable = layer.template spec_if<SeparableConv2D>())
            needs.scratch = layer.input_shape().last() * separable->depth_multiplier;
        return needs;
    }

    /// Throws ValueError for a layer that cannot be said in C.
    void write(const Step<T>& step, const CPlaces& at) {
        const AnyLayer<T>& layer = first(step).layer;
        const Shape& in = layer.input_shape();
        const Shape& out = layer.output_shape();
        const std::string& x = at.x[0];
        if (is_copy(layer)) return copy(x, at.y, out);
        if (write_weighted(step, at)) return;
        if (const auto* const max_pooling = layer.template spec_if<MaxPooling2D>())
            return pool(max_pooling->window(in), at, in, false);
        if (const auto* const average_pooling = layer.template spec_if<AveragePooling2D>())
            return pool(average_pooling->window(in), at, in, true);
        if (const auto* const all_max = layer.template spec_if<GlobalMaxPooling2D>())
            return pool(all_max->window(in), at, in, false);
        if (is_any<GlobalAveragePooling2D>(layer))
            return pool(Window2D::whole(GlobalAveragePooling2D::type, in), at, in, true);
        if (const auto* const permute = layer.template spec_if<Permute>()) return write_permute(*permute, in, out, at);
        if (const auto* const padding = layer.template spec_if<ZeroPadding2D>())
            return write_padding(padding->padding, in, out, at);
        if (const auto* const cropping = layer.template spec_if<Cropping2D>()) {
            const Edges2D& edges = cropping->cropping;
            const Index skipped = (edges.height.before * in[1] + edges.width.before) * in[2];
            return program_.walk(text(x, " + ", skipped), at.y, axes(out, steps(in), steps(out)), '=');
        }
        if (const auto* const up_sampling = layer.template spec_if<UpSampling2D>())
            return write_up_sampling(*up_sampling, in, at);
        if (const auto* const concatenate = layer.template spec_if<Concatenate>())
            return write_concatenate(*concatenate, layer, at);
        if (write_merge(layer, at)) return;
        if (!write_elementwise(first(step), at))
            throw ValueError(text("export_header: \"", network_.layers()[first(step).of].name, "\" is a ", layer.type(),
                                  ", which cannot be written in C"));
    }

private:
    const Call<T>& first(const Step<T>& step) const { return network_.wiring().calls[step.calls.front()]; }

    template <class... Specs>
    static bool is_any(const AnyLayer<T>& layer) {
        return ((layer.template spec_if<Specs>() != nullptr) || ...);
    }

    bool is_copy(const AnyLayer<T>& layer) const {
        const auto* const activation = layer.template spec_if<ActivationLayer>();
        return is_any<Flatten, Reshape>(layer) || layer.idle_in_inference() ||
               (activation != nullptr && activation->activation == Activation::linear);
    }

    /// Of layers that are nothing but that.
    static std::optional<Activation> activation_of(const AnyLayer<T>& layer) {
        if (const auto* const activation = layer.template spec_if<ActivationLayer>()) return activation->activation;
        if (is_any<Softmax>(layer)) return Activation::softmax;
        if (is_any<ReLU>(layer) && layer.activation() == Activation::relu) return Activation::relu;
        return std::nullopt;
    }

    /// The MaxPooling2D that runs as one with a convolution, if there is one.
    const AnyLayer<T>* pooling_of(const Step<T>& step) const {
        const AnyLayer<T>& last = network_.wiring().calls[step.calls.back()].layer;
        return step.calls.size() > 1 && is_any<MaxPooling2D>(last) ? &last : nullptr;
    }

    /// Those with a kernel.
    bool write_weighted(const Step<T>& step, const CPlaces& at) {
        const Call<T>& call = first(step);
        const Shape& in = call.layer.input_shape();
        const Shape& out = call.layer.output_shape();
        const std::string& x = at.x[0];
        if (const auto* const conv2d = call.layer.template spec_if<Conv2D>()) {
            const auto [kernel, bias] = folded(step);
            const std::string window = window_of(conv2d->window(in), in[2], conv2d->filters, conv2d->groups);
            if (const AnyLayer<T>* const pooling = pooling_of(step)) {
                const Window2D over = pooling->template spec_if<MaxPooling2D>()->window(out);
                program_.call("conv2d_max_pooling2d",
                              {x, kernel, bias, at.y, window, window_of(over, out[2], out[2], 1), at.scratch});
            } else {
                program_.call("conv2d", {x, kernel, bias, at.y, window});
            }
            activate_row(step, conv2d->activation, at.y);
        } else if (const auto* const dense = call.layer.template spec_if<Dense>()) {
            const auto [kernel, bias] = folded(step);
            program_.call("dense",
                          {x, kernel, bias, at.y, c_int(in.size() / in.last()), c_int(in.last()), c_int(dense->units)});
            activate_row(step, dense->activation, at.y);
        } else if (const auto* const depthwise = call.layer.template spec_if<DepthwiseConv2D>()) {
            program_.call("depthwise_conv2d", {x, parameter(call, "kernel"), parameter(call, "bias"), at.y,
                                               window_of(depthwise->window(in), in[2], out[2], in[2])});
            activate(depthwise->activation, at.y, out);
        } else if (const auto* const separable = call.layer.template spec_if<SeparableConv2D>()) {
            program_.call("separable_conv2d",
                          {x, parameter(call, "depthwise_kernel"), parameter(call, "pointwise_kernel"),
                           parameter(call, "bias"), at.y,
                           window_of(separable->window(in), in[2], in[2] * separable->depth_multiplier, in[2]),
                           c_int(separable->filters), at.scratch});
            activate(separable->activation, at.y, out);
        } else if (const auto* const transpose = call.layer.template spec_if<Conv2DTranspose>()) {
            const Window2D w = transpose->window(in); // of the convolution from y to x
            const std::string window = program_.window(
                {in[0], in[1], in[2], out[0], out[1], out[2], w.height.kernel, w.width.kernel, w.height.stride,
                 w.width.stride, w.height.dilation, w.width.dilation, w.height.before, w.width.before, 1});
            program_.call("conv2d_transpose",
                          {x, transposed(call, w.taps(), out[2], in[2]), parameter(call, "bias"), at.y, window});
            activate(transpose->activation, at.y, out);
        } else {
            return false;
        }
        return true;
    }

    /// Layers that change each element where it is.
    bool write_elementwise(const Call<T>& call, const CPlaces& at) {
        const AnyLayer<T>& layer = call.layer;
        const Shape& shape = layer.output_shape();
        const std::string size = c_int(shape.size());
        const auto begin = [&] { copy(at.x[0], at.y, shape); };
        const auto number = [&](double value) { return c_float(value, layer.type()); };
        if (const auto activation = activation_of(layer)) {
            begin();
            activate(*activation, at.y, shape);
        } else if (const auto* const relu = layer.template spec_if<ReLU>()) {
            begin();
            program_.call("limited_relu", {at.y, size, number(relu->negative_slope), number(relu->threshold),
                                           relu->max_value ? number(*relu->max_value) : "HUGE_VALF"});
        } else if (const auto* const leaky = layer.template spec_if<LeakyReLU>()) {
            begin();
            program_.call("leaky_relu", {at.y, size, number(leaky->negative_slope)});
        } else if (const auto* const elu = layer.template spec_if<ELU>()) {
            begin();
            program_.call("elu", {at.y, size, number(elu->alpha)});
        } else if (is_any<PReLU>(layer)) {
            begin();
            const Shape& alpha = find(call, "alpha")->place.shape;
            program_.walk(parameter(call, "alpha"), at.y, axes(shape, repeated(alpha, shape), steps(shape)), 'p');
        } else if (const auto* const rescaling = layer.template spec_if<Rescaling>()) {
            begin();
            combine_with_one(rescaling->scale, "scale", at.y, shape, '*');
            combine_with_one(rescaling->offset, "offset", at.y, shape, '+');
        } else if (const auto* const batch = layer.template spec_if<BatchNormalization>()) {
            begin();
            write_batch_normalization(*batch, call, at.y, shape);
        } else if (const auto* const rows = layer.template spec_if<LayerNormalization>()) {
            begin();
            const Index features = rows->features(shape).size();
            program_.call("normalization", {at.y, c_int(shape.size() / features), "1", c_int(features), "1",
                                            parameter(call, "gamma"), parameter(call, "beta"), number(rows->epsilon)});
        } else if (const auto* const group = layer.template spec_if<GroupNormalization>()) {
            begin();
            const ops::GroupNormGeometry g = group->geometry(shape);
            program_.call("normalization", {at.y, "1", c_int(g.positions), c_int(g.channels), c_int(g.groups),
                                            parameter(call, "gamma"), parameter(call, "beta"), number(group->epsilon)});
        } else if (is_any<UnitNormalization>(layer)) {
            begin();
            program_.call("unit_normalization", {at.y, c_int(shape.size() / shape.last()), c_int(shape.last())});
        } else {
            return false;
        }
        return true;
    }

    void write_batch_normalization(const BatchNormalization& spec, const Call<T>& call, const std::string& y,
                                   const Shape& shape) {
        const ConstView<T> variance = network_.value(*find(call, "moving_variance"));
        const NamedParameter* const gamma = find(call, "gamma");
        std::vector<T> factors;
        for (Index c = 0; c < variance.size(); ++c)
            factors.push_back((gamma ? network_.value(*gamma)[c] : T{1}) /
                              std::sqrt(variance[c] + static_cast<T>(spec.epsilon)));
        const std::vector<CProgram::Axis> channels{{shape.size() / shape.last(), 0, shape.last()},
                                                   {shape.last(), 1, 1}};
        program_.walk(parameter(call, "moving_mean"), y, channels, '-');
        program_.walk(program_.array(name_of(call) + "_scale", factors), y, channels, '*');
        if (find(call, "beta") != nullptr) program_.walk(parameter(call, "beta"), y, channels, '+');
    }

    bool write_merge(const AnyLayer<T>& layer, const CPlaces& at) {
        const bool average = is_any<Average>(layer);
        const char how = average || is_any<Add>(layer) ? '+'
                         : is_any<Subtract>(layer)     ? '-'
                         : is_any<Multiply>(layer)     ? '*'
                         : is_any<Maximum>(layer)      ? '>'
                         : is_any<Minimum>(layer)      ? '<'
                                                       : '\0';
        if (how == '\0') return false;
        const Shape& shape = layer.output_shape();
        for (std::size_t k = 0; k < at.x.size(); ++k)
            if (k > 0 || at.x[k] != at.y)
                program_.walk(at.x[k], at.y, axes(shape, repeated(layer.input_shapes()[k], shape), steps(shape)),
                              k == 0 ? '=' : how);
        if (average) combine_with_one(1.0 / static_cast<double>(at.x.size()), "scale", at.y, shape, '*');
        return true;
    }

    void write_concatenate(const Concatenate& spec, const AnyLayer<T>& layer, const CPlaces& at) {
        const Shape& out = layer.output_shape();
        const std::size_t along = spec.sample_axis(out);
        const std::vector<Index> to = steps(out);
        Index begin = 0;
        for (std::size_t k = 0; k < at.x.size(); ++k) {
            const Shape& in = layer.input_shapes()[k];
            program_.walk(at.x[k], text(at.y, " + ", begin * to[along]), axes(in, steps(in), to), '=');
            begin += in.begin()[along];
        }
    }

    void write_permute(const Permute& spec, const Shape& in, const Shape& out, const CPlaces& at) {
        std::vector<Index> from;
        for (const Index axis : spec.dims) from.push_back(steps(in)[static_cast<std::size_t>(axis - 1)]);
        program_.walk(at.x[0], at.y, axes(out, from, steps(out)), '=');
    }

    void write_padding(const Edges2D& edges, const Shape& in, const Shape& out, const CPlaces& at) {
        program_.call("fill", {at.y, c_int(out.size()), "0"});
        const Index before = (edges.height.before * out[1] + edges.width.before) * out[2];
        program_.walk(at.x[0], text(at.y, " + ", before), axes(in, steps(in), steps(out)), '=');
    }

    void write_up_sampling(const UpSampling2D& spec, const Shape& in, const CPlaces& at) {
        const auto [rows, columns] = spec.size;
        const Index row = in[1] * columns * in[2];
        if (spec.interpolation == Interpolation::nearest)
            program_.walk(at.x[0], at.y,
                          {{in[0], in[1] * in[2], rows * row},
                           {rows, 0, row},
                           {in[1], in[2], columns * in[2]},
                           {columns, 0, in[2]},
                           {in[2], 1, 1}},
                          '=');
        else
            program_.call("up_sampling2d",
                          {at.x[0], at.y, c_int(in[0]), c_int(in[1]), c_int(in[2]), c_int(rows), c_int(columns)});
    }

    void pool(const Window2D& window, const CPlaces& at, const Shape& in, bool mean) {
        program_.call("pooling2d", {at.x[0], at.y, window_of(window, in[2], in[2], 1), mean ? "1" : "0"});
    }

    std::string window_of(const Window2D& w, Index channels, Index out_channels, Index groups) {
        return program_.window({w.height.input, w.width.input, channels, w.height.output, w.width.output, out_channels,
                                w.height.kernel, w.width.kernel, w.height.stride, w.width.stride, w.height.dilation,
                                w.width.dilation, w.height.before, w.width.before, groups});
    }

    void copy(const std::string& x, const std::string& y, const Shape& shape) {
        if (x != y) program_.walk(x, y, {{shape.size(), 1, 1}}, '=');
    }

    void combine_with_one(double value, const char* label, const std::string& y, const Shape& shape, char how) {
        program_.walk(program_.array(label, std::vector<double>{value}), y, {{shape.size(), 0, 1}}, how);
    }

    void activate(Activation activation, const std::string& y, const Shape& shape) {
        const std::string size = c_int(shape.size());
        if (activation == Activation::softmax)
            program_.call("softmax", {y, c_int(shape.size() / shape.last()), c_int(shape.last())});
        else if (activation == Activation::leaky_relu)
            program_.call("leaky_relu", {y, size, "0.2f"});
        else if (activation == Activation::elu)
            program_.call("elu", {y, size, "1.0f"});
        else if (activation != Activation::linear)
            program_.call(fovea::name_of(activation), {y, size});
    }

    /// The layer's own activation, and what the row has behind it.
    void activate_row(const Step<T>& step, Activation own, const std::string& y) {
        const Shape& shape = network_.wiring().wires[step.output];
        activate(own, y, shape);
        for (std::size_t i = 1; i < step.calls.size(); ++i)
            if (const auto activation = activation_of(network_.wiring().calls[step.calls[i]].layer))
                activate(*activation, y, shape);
    }

    /// Kernel and bias, with the BatchNormalization behind them, if the row has one.
    std::pair<std::string, std::string> folded(const Step<T>& step) {
        const Call<T>& call = first(step);
        if (step.calls.size() > 1) {
            const AnyLayer<T>& next = network_.wiring().calls[step.calls[1]].layer;
            if (const auto* const layer = next.template get_if<BatchNormalization::Layer<T>>()) {
                const NormalizationFold<T> fold = layer->fold();
                const NamedParameter* const bias = find(call, "bias");
                std::vector<T> shifts(static_cast<std::size_t>(fold.channels()));
                fold.bias(network_.values(), bias ? bias->place : Parameter{}, shifts.data());
                const std::string kernel = program_.array(name_of(call) + "_kernel",
                                                          fold.kernel(network_.values(), find(call, "kernel")->place));
                return {kernel, program_.array(name_of(call) + "_bias", shifts)};
            }
        }
        return {parameter(call, "kernel"), parameter(call, "bias")};
    }

    /// The kernel (taps, filters, channels) as (taps, channels, filters).
    std::string transposed(const Call<T>& call, Index taps, Index filters, Index channels) {
        const NamedParameter& kernel = *find(call, "kernel");
        const ConstView<T> from = network_.value(kernel);
        std::vector<T> to;
        for (Index tap = 0; tap < taps; ++tap)
            for (Index c = 0; c < channels; ++c)
                for (Index f = 0; f < filters; ++f) to.push_back(from[(tap * filters + f) * channels + c]);
        return known(kernel, to);
    }

    /// The name of its array, or 0 for a parameter that the layer does not have.
    std::string parameter(const Call<T>& call, const char* name) {
        const NamedParameter* const found = find(call, name);
        return found == nullptr ? "0" : known(*found, network_.value(*found));
    }

    /// Calls of a shared layer have one array.
    template <class Numbers>
    std::string known(const NamedParameter& parameter, const Numbers& numbers) {
        std::string& array = arrays_[parameter.place.offset];
        if (array.empty()) array = program_.array(parameter.name, numbers);
        return array;
    }

    const NamedParameter* find(const Call<T>& call, std::string_view name) const {
        const NamedLayer<T>& layer = network_.layers()[call.of];
        for (std::size_t i = layer.first; i < layer.last; ++i) {
            const NamedParameter& parameter = network_.parameters()[i];
            if (parameter.name == layer.name + '/' + std::string(name)) return &parameter;
        }
        return nullptr;
    }

    const std::string& name_of(const Call<T>& call) const { return network_.layers()[call.of].name; }

    static std::vector<Index> steps(const Shape& shape) { return repeated(shape, shape); }

    /// Steps along the axes of `shape` for a tensor whose extents are the same or 1, and then it is repeated.
    static std::vector<Index> repeated(const Shape& tensor, const Shape& shape) {
        std::vector<Index> result(static_cast<std::size_t>(shape.rank()));
        Index step = 1;
        for (std::size_t axis = result.size(); axis-- > 0; step *= tensor.begin()[axis])
            result[axis] = tensor.begin()[axis] == shape.begin()[axis] ? step : 0;
        return result;
    }

    static std::vector<CProgram::Axis> axes(const Shape& shape, const std::vector<Index>& from,
                                            const std::vector<Index>& to) {
        std::vector<CProgram::Axis> result;
        for (std::size_t i = 0; i < from.size(); ++i) result.push_back({shape.begin()[i], from[i], to[i]});
        return result;
    }

    const Network<T>& network_;
    CProgram& program_;
    std::map<Index, std::string> arrays_; ///< of parameters, by their offset
};

} // namespace fovea::detail
