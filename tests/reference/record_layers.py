"""Records layers.txt: outputs and gradients of layer configurations, computed in float64.

Every configuration is computed twice, by PyTorch and by Keras 3, and the two must agree to 1e-11. Two exceptions: a
convolution with strides and dilation at once, which Keras refuses and PyTorch has; and leaky_relu and gelu, where Keras on
TensorFlow rounds the slope 0.2 and the sqrt(2) to float32, so that the two agree to 1e-7 only. What is written is PyTorch's
result, whose gelu in float64 has the closed form's value to the last digits.
The loss is sum(y * g) with a fixed g, so dx and the parameter gradients are those of an arbitrary upstream gradient.
"""

import os

from keras_float64 import keras  # before TensorFlow, for which it sets the environment

import numpy as np
import tensorflow as tf
import torch
import torch.nn.functional as F

from formula import PARAMETERS, UPSTREAM, X_STREAM, options, self_check, value, write_tensor

torch.set_default_dtype(torch.float64)

AGREEMENT = 1e-11  # of the two recorders, in float64
AGREEMENT_FLOAT32_CONSTANT = 1e-7
RELU_MARGIN = 1e-4  # no pre-activation of a kinked activation nearer to 0 than this
POOL_MARGIN = 1e-3  # no two largest entries of a max-pooling window nearer than this


class NearKink(Exception):
    """The inputs lie where rounding could choose another branch: take the next stream for x."""


# --- PyTorch ----------------------------------------------------------------------------------------------------------


def nchw(x):
    return x.permute(0, 3, 1, 2)


def nhwc(x):
    return x.permute(0, 2, 3, 1)


