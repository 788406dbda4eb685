"""Records norm_layers.txt: outputs and gradients of normalizations, activations as layers, Rescaling and Permute, in float64.

As record_layers.py, which says more: every configuration is computed by PyTorch and by Keras 3, which must agree to 1e-11, and
PyTorch's results are written. Keras rounds slopes to float32, so LeakyReLU, and ReLU with a slope, agree to 1e-7 only.
"""
from keras_float64 import keras  # before TensorFlow, for which it sets the environment

import numpy as np
import tensorflow as tf
import torch
import torch.nn.functional as F

from formula import PARAMETERS, UPSTREAM, options, value
from record_layers import AGREEMENT, AGREEMENT_FLOAT32_CONSTANT, RELU_MARGIN, NearKink, agree, write_cases

torch.set_default_dtype(torch.float64)


def clear_of(x, kink):
    if (x.detach() - kink).abs().min() <= RELU_MARGIN:
        raise NearKink


def normalized_axes(o, rank):
    """Those of the sample that LayerNormalization goes over, as axes of x."""
    return sorted(a % rank for a in o["axis"])


def torch_layer(kind, o, x, p):
    named = dict(zip(parameter_names(kind, o), p, strict=True))
    if kind == "LayerNormalization":
        shape = [x.shape[a] for a in normalized_axes(o, x.dim())]
        return F.layer_norm(x, shape, named.get("gamma"), named.get("beta"), o["epsilon"])
    if kind == "GroupNormalization":
        groups = x.shape[-1] if o["groups"] == -1 else o["groups"]
        y = F.group_norm(x.movedim(-1, 1), groups, named.get("gamma"), named.get("beta"), o["epsilon"])
        return y.movedim(1, -1)
    if kind == "PReLU":
        clear_of(x, 0)
        return torch.where(x > 0, x, named["alpha"] * x)
    if kind == "ReLU":
        clear_of(x, o["threshold"])
        y = torch.where(x >= o["threshold"], x, o["negative_slope"] * (x - o["threshold"]))
        if "max_value" in o:
            clear_of(x, o["max_value"])
            y = y.clamp(max=o["max_value"])
        return y
    if kind == "LeakyReLU":
        clear_of(x, 0)
        return F.leaky_relu(x, o["negative_slope"])
    if kind == "ELU":
        return F.elu(x, o["alpha"])
    if kind == "Softmax":
        return torch.softmax(x, dim=o["axis"])
    if kind == "Rescaling":
        return x * o["scale"] + o["offset"]
    if kind == "Permute":
        return x.permute(0, *o["dims"])
    raise ValueError(kind)


def keras_layer(kind, o):
    settings = {k: v for k, v in o.items() if k != "xscale"}
    if kind == "LayerNormalization":
        settings["axis"] = list(o["axis"])
    return getattr(keras.layers, kind)(**settings)


def parameter_names(kind, o):
    """In Keras's order."""
    if kind in ("LayerNormalization", "GroupNormalization"):
        return (["gamma"] if o["scale"] else []) + (["beta"] if o["center"] else [])
    return ["alpha"] if kind == "PReLU" else []


def parameters(kind, o, input_shape):
    if kind == "LayerNormalization":
        shape = tuple(input_shape[a] for a in normalized_axes(o, len(input_shape)))
    elif kind == "GroupNormalization":
        shape = input_shape[-1:]
    else:
        shape = tuple(1 if a in o.get("shared_axes", ()) else e for a, e in enumerate(input_shape))[1:]
    made = []
    for k, name in enumerate(parameter_names(kind, o)):
        v = value(PARAMETERS + k, shape)
        made.append(1 + 0.5 * v if name == "gamma" else v)
    return made


def compute(name, kind, o, input_shape, xstream):
    x_value = value(xstream, input_shape) * o.get("xscale", 1)
    p_value = parameters(kind, o, input_shape)

    x = torch.tensor(x_value, requires_grad=True)
    p = [torch.tensor(v, requires_grad=True) for v in p_value]
    y = torch_layer(kind, o, x, p)
    g = value(UPSTREAM, tuple(y.shape))
    (y * torch.tensor(g)).sum().backward()
    tensors = {"y": y.detach().numpy(), "dx": x.grad.numpy()}
    tensors.update({f"d{k}": v.grad.numpy() for k, v in enumerate(p)})

    layer = keras_layer(kind, o)
    layer.build((None, *input_shape[1:]))
    if p_value:
        layer.set_weights(p_value)
    kx = tf.Variable(x_value)
    with tf.GradientTape() as tape:
        ky = layer(kx)
        loss = tf.reduce_sum(ky * g)
    gradients = tape.gradient(loss, [kx] + [v.value for v in layer.trainable_variables])
    limit = AGREEMENT_FLOAT32_CONSTANT if o.get("negative_slope") else AGREEMENT
    names = ["y", "dx"] + [f"d{k}" for k in range(len(p))]
    for what, other in zip(names, [ky, *gradients], strict=True):
        agree(name, what, tensors[what], other.numpy(), limit)
    return tensors


