#pragma once
#include <algorithm>
#include <string>
#include <vector>

#include <fovea/optimizers/adam.hpp>
#include <fovea/optimizers/newton_schulz.hpp>

namespace fovea {

/// Steps by the momentum whose singular values have all been brought near 1, for the matrices inside a network (Jordan et al. 2024;
/// the scale is that of Liu et al. 2025, so that learning rate and weight decay are about those of AdamW):
///
///     m = momentum * m + gradient
///     direction = m or, with nesterov, momentum * m + gradient
///     w -= learning_rate * rms_rate * sqrt(max(rows, columns)) * newton_schulz(direction)
///
/// All other parameters take a step of AdamW with adam_lr_ratio times the learning rate. As in Keras, Muon's are those of two
/// axes, unless exclude_layers or exclude_embeddings says otherwise; the layer that gives the output should be excluded.
/// Keras leaves kernels of convolutions to AdamW. With `convolutions` they are Muon's too, as matrices
/// (height * width * channels, filters).
struct Muon {
    LearningRate learning_rate = 0.001;
    double adam_beta_1 = 0.9;
    double adam_beta_2 = 0.999;
    std::optional<double> adam_weight_decay = 0.004;
    double epsilon = 1e-7;
    std::optional<double> weight_decay = 0.004;
    std::optional<double> clipnorm{};
    std::optional<double> clipvalue{};
    std::optional<double> global_clipnorm{};
    bool use_ema = false;
    double ema_momentum = 0.99;
    std::optional<Index> ema_overwrite_frequency{};
    std::optional<Index> gradient_accumulation_steps{};
    std::vector<std::string> exclude_layers{}; ///< parts of names like `dense_1/kernel`
    bool exclude_embeddings = true;            ///< whatever has "embedding" in its name
    double muon_a = 3.4445;
    double muon_b = -4.775;
    double muon_c = 2.0315;
    double adam_lr_ratio = 1;
    double momentum = 0.95;
    int ns_steps = 5;
    bool nesterov = true;
    std::optional<double> rms_rate = 0.2; ///< without, the scale is the learning rate alone
    bool convolutions = false;

    static constexpr std::string_view name = "Muon";
    static constexpr bool whole_parameter = true;

    Index slots() const { return 2; } // AdamW needs the second

    void check() const {
        detail::check_common(*this);
        adam().check(name);
        if (adam_weight_decay) detail::check_not_negative(name, "adam_weight_decay", *adam_weight_decay);
        for (const auto& [option, value] : {std::pair("muon_a", muon_a), {"muon_b", muon_b}, {"muon_c", muon_c}})
            detail::check_option(std::isfinite(value), name, option, "a finite number", value);
        detail::check_not_negative(name, "adam_lr_ratio", adam_lr_ratio);
        detail::check_option(0 <= momentum && momentum <= 1, name, "momentum", "in [0, 1]", momentum);
        detail::check_steps(name, "ns_steps", ns_steps);
        if (rms_rate) detail::check_positive(name, "rms_rate", *rms_rate);
    }

    /// Whether a parameter's steps are Muon's, and not AdamW's.
    bool takes(const ParameterRange& parameter) const {
        const Index axes = parameter.shape.rank();
        if (axes != 2 && !(convolutions && axes > 2 && parameter.name.ends_with("kernel"))) return false;
        const auto has = [&](std::string_view part) { return parameter.name.find(part) != std::string::npos; };
        if (exclude_embeddings && (has("embedding") || has("Embedding"))) return false;
        return std::none_of(exclude_layers.begin(), exclude_layers.end(), has);
    }

    std::optional<double> weight_decay_of(const ParameterRange& parameter) const {
        return takes(parameter) ? weight_decay : adam_weight_decay;
    }

    template <class T>
    Index scratch_bytes(const ParameterRange& parameter) const {
        if (!takes(parameter)) return 0;
        const Index columns = parameter.shape.last();
        return Arena::bytes<T>(parameter.size) +
               detail::NewtonSchulz::scratch_bytes<T>(parameter.size / columns, columns);
    }

    template <class T>
    void update(const Update<T>& u) const {
        if (!takes(*u.parameter)) return adam().update(u, u.learning_rate * adam_lr_ratio);
        const Index size = u.parameter->size, columns = u.parameter->shape.last(), rows = size / columns;
        Arena scratch = u.scratch;
        T* const direction = scratch.take<T>(size);
        simd::dispatch([&](auto target) {
            muon_momentum(target, static_cast<T>(momentum), nesterov, u.gradients.data(), u.slot_0.data(), direction,
                          size);
        });
        detail::NewtonSchulz{muon_a, muon_b, muon_c, ns_steps}.apply(rows, columns, direction, scratch);
        const double scale = rms_rate ? std::sqrt(static_cast<double>(std::max(rows, columns))) * *rms_rate : 1;
        simd::dispatch([&](auto target) {
            sgd_step(target, static_cast<T>(u.learning_rate * scale), u.values.data(), direction, size);
        });
    }

private:
    detail::AdamRule adam() const { return {adam_beta_1, adam_beta_2, epsilon}; }
};

static_assert(OptimizerSpec<Muon>);

} // namespace fovea