def same_padding(size, kernel, stride, dilation):
    """Keras's rule: output ceil(size / stride), the odd element of the padding behind."""
    total = max((-(-size // stride) - 1) * stride + (kernel - 1) * dilation + 1 - size, 0)
    return total // 2, total - total // 2


def pad(x, kernel, strides, dilation, padding, fill):
    if padding == "valid":
        return x
    top, bottom = same_padding(x.shape[2], kernel[0], strides[0], dilation[0])
    left, right = same_padding(x.shape[3], kernel[1], strides[1], dilation[1])
    return F.pad(x, (left, right, top, bottom), value=fill)


def activate(name, z):
    if name in ("relu", "leaky_relu") and z.detach().abs().min() <= RELU_MARGIN:
        raise NearKink
    return {
        "linear": lambda: z,
        "relu": lambda: torch.relu(z),
        "sigmoid": lambda: torch.sigmoid(z),
        "tanh": lambda: torch.tanh(z),
        "softmax": lambda: torch.softmax(z, dim=-1),
        "leaky_relu": lambda: F.leaky_relu(z, 0.2),
        "elu": lambda: F.elu(z, 1.0),
        "gelu": lambda: F.gelu(z, approximate="none"),
        "silu": lambda: F.silu(z),
    }[name]()


def check_distinct(windows):
    """windows (..., entries): the largest entry must be clear of the second."""
    if windows.shape[-1] == 1:
        return
    top = torch.topk(windows.detach(), 2, dim=-1).values
    if (top[..., 0] - top[..., 1]).min() <= POOL_MARGIN:
        raise NearKink


def torch_layer(kind, o, x, p, state):
    if kind == "Conv2D":
        z = pad(nchw(x), o["kernel_size"], o["strides"], o["dilation_rate"], o["padding"], 0.0)
        bias = p[1] if o["use_bias"] else None
        kernel = p[0].permute(3, 2, 0, 1)
        y = F.conv2d(z, kernel, bias, o["strides"], 0, o["dilation_rate"], o["groups"])
        return activate(o["activation"], nhwc(y))
    if kind == "Dense":
        y = x @ p[0]
        return activate(o["activation"], y + p[1] if o["use_bias"] else y)
    if kind == "MaxPooling2D":
        z = pad(nchw(x), o["pool_size"], o["strides"], (1, 1), o["padding"], -torch.inf)
        (h, w), (sh, sw) = o["pool_size"], o["strides"]
        check_distinct(z.unfold(2, h, sh).unfold(3, w, sw).flatten(-2))
        return nhwc(F.max_pool2d(z, o["pool_size"], o["strides"]))
    if kind == "AveragePooling2D":
        ones = torch.ones_like(nchw(x))
        sizes = o["pool_size"], o["strides"], (1, 1), o["padding"], 0.0
        total = F.avg_pool2d(pad(nchw(x), *sizes), o["pool_size"], o["strides"])
        return nhwc(total / F.avg_pool2d(pad(ones, *sizes), o["pool_size"], o["strides"]))
    if kind == "GlobalAveragePooling2D":
        return x.mean(dim=(1, 2))
    if kind == "GlobalMaxPooling2D":
        check_distinct(nchw(x).flatten(2))
        return x.amax(dim=(1, 2))
    if kind == "Activation":
        return activate(o["activation"], x)
    if kind == "BatchNormalization":
        named = dict(zip(bn_parameters(o), p))
        axes = tuple(range(x.dim() - 1))
        mean, variance = named["moving_mean"], named["moving_variance"]
        if o["training"]:
            # F.batch_norm's running variance divides by n - 1, Keras's moving variance by n.
            batch_mean, batch_variance = x.mean(dim=axes), x.var(dim=axes, unbiased=False)
            m = o["momentum"]
            state["moving_mean"] = (mean * m + batch_mean * (1 - m)).detach()
            state["moving_variance"] = (variance * m + batch_variance * (1 - m)).detach()
        channels_first = x.movedim(-1, 1)
        y = F.batch_norm(
            channels_first,
            None if o["training"] else mean.detach(),
            None if o["training"] else variance.detach(),
            named.get("gamma"),
            named.get("beta"),
            o["training"],
            0.0,
            o["epsilon"],
        )
        return y.movedim(1, -1)
    if kind == "Flatten":
        return x.reshape(x.shape[0], -1)
    if kind == "Reshape":
        return x.reshape(x.shape[0], *o["target_shape"])
    raise ValueError(kind)


# --- Keras ------------------------------------------------------------------------------------------------------------


def keras_layer(kind, o):
    """None where Keras has no such layer."""
    settings = {k: v for k, v in o.items() if k not in ("training", "xscale")}
    if kind == "Conv2D" and max(o["strides"]) > 1 and max(o["dilation_rate"]) > 1:
        return None
    return getattr(keras.layers, kind)(**settings)


def bn_parameters(o):
    scale = ["gamma"] if o["scale"] else []
    return scale + (["beta"] if o["center"] else []) + ["moving_mean", "moving_variance"]


def parameters(kind, o, input_shape):
    """The parameters in Keras's order: (values, whether each is trained)."""

    def shifted(stream, shape, scale=1.0, offset=0.0):
        return offset + scale * value(stream, shape)

    channels = input_shape[-1]
    if kind == "Conv2D":
        shape = (*o["kernel_size"], channels // o["groups"], o["filters"])
        made = [shifted(PARAMETERS, shape, 0.5)]
        return made + ([shifted(PARAMETERS + 1, (o["filters"],))] if o["use_bias"] else [])
    if kind == "Dense":
        made = [shifted(PARAMETERS, (channels, o["units"]), 0.5)]
        return made + ([shifted(PARAMETERS + 1, (o["units"],))] if o["use_bias"] else [])
    if kind == "BatchNormalization":
        made = []
        for k, name in enumerate(bn_parameters(o)):
            positive = name in ("gamma", "moving_variance")
            made.append(shifted(PARAMETERS + k, (channels,), *((0.5, 1.0) if positive else ())))
        return made
    return []


def agree(name, what, a, b, limit):
    assert a.shape == b.shape, f"{name}: {what} has shapes {a.shape} and {b.shape}"
    worst = np.max(np.abs(a - b) / np.maximum(1.0, np.abs(a)), initial=0.0)
    assert worst < limit, f"{name}: {what} differs by {worst}"


def compute(name, kind, o, input_shape, xstream):
    x_value = value(xstream, input_shape) * o.get("xscale", 1)
    p_value = parameters(kind, o, input_shape)
    trained = len(p_value) - (2 if kind == "BatchNormalization" else 0)

    state = {}
    x = torch.tensor(x_value, requires_grad=True)
    p = [torch.tensor(v, requires_grad=k < trained) for k, v in enumerate(p_value)]
    y = torch_layer(kind, o, x, p, state)
    g = value(UPSTREAM, tuple(y.shape))
    (y * torch.tensor(g)).sum().backward()
    tensors = {"y": y.detach().numpy(), "dx": x.grad.numpy()}
    tensors.update({f"d{k}": p[k].grad.numpy() for k in range(trained)})
    tensors.update({k: v.numpy() for k, v in state.items()})

    layer = keras_layer(kind, o)
    if layer is not None:
        layer.build((None, *input_shape[1:]))
        layer.set_weights(p_value)
        kx = tf.Variable(x_value)
        call = {"training": o["training"]} if "training" in o else {}
        with tf.GradientTape() as tape:
            ky = layer(kx, **call)
            loss = tf.reduce_sum(ky * g)
        gradients = tape.gradient(loss, [kx] + [v.value for v in layer.trainable_variables])
        others = dict(zip(["dx"] + [f"d{k}" for k in range(trained)], gradients, strict=True), y=ky)
        if state:
            others.update(moving_mean=layer.moving_mean, moving_variance=layer.moving_variance)
        assert others.keys() == tensors.keys(), name
        limit = AGREEMENT_FLOAT32_CONSTANT if o.get("activation") in ("leaky_relu", "gelu") else AGREEMENT
        for what, other in others.items():
            agree(name, what, tensors[what], other.numpy(), limit)
    return tensors, layer is not None


# --- the configurations -----------------------------------------------------------------------------------------------


def conv(filters, kernel, strides=(1, 1), padding="valid", dilation=(1, 1), groups=1, bias=True, activation="linear"):
    return "Conv2D", {
        "filters": filters,
        "kernel_size": kernel,
        "strides": strides,
        "padding": padding,
        "dilation_rate": dilation,
        "groups": groups,
        "use_bias": bias,
        "activation": activation,
    }


def pool(kind, size, strides=None, padding="valid"):
    return kind + "Pooling2D", {"pool_size": size, "strides": strides or size, "padding": padding}


def dense(units, bias=True, activation="linear"):
    return "Dense", {"units": units, "use_bias": bias, "activation": activation}


def batch_norm(training, momentum=0.99, epsilon=1e-3, center=True, scale=True):
    return "BatchNormalization", {
        "axis": -1,
        "momentum": momentum,
        "epsilon": epsilon,
        "center": center,
        "scale": scale,
        "training": training,
    }


def configurations():
    """(name, (kind, options), input shape with the batch)"""
    # Convolution: kernel sizes, odd and even, on odd and even maps.
    for padding in ("valid", "same"):
        yield f"conv_1x1_{padding}", conv(4, (1, 1), padding=padding), (2, 3, 4, 3)
        yield f"conv_2x2_{padding}", conv(3, (2, 2), padding=padding), (2, 5, 4, 2)
        yield f"conv_3x3_{padding}", conv(4, (3, 3), padding=padding), (2, 6, 5, 3)
        yield f"conv_5x5_{padding}", conv(3, (5, 5), padding=padding), (1, 7, 6, 2)
        yield f"conv_1x3_{padding}", conv(3, (1, 3), padding=padding), (2, 4, 5, 2)
        yield f"conv_4x3_{padding}", conv(3, (4, 3), padding=padding), (2, 6, 5, 2)
    # Strides that divide and that do not, unequal ones, kernels smaller than the stride.
    for padding in ("valid", "same"):
        yield f"conv_3x3_{padding}_stride2", conv(3, (3, 3), (2, 2), padding), (2, 7, 6, 2)
        yield f"conv_3x3_{padding}_stride2_even", conv(3, (3, 3), (2, 2), padding), (2, 8, 8, 2)
        yield f"conv_3x3_{padding}_stride3", conv(3, (3, 3), (3, 3), padding), (1, 8, 10, 2)
        yield f"conv_3x3_{padding}_stride1_2", conv(3, (3, 3), (1, 2), padding), (2, 5, 8, 2)
        yield f"conv_4x3_{padding}_stride2_3", conv(3, (4, 3), (2, 3), padding), (2, 7, 8, 2)
        yield f"conv_5x5_{padding}_stride2", conv(3, (5, 5), (2, 2), padding), (1, 8, 9, 2)
        yield f"conv_1x1_{padding}_stride2", conv(4, (1, 1), (2, 2), padding), (2, 5, 6, 3)
        yield f"conv_2x2_{padding}_stride3", conv(3, (2, 2), (3, 3), padding), (2, 7, 8, 2)
    # Dilation.
    for padding in ("valid", "same"):
        yield f"conv_3x3_{padding}_dilation2", conv(3, (3, 3), (1, 1), padding, (2, 2)), (2, 7, 6, 2)
        yield f"conv_3x3_{padding}_dilation2_1", conv(3, (3, 3), (1, 1), padding, (2, 1)), (2, 7, 5, 2)
        yield f"conv_2x3_{padding}_dilation1_3", conv(3, (2, 3), (1, 1), padding, (1, 3)), (2, 4, 8, 2)
        yield f"conv_3x3_{padding}_stride2_dilation2", conv(3, (3, 3), (2, 2), padding, (2, 2)), (1, 8, 9, 2)
    # Groups, up to depthwise and depthwise with a multiplier.
    for padding in ("valid", "same"):
        yield f"conv_3x3_{padding}_groups2", conv(6, (3, 3), (1, 1), padding, groups=2), (1, 5, 6, 4)
        yield f"conv_2x2_{padding}_groups4_stride2", conv(8, (2, 2), (2, 2), padding, groups=4), (1, 5, 5, 8)
        yield f"conv_3x3_{padding}_depthwise", conv(5, (3, 3), (1, 1), padding, groups=5), (2, 4, 5, 5)
        yield f"conv_3x3_{padding}_depthwise_stride2", conv(8, (3, 3), (2, 2), padding, groups=4), (1, 6, 7, 4)
    yield "conv_1x1_groups2", conv(4, (1, 1), groups=2), (2, 3, 3, 6)
    yield "conv_3x3_same_groups3_dilation2", conv(6, (3, 3), (1, 1), "same", (2, 2), 3), (1, 6, 5, 3)
    # Maps of one pixel, a kernel as large as the map, one channel, no bias, many channels.
    yield "conv_1x1_map", conv(4, (1, 1)), (3, 1, 1, 5)
    yield "conv_3x3_same_on_1x1_map", conv(3, (3, 3), padding="same"), (2, 1, 1, 4)
    yield "conv_5x5_same_stride2_on_2x3_map", conv(2, (5, 5), (2, 2), "same"), (2, 2, 3, 2)
    yield "conv_kernel_is_the_map", conv(4, (4, 5)), (2, 4, 5, 2)
    yield "conv_one_to_one_channel", conv(1, (3, 3)), (1, 5, 5, 1)
    yield "conv_one_row", conv(3, (1, 3), (1, 2)), (2, 1, 9, 2)
    yield "conv_no_bias", conv(4, (3, 3), bias=False), (2, 5, 5, 2)
    yield "conv_no_bias_same_stride2", conv(4, (3, 3), (2, 2), "same", bias=False), (2, 5, 6, 2)
    yield "conv_17_to_19_channels", conv(19, (1, 2)), (1, 3, 3, 17)
    # Activations inside the convolution.
    for activation in ("relu", "sigmoid", "tanh", "softmax", "leaky_relu", "elu", "gelu", "silu"):
        yield f"conv_{activation}", conv(3, (3, 3), padding="same", activation=activation), (1, 4, 5, 2)
    yield "conv_relu_batch3", conv(4, (3, 3), activation="relu"), (3, 5, 5, 2)

    for kind in ("Max", "Average"):
        short = kind.lower()
        yield f"{short}_2x2", pool(kind, (2, 2)), (2, 6, 4, 3)
        yield f"{short}_2x2_odd_map", pool(kind, (2, 2)), (2, 5, 7, 2)
        yield f"{short}_2x2_stride1", pool(kind, (2, 2), (1, 1)), (2, 4, 5, 2)
        yield f"{short}_3x3_stride2", pool(kind, (3, 3), (2, 2)), (1, 7, 8, 2)
        yield f"{short}_3x2_stride1_2", pool(kind, (3, 2), (1, 2)), (2, 5, 6, 2)
        yield f"{short}_2x2_stride3", pool(kind, (2, 2), (3, 3)), (1, 8, 7, 2)
        yield f"{short}_2x2_same_odd_map", pool(kind, (2, 2), None, "same"), (2, 5, 7, 2)
        yield f"{short}_3x3_same_stride1", pool(kind, (3, 3), (1, 1), "same"), (2, 4, 5, 2)
        yield f"{short}_3x3_same_stride2", pool(kind, (3, 3), (2, 2), "same"), (1, 6, 7, 2)
        yield f"{short}_2x3_same_stride3_2", pool(kind, (2, 3), (3, 2), "same"), (1, 7, 6, 2)
        yield f"{short}_4x4_same_stride1_on_2x3_map", pool(kind, (4, 4), (1, 1), "same"), (2, 2, 3, 2)
        yield f"{short}_pool_is_the_map", pool(kind, (3, 4)), (2, 3, 4, 3)
        yield f"{short}_1x1_map", pool(kind, (1, 1)), (2, 1, 1, 3)
        yield f"global_{short}", (f"Global{kind}Pooling2D", {}), (2, 4, 5, 3)
        yield f"global_{short}_1x1_map", (f"Global{kind}Pooling2D", {}), (2, 1, 1, 4)
        yield f"global_{short}_batch1", (f"Global{kind}Pooling2D", {}), (1, 3, 7, 2)

    yield "dense", dense(5), (3, 7)
    yield "dense_batch1", dense(4), (1, 6)
    yield "dense_one_unit", dense(1, activation="sigmoid"), (4, 5)
    yield "dense_no_bias", dense(5, bias=False, activation="tanh"), (3, 4)
    yield "dense_on_images", dense(3), (2, 3, 4, 5)
    yield "dense_on_images_relu", dense(4, activation="relu"), (2, 3, 2, 3)
    for activation in ("relu", "softmax", "leaky_relu", "elu", "gelu", "silu"):
        yield f"dense_{activation}", dense(6, activation=activation), (4, 5)

    for activation in ("linear", "relu", "sigmoid", "tanh", "softmax", "leaky_relu", "elu", "gelu", "silu"):
        yield f"activation_{activation}", ("Activation", {"activation": activation, "xscale": 4}), (5, 7)
        yield f"activation_{activation}_images", ("Activation", {"activation": activation, "xscale": 2}), (2, 3, 2, 4)
    for activation in ("sigmoid", "tanh", "softmax", "elu", "gelu", "silu"):
        yield f"activation_{activation}_wide", ("Activation", {"activation": activation, "xscale": 40}), (4, 6)

    for training in (True, False):
        mode = "training" if training else "inference"
        yield f"batch_norm_{mode}_2d", batch_norm(training), (6, 4)
        yield f"batch_norm_{mode}_4d", batch_norm(training), (3, 4, 3, 3)
        yield f"batch_norm_{mode}_momentum", batch_norm(training, momentum=0.8, epsilon=1e-2), (2, 3, 3, 2)
        yield f"batch_norm_{mode}_no_center", batch_norm(training, center=False), (5, 3)
        yield f"batch_norm_{mode}_no_scale", batch_norm(training, scale=False), (2, 2, 3, 3)
    yield "batch_norm_training_batch1", batch_norm(True), (1, 4, 5, 2)
    yield "batch_norm_training_1x1_map", batch_norm(True), (7, 1, 1, 3)

    yield "flatten", ("Flatten", {}), (2, 3, 4, 2)
    yield "flatten_of_a_row", ("Flatten", {}), (3, 5)
    yield "reshape_to_images", ("Reshape", {"target_shape": (3, 2, 2)}), (2, 12)
    yield "reshape_images", ("Reshape", {"target_shape": (6, 4)}), (2, 2, 3, 4)


def write_cases(file, configurations, compute):
    """Writes what `compute(name, kind, options, input_shape, xstream)` returns for each configuration: tensors by name, and whether both
    recorders computed them. x comes from the first stream that has no kink."""
    self_check()
    count = both = 0
    names = set()
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), file), "w", newline="\n") as out:
        for name, (kind, o), input_shape in configurations:
            assert name not in names, name
            names.add(name)
            for xstream in [X_STREAM, *range(101, 1101)]:
                try:
                    tensors, in_keras = compute(name, kind, o, input_shape, xstream)
                    break
                except NearKink:
                    continue
            else:
                raise RuntimeError(f"{name}: every stream has a kink")
            count, both = count + 1, both + in_keras
            xscale = o.get("xscale", 1)
            written = {k: v for k, v in o.items() if k != "xscale"}
            out.write(f"case {name}\nlayer {' '.join([kind, options(**written)]).rstrip()}\n")
            out.write(f"input {' '.join(map(str, input_shape))}\nxstream {xstream}\nxscale {xscale}\n")
            for what, tensor in tensors.items():
                write_tensor(out, what, np.asarray(tensor))
            out.write("end\n")
    print(f"{count} cases, {both} of them computed by both recorders")


if __name__ == "__main__":
    write_cases("layers.txt", configurations(), compute)