# --- the configurations -----------------------------------------------------------------------------------------------


def layer_norm(axis=(-1,), epsilon=1e-3, center=True, scale=True):
    return "LayerNormalization", {"axis": axis, "epsilon": epsilon, "center": center, "scale": scale}


def group_norm(groups, epsilon=1e-3, center=True, scale=True):
    return "GroupNormalization", {"groups": groups, "epsilon": epsilon, "center": center, "scale": scale}


def relu(**o):
    return "ReLU", {"negative_slope": 0.0, "threshold": 0.0, "xscale": 4, **o}


def configurations():
    """(name, (kind, options), input shape with the batch)"""
    yield "layer_norm", layer_norm(), (3, 7)
    yield "layer_norm_images", layer_norm(), (2, 3, 4, 5)
    yield "layer_norm_wide", layer_norm(epsilon=1e-6), (3, 300)
    yield "layer_norm_many_rows", layer_norm(), (2, 7, 11, 4)
    yield "layer_norm_last_two", layer_norm((-2, -1)), (2, 3, 4, 5)
    yield "layer_norm_whole_sample", layer_norm((1, 2, 3)), (2, 4, 3, 3)
    yield "layer_norm_no_center", layer_norm(center=False), (3, 5, 6)
    yield "layer_norm_no_scale", layer_norm(scale=False, epsilon=0.1), (3, 17)
    yield "layer_norm_bare", layer_norm(center=False, scale=False), (2, 33)
    yield "group_norm", group_norm(2), (2, 4, 3, 6)
    yield "group_norm_32", group_norm(32), (2, 3, 3, 64)
    yield "group_norm_one", group_norm(1, epsilon=1e-5), (3, 2, 5, 5)
    yield "group_norm_instance", group_norm(-1), (2, 5, 4, 3)
    yield "group_norm_rows", group_norm(3), (4, 9)
    yield "group_norm_many_positions", group_norm(2), (1, 13, 11, 4)
    yield "group_norm_no_center", group_norm(2, center=False), (2, 3, 4, 4)
    yield "group_norm_no_scale", group_norm(4, scale=False), (2, 3, 3, 8)
    yield "prelu", ("PReLU", {}), (3, 7)
    yield "prelu_images", ("PReLU", {}), (2, 3, 4, 5)
    yield "prelu_by_channel", ("PReLU", {"shared_axes": (1, 2)}), (2, 3, 4, 5)
    yield "prelu_by_column", ("PReLU", {"shared_axes": (1, 3)}), (3, 3, 4, 2)
    yield "prelu_by_row", ("PReLU", {"shared_axes": (2, 3)}), (2, 3, 4, 2)
    yield "prelu_one", ("PReLU", {"shared_axes": (1, 2, 3)}), (2, 3, 4, 2)
    yield "relu", relu(), (4, 6)
    yield "relu_6", relu(max_value=1.5), (2, 3, 4, 2)
    yield "relu_slope", relu(negative_slope=0.25), (4, 7)
    yield "relu_threshold", relu(threshold=1.0), (4, 7)
    yield "relu_all", relu(max_value=2.5, negative_slope=0.125, threshold=0.5), (3, 4, 5)
    yield "leaky_relu", ("LeakyReLU", {"negative_slope": 0.3, "xscale": 2}), (4, 6)
    yield "elu", ("ELU", {"alpha": 1.0, "xscale": 4}), (4, 6)
    yield "elu_alpha", ("ELU", {"alpha": 0.5, "xscale": 4}), (2, 3, 2, 5)
    yield "softmax", ("Softmax", {"axis": -1, "xscale": 4}), (4, 6)
    yield "softmax_images", ("Softmax", {"axis": -1, "xscale": 4}), (2, 3, 2, 5)
    yield "rescaling", ("Rescaling", {"scale": 0.125, "offset": -1.0, "xscale": 4}), (2, 3, 4, 2)
    yield "permute_2_1", ("Permute", {"dims": (2, 1)}), (3, 4, 5)
    yield "permute_3_1_2", ("Permute", {"dims": (3, 1, 2)}), (2, 3, 4, 5)
    yield "permute_2_3_1", ("Permute", {"dims": (2, 3, 1)}), (2, 3, 4, 5)
    yield "permute_1_3_2", ("Permute", {"dims": (1, 3, 2)}), (2, 3, 4, 5)


if __name__ == "__main__":
    write_cases("norm_layers.txt", configurations(), lambda *one: (compute(*one), True))
