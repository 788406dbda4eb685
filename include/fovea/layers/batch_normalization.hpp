#pragma once
#include <cmath>
#include <string>

#include <fovea/layers/layer.hpp>
#include <fovea/layers/normalization_fold.hpp>
#include <fovea/ops/batch_norm.hpp>

namespace fovea {

/// Each channel (the last axis) is shifted and scaled to mean 0 and variance 1, then scaled by gamma and shifted by beta.
///
///     x (batch, ..., channels) -> y (batch, ..., channels);   gamma, beta, moving_mean, moving_variance (channels)
///
/// In training mean and variance are those of the batch, and moving = momentum * moving + (1 - momentum) * batch's, with the
/// population variance. In inference, and while the layer is frozen, the moving ones are used and stay as they are.
struct BatchNormalization {
    double momentum = 0.99;
    double epsilon = 1e-3;
    bool center = true; ///< whether there is a beta
    bool scale = true;  ///< whether there is a gamma
    Initializer beta_initializer = Initializer::zeros;
    Initializer gamma_initializer = Initializer::ones;
    Initializer moving_mean_initializer = Initializer::zeros;
    Initializer moving_variance_initializer = Initializer::ones;
    Regularizer beta_regularizer = {};
    Regularizer gamma_regularizer = {};
    Constraint beta_constraint = {};
    Constraint gamma_constraint = {};
    std::string name = {};
    bool trainable = true;

    static constexpr std::string_view type = "BatchNormalization";

    void fields(SpecVisitor& visit) {
        visit("momentum", momentum);
        visit("epsilon", epsilon);
        visit("center", center);
        visit("scale", scale);
        visit("beta_initializer", beta_initializer);
        visit("gamma_initializer", gamma_initializer);
        visit("moving_mean_initializer", moving_mean_initializer);
        visit("moving_variance_initializer", moving_variance_initializer);
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

    /// Throws ValueError for a momentum outside of [0, 1] or an epsilon that is not positive, ShapeError for an input without
    /// elements or axes.
    Shape output_shape(const Shape& input) const {
        require<ValueError>(momentum >= 0 && momentum <= 1, type, ": momentum must be from 0 to 1, got ", momentum);
        require<ValueError>(epsilon > 0, type, ": epsilon must be positive, got ", epsilon);
        require<ShapeError>(input.rank() > 0 && input.size() > 0, type,
                            ": expected an input of at least 1 axis, none of them empty, got ", input);
        return input;
    }
};

template <class T>
class BatchNormalization::Layer {
public:
    static constexpr bool whole_batch = true;

    Layer(const BatchNormalization& spec, const Shape& input, ParameterRegistry& parameters)
        : positions_(spec.output_shape(input).size() / input.last()), channels_(input.last()), epsilon_(spec.epsilon),
          keep_(static_cast<T>(spec.momentum)), take_(static_cast<T>(1 - spec.momentum)) {
        const Shape shape{channels_};
        if (spec.scale)
            gamma_ = parameters.add("gamma", shape, spec.gamma_initializer, {}, spec.gamma_regularizer,
                                    spec.gamma_constraint);
        if (spec.center)
            beta_ =
                parameters.add("beta", shape, spec.beta_initializer, {}, spec.beta_regularizer, spec.beta_constraint);
        moving_mean_ = parameters.add_state("moving_mean", shape, spec.moving_mean_initializer);
        moving_variance_ = parameters.add_state("moving_variance", shape, spec.moving_variance_initializer);
    }

    /// What is left of it in inference.
    NormalizationFold<T> fold() const { return {gamma_, beta_, moving_mean_, moving_variance_, epsilon_}; }

    Index kept_bytes(Index) const { return 2 * Arena::bytes<T>(channels_); }
    Index scratch_bytes(Index batch) const {
        return Arena::bytes<double>(sums(batch)) + Arena::bytes<T>(4 * channels_);
    }

    void forward(ConstView<T> x, View<T> y, Pass<T>& pass) const {
        Arena scratch = pass.scratch;
        auto* const partial_sums = scratch.take<double>(sums(x.shape()[0]));
        auto* const factors = scratch.take<T>(4 * channels_);
        if (uses_batch(pass)) {
            const auto [mean, variance] = batch_statistics(pass);
            ops::batch_moments<T>(x, mean, variance, partial_sums);
            move(pass.moving(moving_mean_), mean);
            move(pass.moving(moving_variance_), variance);
        }
        const auto [mean, variance] = statistics(pass);
        ops::batch_norm_forward<T>(x, mean, variance, pass.value(gamma_), pass.value(beta_), epsilon_, y, factors);
    }

    void backward(ConstView<T> x, ConstView<T>, View<T> dy, View<T> dx, Pass<T>& pass) const {
        Arena scratch = pass.scratch;
        auto* const partial_sums = scratch.take<double>(sums(x.shape()[0]));
        auto* const factors = scratch.take<T>(4 * channels_);
        const auto [mean, variance] = statistics(pass);
        ops::batch_norm_backward<T>(x, mean, variance, pass.value(gamma_), epsilon_, uses_batch(pass), dy,
                                    pass.gradient(gamma_), pass.gradient(beta_), dx, partial_sums, factors);
    }

private:
    template <class V>
    struct Statistics {
        V mean, variance;
    };

    Index sums(Index batch) const { return ops::batch_norm_sums(batch * positions_, channels_); }

    /// A frozen layer, which has neither gradients nor states to change, works in training as it does in inference, as Keras has it.
    bool uses_batch(const Pass<T>& pass) const {
        return pass.training && !(pass.gradients.empty() && pass.state.empty());
    }

    Statistics<View<T>> batch_statistics(const Pass<T>& pass) const {
        Arena kept = pass.kept;
        const View<T> mean{kept.take<T>(channels_), {channels_}};
        return {mean, {kept.take<T>(channels_), {channels_}}};
    }

    Statistics<ConstView<T>> statistics(const Pass<T>& pass) const {
        if (!uses_batch(pass)) return {pass.value(moving_mean_), pass.value(moving_variance_)};
        const auto [mean, variance] = batch_statistics(pass);
        return {mean, variance};
    }

    void move(View<T> moving, ConstView<T> batch) const {
        for (Index c = 0; c < moving.size(); ++c) moving[c] = std::fma(keep_, moving[c], take_ * batch[c]);
    }

    Index positions_; ///< elements of one channel in a sample
    Index channels_;
    double epsilon_;
    T keep_; ///< the momentum,
    T take_; ///< and what is left to 1
    Parameter gamma_;
    Parameter beta_;
    Parameter moving_mean_;
    Parameter moving_variance_;
};

static_assert(LayerSpec<BatchNormalization>);

} // namespace fovea
