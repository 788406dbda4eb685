#pragma once
#include <string>

#include <fovea/layers/layer.hpp>
#include <fovea/ops/group_norm.hpp>

namespace fovea {

/// The channels (the last axis) are cut into groups of neighbours, and each group of each sample is shifted and scaled to mean 0 and
/// variance 1; then each channel is scaled by gamma and shifted by beta.
///
///     x (batch, ..., channels) -> y (batch, ..., channels);   gamma, beta (channels)
///
/// Training and inference are the same. Wu, He: "Group Normalization", ECCV 2018.
struct GroupNormalization {
    Index groups = 32; ///< -1: as many as channels, which is instance normalization
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

    static constexpr std::string_view type = "GroupNormalization";

    void fields(SpecVisitor& visit) {
        visit("groups", groups);
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
        geometry(input);
        return input;
    }

    /// Throws ValueError for groups that do not divide the channels, or an epsilon that is not positive, ShapeError for an
    /// input without elements.
    ops::GroupNormGeometry geometry(const Shape& input) const {
        require<ValueError>(epsilon > 0, type, ": epsilon must be positive, got ", epsilon);
        require<ShapeError>(input.rank() > 0 && input.size() > 0, type,
                            ": expected an input of at least 1 axis, none of them empty, got ", input);
        const Index channels = input.last();
        require<ValueError>(groups >= 1 || groups == -1, type, ": groups must be at least 1, or -1, got ", groups);
        require<ValueError>(groups == -1 || channels % groups == 0, type, ": groups=", groups, " does not divide the ",
                            channels, " channels of the input ", input);
        return {input.size() / channels, channels, groups == -1 ? channels : groups};
    }
};

template <class T>
class GroupNormalization::Layer {
public:
    Layer(const GroupNormalization& spec, const Shape& input, ParameterRegistry& parameters)
        : geometry_(spec.geometry(input)), epsilon_(spec.epsilon) {
        const Shape shape{geometry_.channels};
        if (spec.scale)
            gamma_ = parameters.add("gamma", shape, spec.gamma_initializer, {}, spec.gamma_regularizer,
                                    spec.gamma_constraint);
        if (spec.center)
            beta_ =
                parameters.add("beta", shape, spec.beta_initializer, {}, spec.beta_regularizer, spec.beta_constraint);
    }

    Index kept_bytes(Index batch) const { return 2 * Arena::bytes<T>(batch * geometry_.groups); }
    Index scratch_bytes(Index) const {
        return Arena::bytes<double>(2 * geometry_.channels) + Arena::bytes<T>(5 * geometry_.channels) +
               2 * Arena::bytes<T>(geometry_.groups);
    }

    void forward(ConstView<T> x, View<T> y, Pass<T>& pass) const {
        Arena scratch = pass.scratch;
        auto* const sums = scratch.take<double>(2 * geometry_.channels);
        auto* const factors = scratch.take<T>(5 * geometry_.channels);
        const Index samples = x.shape()[0];
        Arena memory = pass.training ? pass.kept : scratch;
        const Index kept = pass.training ? samples : 1;
        T* const mean = memory.take<T>(kept * geometry_.groups);
        T* const inverse = memory.take<T>(kept * geometry_.groups);
        for (Index n = 0; n < samples; ++n) {
            const Index at = pass.training ? n * geometry_.groups : 0;
            ops::group_norm_forward<T>(geometry_, x.data() + n * size(), pass.value(gamma_), pass.value(beta_),
                                       epsilon_, y.data() + n * size(), mean + at, inverse + at, sums, factors);
        }
    }

    void backward(ConstView<T> x, ConstView<T>, View<T> dy, View<T> dx, Pass<T>& pass) const {
        Arena scratch = pass.scratch;
        auto* const sums = scratch.take<double>(2 * geometry_.channels);
        auto* const factors = scratch.take<T>(5 * geometry_.channels);
        const Index samples = x.shape()[0];
        Arena kept = pass.kept;
        const T* const mean = kept.take<T>(samples * geometry_.groups);
        const T* const inverse = kept.take<T>(samples * geometry_.groups);
        for (Index n = 0; n < samples; ++n) {
            const Index at = n * geometry_.groups;
            ops::group_norm_backward<T>(geometry_, x.data() + n * size(), pass.value(gamma_), mean + at, inverse + at,
                                        dy.data() + n * size(), pass.gradient(gamma_), pass.gradient(beta_),
                                        dx.empty() ? nullptr : dx.data() + n * size(), sums, factors);
        }
    }

private:
    Index size() const { return geometry_.positions * geometry_.channels; } ///< of a sample

    ops::GroupNormGeometry geometry_;
    double epsilon_;
    Parameter gamma_;
    Parameter beta_;
};

static_assert(LayerSpec<GroupNormalization>);

} // namespace fovea
