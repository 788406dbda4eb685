#pragma once
#include <optional>

#include <fovea/layers/activation_layer.hpp>
#include <fovea/layers/batch_normalization.hpp>
#include <fovea/layers/conv2d.hpp>
#include <fovea/layers/conv2d_max_pooling2d.hpp>
#include <fovea/layers/dense.hpp>
#include <fovea/layers/relu.hpp>
#include <fovea/layers/softmax.hpp>
#include <fovea/models/wiring.hpp>

/// Neighbouring layers that one layer can do the work of, without their intermediate result ever being written:
///
///     Conv2D [+ BatchNormalization, in inference] [+ Activation] [+ MaxPooling2D]
///     Dense  [+ BatchNormalization, in inference] [+ Activation]
///
/// Only where nobody else reads what lies between them. Softmax, and ReLU with its defaults, are Activations, too.
/// BatchNormalization and Activation only behind a layer without an activation of its own; MaxPooling2D only behind ReLU or none, of
/// windows that neither overlap nor reach over the edge, have at most 254 elements, and are 2x2 behind Winograd; and without groups.
namespace fovea {

namespace detail {

/// The call that reads what a call writes, if it is the only one and nobody outside sees it: else `calls.size()`.
template <class T>
std::vector<std::size_t> only_readers(const Wiring<T>& wiring) {
    const std::size_t none = wiring.calls.size();
    std::vector<std::size_t> count(wiring.wires.size(), 0);
    std::vector<std::size_t> reader(wiring.wires.size(), none);
    for (const std::size_t wire : wiring.outputs) ++count[wire];
    for (std::size_t call = 0; call < wiring.calls.size(); ++call)
        for (const std::size_t wire : wiring.calls[call].inputs) {
            ++count[wire];
            reader[wire] = call;
        }
    std::vector<std::size_t> result;
    for (const Call<T>& call : wiring.calls) result.push_back(count[call.output] == 1 ? reader[call.output] : none);
    return result;
}

/// A row of calls, each the only reader of the one in front of it, that is to become one layer.
template <class T>
class Row {
public:
    Row(const Wiring<T>& wiring, const std::vector<std::size_t>& readers, std::size_t first)
        : wiring_(wiring), readers_(readers), calls_{first} {}

    const std::vector<std::size_t>& calls() const { return calls_; }
    const AnyLayer<T>& last() const { return wiring_.calls[calls_.back()].layer; }

    /// The next layer, if there is one and it is a Spec's.
    template <class Spec>
    const typename Spec::template Layer<T>* next() const {
        const std::size_t call = readers_[calls_.back()];
        return call < wiring_.calls.size()
                   ? wiring_.calls[call].layer.template get_if<typename Spec::template Layer<T>>()
                   : nullptr;
    }
    /// What comes next, if it is an activation and no more.
    std::optional<Activation> next_activation() const {
        if (const auto* const activation = next<ActivationLayer>()) return activation->activation();
        if (const auto* const softmax = next<Softmax>()) return softmax->activation();
        const auto* const relu = next<ReLU>();
        if (relu != nullptr && relu->activation() == Activation::relu) return Activation::relu;
        return std::nullopt;
    }
    void take_next() { calls_.push_back(readers_[calls_.back()]); }

private:
    const Wiring<T>& wiring_;
    const std::vector<std::size_t>& readers_;
    std::vector<std::size_t> calls_;
};

/// Takes into `layer`, which is linear so far, what comes next.
template <class T, class L>
void take_in(L& layer, Row<T>& row, bool training) {
    if (layer.activation() != Activation::linear) return;
    if (const auto* const normalization = row.template next<BatchNormalization>(); normalization && !training) {
        layer.set_fold(normalization->fold());
        row.take_next();
    }
    if (const auto activation = row.next_activation()) {
        layer.set_activation(*activation);
        row.take_next();
    }
}

/// One layer for the row, which is made longer; nothing if there is no rule for more than one.
template <class T>
[[gnu::cold]] std::optional<AnyLayer<T>> fused(Row<T>& row, bool training) {
    const AnyLayer<T> first = row.last();
    if (const auto* const conv2d = first.template get_if<Conv2D::Layer<T>>()) {
        Conv2D::Layer<T> layer = *conv2d;
        take_in(layer, row, training);
        const auto* const pooling = row.template next<MaxPooling2D>();
        if (pooling != nullptr && Conv2DMaxPooling2D<T>::is_possible(layer, *pooling)) {
            row.take_next();
            return AnyLayer<T>(Conv2D::type, Conv2DMaxPooling2D<T>(layer, *pooling), first.input_shape(),
                               row.last().output_shape());
        }
        if (row.calls().size() > 1)
            return AnyLayer<T>(Conv2D::type, std::move(layer), first.input_shape(), row.last().output_shape());
    } else if (const auto* const dense = first.template get_if<Dense::Layer<T>>()) {
        Dense::Layer<T> layer = *dense;
        take_in(layer, row, training);
        if (row.calls().size() > 1)
            return AnyLayer<T>(Dense::type, std::move(layer), first.input_shape(), row.last().output_shape());
    }
    return std::nullopt;
}

} // namespace detail

/// The steps of a network: with `fuse`, as few as there are rules for. Some of the rules hold in inference only.
template <class T>
[[gnu::cold]] std::vector<Step<T>> make_steps(const Wiring<T>& wiring, bool training, bool fuse) {
    const std::vector<std::size_t> readers = detail::only_readers(wiring);
    std::vector<bool> taken(wiring.calls.size(), false);
    std::vector<Step<T>> steps;
    for (std::size_t i = 0; i < wiring.calls.size(); ++i) {
        if (taken[i]) continue;
        detail::Row<T> row(wiring, readers, i);
        std::optional<AnyLayer<T>> one;
        if (fuse) one = detail::fused(row, training);
        for (const std::size_t call : row.calls()) taken[call] = true;
        steps.push_back({one ? *one : wiring.calls[i].layer, row.calls(), wiring.calls[i].inputs,
                         wiring.calls[row.calls().back()].output});
    }
    return steps;
}

} // namespace fovea
