#pragma once
#include <optional>

#include <fovea/layers/activation_layer.hpp>
#include <fovea/layers/batch_normalization.hpp>
#include <fovea/layers/conv2d.hpp>
#include <fovea/layers/conv2d_max_pooling2d.hpp>
#include <fovea/layers/dense.hpp>
#include <fovea/models/steps.hpp>

/// Neighbouring layers that one layer can do the work of, without their intermediate result ever being written:
///
///     Conv2D [+ BatchNormalization, in inference] [+ Activation] [+ MaxPooling2D]
///     Dense  [+ BatchNormalization, in inference] [+ Activation]
///
/// BatchNormalization and Activation only behind a layer without an activation of its own; MaxPooling2D only behind ReLU or none, of
/// windows that neither overlap nor reach over the edge, have at most 254 elements, and are 2x2 behind Winograd; and without groups.
namespace fovea {

namespace detail {

template <class Spec, class T>
const typename Spec::template Layer<T>* layer_at(const std::vector<NamedLayer<T>>& layers, std::size_t i) {
    return i < layers.size() ? layers[i].layer.template get_if<typename Spec::template Layer<T>>() : nullptr;
}

/// Takes into `layer`, which is linear so far, what stands from `next` on; returns where that ends.
template <class T, class L>
std::size_t take_in(L& layer, const std::vector<NamedLayer<T>>& layers, std::size_t next, bool training) {
    if (layer.activation() != Activation::linear) return next;
    if (const auto* const normalization = layer_at<BatchNormalization, T>(layers, next); normalization && !training) {
        layer.set_fold(normalization->fold());
        ++next;
    }
    if (const auto* const activation = layer_at<ActivationLayer, T>(layers, next)) {
        layer.set_activation(activation->activation());
        ++next;
    }
    return next;
}

/// One layer for layers [at, last); nothing if there is no rule for more than one.
template <class T>
std::optional<AnyLayer<T>> fused(const std::vector<NamedLayer<T>>& layers, std::size_t at, bool training,
                                 std::size_t& last) {
    const Shape& input = layers[at].layer.input_shape();
    const auto output = [&]() -> const Shape& { return layers[last - 1].layer.output_shape(); };
    last = at + 1;
    if (const auto* const conv2d = layer_at<Conv2D, T>(layers, at)) {
        Conv2D::Layer<T> layer = *conv2d;
        last = take_in(layer, layers, at + 1, training);
        const auto* const pooling = layer_at<MaxPooling2D, T>(layers, last);
        if (pooling != nullptr && Conv2DMaxPooling2D<T>::is_possible(layer, *pooling)) {
            ++last;
            return AnyLayer<T>(Conv2D::type, Conv2DMaxPooling2D<T>(layer, *pooling), input, output());
        }
        if (last > at + 1) return AnyLayer<T>(Conv2D::type, std::move(layer), input, output());
    } else if (const auto* const dense = layer_at<Dense, T>(layers, at)) {
        Dense::Layer<T> layer = *dense;
        last = take_in(layer, layers, at + 1, training);
        if (last > at + 1) return AnyLayer<T>(Dense::type, std::move(layer), input, output());
    }
    return std::nullopt;
}

} // namespace detail

/// The steps of a network: with `fuse`, as few as there are rules for. Some of the rules hold in inference only.
template <class T>
std::vector<Step<T>> make_steps(const std::vector<NamedLayer<T>>& layers, bool training, bool fuse) {
    std::vector<Step<T>> steps;
    for (std::size_t i = 0, last = 0; i < layers.size(); i = last) {
        last = i + 1;
        std::optional<AnyLayer<T>> one;
        if (fuse) one = detail::fused(layers, i, training, last);
        steps.push_back({one ? *one : layers[i].layer, i, last});
    }
    return steps;
}

} // namespace fovea
