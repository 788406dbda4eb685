#pragma once
#include <algorithm>
#include <string>
#include <vector>

#include <fovea/layers/layer.hpp>
#include <fovea/ops/layer_norm.hpp>

namespace fovea {

/// Each sample, at each place of the axes in front, is shifted and scaled to mean 0 and variance 1 over the last axis or axes, then
/// scaled by gamma and shifted by beta.
///
///     x (batch, ..., features...) -> y (batch, ..., features...);   gamma, beta (features...)
///
/// Training and inference are the same.
struct LayerNormalization {
    std::vector<Index> axis = {-1}; ///< the last ones; counted from the end, or from the batch axis, which is 0
    double epsilon = 1e-3;
    bool center = true; ///< whether there is a beta
    bool scale = true;  ///< whether there is a gamma
    Initializer beta_initializer = Initializer::zeros;
    Initializer gamma_initializer = Initializer::ones;
    Regularizer beta_regularizer = {};
    Regularizer gamma_regularizer = {};
    Constraint beta_constraint = {};
    Constraint gamma_constraint = {};
    std::string name = {};
    bool trainable = true;

    static constexpr std::string_view type = "LayerNormalization";

    void fields(SpecVisitor& visit) {
        visit("axis", axis);
        visit("epsilon", epsilon);
        visit("center", center);
        visit("scale", scale);
        visit("beta_initializer", beta_initializer);
        visit("gamma_initializer", gamma_initializer);
        visit("beta_regularizer", beta_regularizer);
        visit("gamma_regularizer", gamma_regularizer);
        visit("beta_constraint", beta_constraint);
        visit("gamma_constraint", gamma_constraint);
    }

    template <class T>
    class Layer;

    template <class Node>
    Node operator()(const Node& x) const {
        return x.then(*this);
    }

    Shape output_shape(const Shape& input) const {
        features(input);
        return input;
    }

    /// The extents of `axis`. Throws ValueError for axes that are not the last ones, each once, or an epsilon that is not
    /// positive, ShapeError for an input without elements.
    Shape features(const Shape& input) const {
        require<ValueError>(epsilon > 0, type, ": epsilon must be positive, got ", epsilon);
        require<ShapeError>(input.rank() > 0 && input.size() > 0, type,
                            ": expected an input of at least 1 axis, none of them empty, got ", input);
        const auto count = static_cast<Index>(axis.size());
        require<ValueError>(1 <= count && count <= input.rank(), type, ": axis must name 1 to ", input.rank(),
                            " axes of the input ", input, ", got ", count);
        std::vector<Index> sorted;
        for (const Index a : axis) sorted.push_back(a < 0 ? a + input.rank() : a - 1);
        std::sort(sorted.begin(), sorted.end());
        for (Index i = 0; i < count; ++i)
            require<ValueError>(sorted[static_cast<std::size_t>(i)] == input.rank() - count + i, type,
                                ": axis must name the last axes of an input, each once; it does not for ", input);
        return Shape(std::span(input.end() - count, input.end()));
    }
};

template <class T>
class LayerNormalization::Layer {
public:
    Layer(const LayerNormalization& spec, const Shape& input, ParameterRegistry& parameters)
        : features_(spec.features(input).size()), rows_(input.size() / features_), epsilon_(spec.epsilon) {
        const Shape shape = spec.features(input);
        if (spec.scale)
            gamma_ = parameters.add("gamma", shape, spec.gamma_initializer, {}, spec.gamma_regularizer,
                                    spec.gamma_constraint);
        if (spec.center)
            beta_ =
                parameters.add("beta", shape, spec.beta_initializer, {}, spec.beta_regularizer, spec.beta_constraint);
    }

    Index kept_bytes(Index batch) const { return 2 * Arena::bytes<T>(batch * rows_); }
    Index scratch_bytes(Index) const { return Arena::bytes<T>(2 * features_); }

    void forward(ConstView<T> x, View<T> y, Pass<T>& pass) const {
        const auto [mean, inverse] = pass.training ? statistics(x, pass) : Statistics{};
        ops::layer_norm_forward<T>(x, features_, pass.value(gamma_), pass.value(beta_), epsilon_, y, mean, inverse);
    }

    void backward(ConstView<T> x, ConstView<T>, View<T> dy, View<T> dx, Pass<T>& pass) const {
        Arena scratch = pass.scratch;
        const auto [mean, inverse] = statistics(x, pass);
        ops::layer_norm_backward<T>(x, features_, pass.value(gamma_), mean, inverse, dy, pass.gradient(gamma_),
                                    pass.gradient(beta_), dx, scratch.take<T>(2 * features_));
    }

private:
    struct Statistics {
        View<T> mean, inverse;
    };

    /// What is kept of each row.
    Statistics statistics(ConstView<T> x, const Pass<T>& pass) const {
        Arena kept = pass.kept;
        const Index rows = x.shape()[0] * rows_;
        const View<T> mean{kept.take<T>(rows), {rows}};
        return {mean, {kept.take<T>(rows), {rows}}};
    }

    Index features_;
    Index rows_; ///< of a sample
    double epsilon_;
    Parameter gamma_;
    Parameter beta_;
};

static_assert(LayerSpec<LayerNormalization>);

} // namespace fovea
