#pragma once
#include <limits>
#include <string>
#include <vector>

#include <fovea/core/tensor.hpp>
#include <fovea/layers/layer.hpp>
#include <fovea/models/model.hpp>
#include <fovea/testing/gradient_comparison.hpp>

namespace fovea {

namespace detail {

inline double symmetric_random(const random::Stream& stream, Index i) {
    return 2 * stream.uniform(static_cast<std::uint64_t>(i)) - 1;
}

/// Which entries of a tensor of `size` are looked at.
inline std::vector<Index> entries_to_check(Index size, const GradientCheckOptions& options, std::uint32_t tensor) {
    std::vector<Index> entries;
    const random::Stream stream{options.seed, random::Purpose::user, tensor, 1};
    for (Index i = 0; i < std::min(size, options.entries); ++i)
        entries.push_back(size <= options.entries
                              ? i
                              : stream.below(static_cast<std::uint64_t>(i), static_cast<std::uint32_t>(size)));
    return entries;
}

/// A layer with all that a model would hold for it, and the loss sum(g * y) with fixed random g.
class LayerUnderTest {
public:
    /// `input` is the shape of one sample, or those of several inputs.
    template <class S, class Input>
    LayerUnderTest(const S& spec, const Input& input, Index batch, const GradientCheckOptions& options)
        : options_(options), registry_(named(S::type)), layer_(spec, input, registry_), x_(random_inputs(batch)),
          g_(random_tensor(layer_.output_shape().prepend(batch), inputs(), 0, 1)), values_(Shape{registry_.size()}),
          gradients_(Shape{registry_.size()}), prepared_(Shape{layer_.prepared_bytes(options.training)}),
          kept_(Shape{layer_.kept_bytes(batch)}), scratch_(Shape{layer_.scratch_bytes(batch)}) {
        // Random parameters around where they start; states such as a moving variance only get larger.
        for (std::size_t i = 0; i < parameters().size(); ++i) {
            const NamedParameter& p = parameters()[i];
            const auto number = static_cast<std::uint32_t>(i) + inputs() + 1;
            const View<double> value = view(values_, p);
            p.initializer.fill(value, p.fans, {options.seed, random::Purpose::initialize, number, 0});
            const Tensor<double> noise = random_tensor(p.place.shape, number, p.is_state ? 0.3 : 0, 0.3);
            for (Index k = 0; k < value.size(); ++k) value[k] += noise[k];
        }
    }

    const std::vector<NamedParameter>& parameters() const { return registry_.parameters(); }
    std::vector<Tensor<double>>& x() { return x_; }
    View<double> value(const NamedParameter& p) { return view(values_, p); }
    ConstView<double> gradient(const NamedParameter& p) { return view(gradients_, p); }

    Tensor<double> forward() {
        Tensor<double> y(g_.shape(), std::numeric_limits<double>::quiet_NaN());
        Pass<double> pass = make_pass();
        layer_.forward(x_views(), y, pass);
        return y;
    }

    /// The gradient by each x; those by the parameters are then in gradient().
    std::vector<Tensor<double>> backward(const Tensor<double>& y) {
        std::vector<Tensor<double>> dx;
        for (const Tensor<double>& x : x_) dx.emplace_back(x.shape(), std::numeric_limits<double>::quiet_NaN());
        const std::vector<View<double>> dx_views(dx.begin(), dx.end());
        Tensor<double> dy = g_;
        gradients_.fill(0);
        Pass<double> pass = make_pass();
        layer_.backward(x_views(), y, dy, dx_views, pass);
        return dx;
    }

    /// What the loss is, less what it was for `before`. Outputs are subtracted before they are summed, so that those that stay
    /// the same add no rounding.
    double change(const Tensor<double>& before) {
        const Tensor<double> y = forward();
        double sum = 0;
        for (Index i = 0; i < y.size(); ++i) sum += g_[i] * (y[i] - before[i]);
        return sum;
    }

private:
    static ParameterRegistry named(std::string_view type) {
        ParameterRegistry registry;
        registry.begin_layer(std::string(type));
        return registry;
    }

    static View<double> view(Tensor<double>& block, const NamedParameter& p) {
        return {block.data() + p.place.offset, p.place.shape};
    }

    std::uint32_t inputs() const { return static_cast<std::uint32_t>(layer_.input_shapes().size()); }

    std::vector<Tensor<double>> random_inputs(Index batch) const {
        std::vector<Tensor<double>> x;
        for (std::uint32_t k = 0; k < inputs(); ++k)
            x.push_back(random_tensor(layer_.input_shapes()[k].prepend(batch), k, 0, 1));
        return x;
    }

    std::vector<ConstView<double>> x_views() const { return {x_.begin(), x_.end()}; }

    /// Uniform in middle - reach .. middle + reach.
    Tensor<double> random_tensor(const Shape& shape, std::uint32_t number, double middle, double reach) const {
        Tensor<double> result(shape);
        const random::Stream stream{options_.seed, random::Purpose::user, number, 0};
        for (Index i = 0; i < result.size(); ++i) result[i] = middle + reach * symmetric_random(stream, i);
        return result;
    }

    /// States are not to be moved: every forward must find the same.
    Pass<double> make_pass() {
        Pass<double> pass;
        pass.training = options_.training;
        pass.values = values_.span();
        pass.gradients = gradients_.span();
        pass.prepared = Arena(prepared_.span());
        layer_.prepare(pass.values, pass.prepared, pass.training);
        pass.kept = Arena(kept_.span());
        pass.scratch = Arena(scratch_.span());
        pass.random = {options_.seed, random::Purpose::dropout, 0, 0};
        return pass;
    }

    GradientCheckOptions options_;
    ParameterRegistry registry_;
    AnyLayer<double> layer_;
    std::vector<Tensor<double>> x_;
    Tensor<double> g_;
    Tensor<double> values_, gradients_;
    Tensor<std::byte> prepared_, kept_, scratch_;
};

inline GradientCheckResult gradient_check(LayerUnderTest layer, const GradientCheckOptions& options) {
    GradientComparison comparison(options);
    const Tensor<double> y = layer.forward();
    const std::vector<Tensor<double>> dx = layer.backward(y);
    std::uint32_t number = 0;
    const auto compare = [&](const std::string& name, View<double> values, ConstView<double> gradient) {
        std::vector<GradientProbe> probes;
        for (const Index i : entries_to_check(values.size(), options, number++))
            probes.push_back(
                GradientProbe::measure(i, gradient[i], values[i], options.step, [&] { return layer.change(y); }));
        comparison.add(name, probes);
    };
    for (std::size_t k = 0; k < dx.size(); ++k) compare(dx.size() == 1 ? "x" : text("x[", k, "]"), layer.x()[k], dx[k]);
    for (const NamedParameter& p : layer.parameters())
        if (!p.is_state) compare(p.name, layer.value(p), Tensor<double>(layer.gradient(p)).view());
    return comparison.result();
}

} // namespace detail

/// Compares a layer's gradients, by its input and by every parameter, with central differences in double, for random inputs in
/// [-1, 1), random parameters and the loss sum(g * y) with random g. `input` is the shape with the batch axis.
///
///     const auto result = gradient_check(Conv2D{4, {3, 3}}, {2, 7, 6, 3});
///     if (!result.passed(1e-6)) std::cerr << result << '\n';
///
/// Cost: four forward passes for every entry looked at. Throws what the layer throws while it is built.
template <LayerSpec S>
GradientCheckResult gradient_check(const S& spec, const Shape& input, const GradientCheckOptions& options = {}) {
    return detail::gradient_check(detail::LayerUnderTest(spec, input.tail(), input[0], options), options);
}

/// The same by each of several inputs, of these shapes.
template <MergeSpec S>
GradientCheckResult gradient_check(const S& spec, const std::vector<Shape>& inputs,
                                   const GradientCheckOptions& options = {}) {
    std::vector<Shape> samples;
    for (const Shape& input : inputs) samples.push_back(input.tail());
    return detail::gradient_check(
        detail::LayerUnderTest(spec, std::span<const Shape>(samples), inputs.at(0)[0], options), options);
}

/// Compares the gradient of a compiled model's loss on `data`, taken as one batch in training, by every parameter that is trained with
/// central differences. The model is as before afterwards.
/// Cost: four training steps for every entry looked at. Throws as `train_on_batch` does, ValueError for `training = false`.
inline GradientCheckResult gradient_check(Model<double>& model, const Data<double>& data,
                                          const GradientCheckOptions& options = {}) {
    require<ValueError>(options.training, "gradient_check: a model can only be checked in training");
    GradientComparison comparison(options);
    const auto weights =
        model.get_weights(); // states such as moving averages move, though the loss in training does not see them
    const auto [loss, gradients] = model.compute_gradients(data);
    const double before = loss;
    std::uint32_t number = 0;
    for (const NamedLayer<double>& layer : model.network().layers()) {
        for (std::size_t p = layer.first; p < layer.last; ++p) {
            const NamedParameter& parameter = model.network().parameters()[p];
            if (!model.network().is_trained(layer, parameter)) continue;
            const View<double> values = model.parameter(parameter.name);
            std::vector<GradientProbe> probes;
            for (const Index i : detail::entries_to_check(values.size(), options, number++))
                probes.push_back(GradientProbe::measure(i, gradients[parameter.place.offset + i], values[i],
                                                        options.step,
                                                        [&] { return model.compute_gradients(data).loss - before; }));
            comparison.add(parameter.name, probes);
        }
    }
    model.set_weights(weights);
    return comparison.result();
}

template <detail::InputArray X, detail::TargetArray Y>
GradientCheckResult gradient_check(Model<double>& model, const X& x, const Y& y,
                                   const GradientCheckOptions& options = {}) {
    return gradient_check(model, Data<double>(x, y), options);
}

} // namespace fovea
