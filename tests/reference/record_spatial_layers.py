"""Records spatial_layers.txt: as record_layers.py does, for the layers that make images larger, smaller or convolve them by channel.

Every configuration is computed by PyTorch, and by Keras wherever Keras on TensorFlow has it; the two must agree to 1e-11.
By PyTorch alone: depthwise and separable convolutions with unequal strides, and transposed ones with an even kernel, same
padding and an output_padding of 0, whose shape Keras gives and TensorFlow refuses. For a transposed convolution with dilation,
which TensorFlow has on GPUs only, Keras gets a larger kernel with zeros between the weights. TensorFlow's bilinear
interpolation is always in float32: there the two agree to 1e-6. What PyTorch's transposed convolution is cut to comes from
Keras's own rules.
"""
from record_layers import AGREEMENT, AGREEMENT_FLOAT32_CONSTANT, activate, agree, keras, nchw, nhwc, pad, write_cases

import numpy as np
import tensorflow as tf
import torch
import torch.nn.functional as F
from keras.src.backend.common import backend_utils

from formula import PARAMETERS, UPSTREAM, options, value

AGREEMENT_FLOAT32 = 1e-6


# --- PyTorch ----------------------------------------------------------------------------------------------------------


def depthwise(o, x, kernel):
    """kernel (height, width, channels, multiplier)"""
    h, w, channels, multiplier = kernel.shape
    z = pad(nchw(x), o["kernel_size"], o["strides"], o["dilation_rate"], o["padding"], 0.0)
    filters = kernel.permute(2, 3, 0, 1).reshape(channels * multiplier, 1, h, w)
    return nhwc(F.conv2d(z, filters, None, o["strides"], 0, o["dilation_rate"], channels))


def edges(pairs):
    """((top, bottom), (left, right)) as F.pad has it."""
    (top, bottom), (left, right) = pairs
    return left, right, top, bottom


def pairs(given):
    """Keras's three ways to say ((top, bottom), (left, right)), written as one, two or four numbers."""
    if len(given) == 4:
        return given[:2], given[2:]
    return (given[0], given[0]), (given[-1], given[-1])


def torch_layer(kind, o, x, p):
    if kind == "DepthwiseConv2D":
        y = depthwise(o, x, p[0])
        return activate(o["activation"], y + p[1] if o["use_bias"] else y)
    if kind == "SeparableConv2D":
        y = depthwise(o, x, p[0]) @ p[1][0, 0]
        return activate(o["activation"], y + p[2] if o["use_bias"] else y)
    if kind == "Conv2DTranspose":
        rule = o["strides"], o["padding"], o.get("output_padding")
        crops = backend_utils.compute_conv_transpose_output_crops_for_torch(
            x.shape, p[0].shape, *rule, o["dilation_rate"]
        )
        shape = backend_utils.compute_conv_transpose_output_shape(
            x.shape, o["kernel_size"], o["filters"], *rule, dilation_rate=o["dilation_rate"]
        )
        kernel = p[0].permute(3, 2, 0, 1)
        y = F.conv_transpose2d(nchw(x), kernel, None, o["strides"], dilation=o["dilation_rate"])
        y = nhwc(F.pad(y, edges([(-before, -behind) for before, behind in crops])))
        assert tuple(y.shape) == tuple(shape)
        return activate(o["activation"], y + p[1] if o["use_bias"] else y)
    if kind == "UpSampling2D":
        if o["interpolation"] == "nearest":
            return nhwc(F.interpolate(nchw(x), scale_factor=o["size"], mode="nearest"))
        return nhwc(F.interpolate(nchw(x), scale_factor=o["size"], mode="bilinear", align_corners=False))
    if kind == "ZeroPadding2D":
        return nhwc(F.pad(nchw(x), edges(pairs(o["padding"]))))
    if kind == "Cropping2D":
        (top, bottom), (left, right) = pairs(o["cropping"])
        return x[:, top : x.shape[1] - bottom, left : x.shape[2] - right, :]
    raise ValueError(kind)


# --- Keras ------------------------------------------------------------------------------------------------------------


def spans(o):
    """The extent of the kernel with its dilation."""
    return tuple((k - 1) * d + 1 for k, d in zip(o["kernel_size"], o["dilation_rate"]))


def spread(o, kernel):
    """The kernel with zeros in place of its dilation."""
    result = np.zeros((*spans(o), *kernel.shape[2:]))
    result[:: o["dilation_rate"][0], :: o["dilation_rate"][1]] = kernel
    return result


def keras_layer(kind, o):
    """None where Keras on TensorFlow does not have it."""
    unequal = "strides" in o and o["strides"][0] != o["strides"][1]
    if kind in ("DepthwiseConv2D", "SeparableConv2D") and unequal:
        return None
    if kind == "Conv2DTranspose":
        if o["padding"] == "same" and "output_padding" in o:
            if any(span % 2 == 0 and extra == 0 for span, extra in zip(spans(o), o["output_padding"])):
                return None
    settings = dict(o)
    if kind == "Conv2DTranspose":
        settings.update(kernel_size=spans(o), dilation_rate=1)
    for field in ("padding", "cropping"):
        if field in o and not isinstance(o[field], str):
            settings[field] = o[field][0] if len(o[field]) == 1 else o[field] if len(o[field]) == 2 else pairs(o[field])
    return getattr(keras.layers, kind)(**settings)


def parameters(kind, o, input_shape):
    """In Keras's order."""
    channels = input_shape[-1]
    if kind == "DepthwiseConv2D":
        kernels = [(*o["kernel_size"], channels, o["depth_multiplier"])]
        outputs = channels * o["depth_multiplier"]
    elif kind == "SeparableConv2D":
        between = channels * o["depth_multiplier"]
        kernels = [(*o["kernel_size"], channels, o["depth_multiplier"]), (1, 1, between, o["filters"])]
        outputs = o["filters"]
    elif kind == "Conv2DTranspose":
        kernels = [(*o["kernel_size"], o["filters"], channels)]
        outputs = o["filters"]
    else:
        return []
    made = [0.5 * value(PARAMETERS + k, shape) for k, shape in enumerate(kernels)]
    return made + ([value(PARAMETERS + len(made), (outputs,))] if o["use_bias"] else [])


def compute(name, kind, o, input_shape, xstream):
    x_value = value(xstream, input_shape)
    p_value = parameters(kind, o, input_shape)
    x = torch.tensor(x_value, requires_grad=True)
    p = [torch.tensor(v, requires_grad=True) for v in p_value]
    y = torch_layer(kind, o, x, p)
    g = value(UPSTREAM, tuple(y.shape))
    (y * torch.tensor(g)).sum().backward()
    tensors = {"y": y.detach().numpy(), "dx": x.grad.numpy()}
    tensors.update({f"d{k}": v.grad.numpy() for k, v in enumerate(p)})

    layer = keras_layer(kind, o)
    if layer is not None:
        layer.build((None, *input_shape[1:]))
        transposed = kind == "Conv2DTranspose"
        layer.set_weights([spread(o, p_value[0]), *p_value[1:]] if transposed else p_value)
        kx = tf.Variable(x_value)
        with tf.GradientTape() as tape:
            ky = layer(kx)
            loss = tf.reduce_sum(ky * tf.cast(g, ky.dtype))
        gradients = tape.gradient(loss, [kx] + [v.value for v in layer.trainable_variables])
        if transposed:
            gradients[1] = gradients[1][:: o["dilation_rate"][0], :: o["dilation_rate"][1]]
        others = dict(zip(["dx"] + [f"d{k}" for k in range(len(p))], gradients, strict=True), y=ky)
        assert others.keys() == tensors.keys(), name
        limit = AGREEMENT_FLOAT32_CONSTANT if o.get("activation") in ("leaky_relu", "gelu") else AGREEMENT
        limit = AGREEMENT_FLOAT32 if o.get("interpolation") == "bilinear" else limit
        for what, other in others.items():
            agree(name, what, tensors[what], other.numpy(), limit)
    return tensors, layer is not None


# --- the configurations -----------------------------------------------------------------------------------------------


def depthwise_conv(
    kernel, strides=(1, 1), padding="valid", multiplier=1, dilation=(1, 1), bias=True, activation="linear"
):
    return "DepthwiseConv2D", {
        "kernel_size": kernel,
        "strides": strides,
        "padding": padding,
        "depth_multiplier": multiplier,
        "dilation_rate": dilation,
        "use_bias": bias,
        "activation": activation,
    }


def separable_conv(filters, *args, **named):
    return "SeparableConv2D", {"filters": filters, **depthwise_conv(*args, **named)[1]}


def transposed_conv(
    filters, kernel, strides=(1, 1), padding="valid", extra=None, dilation=(1, 1), bias=True, activation="linear"
):
    output_padding = {} if extra is None else {"output_padding": extra}
    return "Conv2DTranspose", {
        "filters": filters,
        "kernel_size": kernel,
        "strides": strides,
        "padding": padding,
        **output_padding,
        "dilation_rate": dilation,
        "use_bias": bias,
        "activation": activation,
    }


def up_sampling(size, interpolation):
    return "UpSampling2D", {"size": size, "interpolation": interpolation}


def configurations():
    """(name, (kind, options), input shape with the batch)"""
    for short, make in (("depthwise", depthwise_conv), ("separable", lambda *a, **n: separable_conv(5, *a, **n))):
        for padding in ("valid", "same"):
            yield f"{short}_3x3_{padding}", make((3, 3), padding=padding), (2, 6, 5, 3)
            yield f"{short}_2x4_{padding}", make((2, 4), padding=padding), (2, 5, 6, 2)
            yield f"{short}_3x3_{padding}_stride2", make((3, 3), (2, 2), padding), (2, 7, 8, 4)
            yield f"{short}_2x2_{padding}_stride3", make((2, 2), (3, 3), padding), (1, 7, 8, 3)
            yield f"{short}_3x2_{padding}_stride1_2", make((3, 2), (1, 2), padding), (2, 5, 8, 3)
            yield f"{short}_3x3_{padding}_dilation2", make((3, 3), padding=padding, dilation=(2, 2)), (2, 7, 6, 3)
            yield f"{short}_2x3_{padding}_dilation3_1", make((2, 3), padding=padding, dilation=(3, 1)), (1, 6, 5, 3)
            yield f"{short}_3x3_{padding}_stride2_dilation2", make((3, 3), (2, 2), padding, 1, (2, 2)), (1, 9, 8, 3)
            yield f"{short}_3x3_{padding}_multiplier2", make((3, 3), padding=padding, multiplier=2), (2, 5, 6, 3)
            yield f"{short}_2x3_{padding}_multiplier3_stride2", make((2, 3), (2, 2), padding, 3), (1, 6, 7, 2)
            yield f"{short}_3x3_{padding}_multiplier2_dilation2", make((3, 3), (1, 1), padding, 2, (2, 2)), (1, 6, 7, 3)
        yield f"{short}_1x1", make((1, 1)), (2, 3, 4, 5)
        yield f"{short}_1x1_stride2", make((1, 1), (2, 2)), (2, 5, 4, 3)
        yield f"{short}_one_channel", make((3, 3)), (2, 5, 4, 1)
        yield f"{short}_one_channel_multiplier4", make((3, 3), padding="same", multiplier=4), (2, 5, 4, 1)
        yield f"{short}_5x5_same_on_2x3_map", make((5, 5), (2, 2), "same"), (2, 2, 3, 2)
        yield f"{short}_kernel_is_the_map", make((4, 3), multiplier=2), (2, 4, 3, 2)
        yield f"{short}_19_channels", make((3, 3), padding="same"), (1, 4, 3, 19)
        yield f"{short}_17_channels_multiplier2", make((2, 2), multiplier=2), (1, 3, 3, 17)
        yield f"{short}_no_bias", make((3, 3), bias=False), (2, 5, 5, 2)
        yield f"{short}_no_bias_multiplier2", make((3, 3), (2, 2), "same", 2, bias=False), (2, 5, 6, 2)
        for activation in ("relu", "sigmoid", "softmax", "gelu", "silu"):
            yield f"{short}_{activation}", make((3, 3), padding="same", activation=activation), (1, 4, 5, 3)
        yield f"{short}_relu_multiplier2", make((3, 3), multiplier=2, activation="relu"), (1, 4, 5, 3)
    yield "separable_1_filter", separable_conv(1, (3, 3)), (2, 5, 5, 3)
    yield "separable_33_filters", separable_conv(33, (3, 3), (2, 2), "same"), (1, 5, 5, 3)

    make = transposed_conv
    for padding in ("valid", "same"):
        yield f"transposed_1x1_{padding}", make(4, (1, 1), padding=padding), (2, 3, 4, 3)
        yield f"transposed_2x2_{padding}", make(3, (2, 2), padding=padding), (2, 3, 4, 2)
        yield f"transposed_3x3_{padding}", make(3, (3, 3), padding=padding), (2, 4, 5, 2)
        yield f"transposed_4x3_{padding}", make(2, (4, 3), padding=padding), (2, 3, 4, 3)
        yield f"transposed_2x2_{padding}_stride2", make(3, (2, 2), (2, 2), padding), (2, 3, 4, 2)
        yield f"transposed_3x3_{padding}_stride2", make(3, (3, 3), (2, 2), padding), (2, 4, 3, 2)
        yield f"transposed_4x4_{padding}_stride2", make(3, (4, 4), (2, 2), padding), (2, 3, 4, 2)
        yield f"transposed_5x4_{padding}_stride3", make(2, (5, 4), (3, 3), padding), (1, 3, 4, 2)
        yield f"transposed_5x3_{padding}_stride2_3", make(2, (5, 3), (2, 3), padding), (2, 3, 2, 3)
        yield f"transposed_2x2_{padding}_stride3", make(3, (2, 2), (3, 3), padding), (2, 3, 2, 2)
        yield f"transposed_1x2_{padding}_stride3_4", make(3, (1, 2), (3, 4), padding), (1, 2, 3, 2)
        yield f"transposed_3x3_{padding}_stride2_extra0", make(2, (3, 3), (2, 2), padding, (0, 0)), (2, 3, 4, 2)
        yield f"transposed_3x3_{padding}_stride2_extra1", make(2, (3, 3), (2, 2), padding, (1, 1)), (2, 3, 4, 2)
        yield f"transposed_4x3_{padding}_stride3_extra1_2", make(2, (4, 3), (3, 3), padding, (1, 2)), (1, 3, 3, 2)
        yield f"transposed_2x4_{padding}_stride2_extra1_0", make(2, (2, 4), (2, 2), padding, (1, 0)), (1, 3, 4, 2)
        yield f"transposed_3x3_{padding}_dilation2", make(2, (3, 3), padding=padding, dilation=(2, 2)), (2, 4, 5, 2)
        yield f"transposed_2x2_{padding}_dilation3", make(2, (2, 2), padding=padding, dilation=(3, 3)), (1, 4, 5, 3)
        yield f"transposed_3x2_{padding}_stride2_dilation2", make(2, (3, 2), (2, 2), padding, None, (2, 2)), (1, 4, 3, 2)
        yield f"transposed_3x3_{padding}_on_1x1_map", make(3, (3, 3), (2, 2), padding), (2, 1, 1, 4)
    yield "transposed_one_to_one_channel", make(1, (3, 3), (2, 2)), (1, 3, 3, 1)
    yield "transposed_17_to_19_channels", make(19, (2, 2), (2, 2)), (1, 2, 3, 17)
    yield "transposed_3x3_same_many_channels", make(25, (3, 3), padding="same"), (1, 5, 4, 24)
    yield "transposed_3x3_valid_many_channels", make(24, (3, 3)), (1, 5, 4, 26)
    yield "transposed_no_bias", make(3, (3, 3), (2, 2), "same", bias=False), (2, 3, 4, 2)
    for activation in ("relu", "sigmoid", "tanh", "softmax", "gelu", "silu"):
        yield f"transposed_{activation}", make(3, (3, 3), (2, 2), "same", activation=activation), (1, 3, 2, 2)
    yield "transposed_relu_no_bias", make(3, (2, 2), (2, 2), bias=False, activation="relu"), (2, 3, 2, 2)

    for interpolation in ("nearest", "bilinear"):
        for h, w in ((2, 2), (3, 2), (1, 4), (5, 1), (3, 3), (1, 1)):
            yield f"up_sampling_{interpolation}_{h}x{w}", up_sampling((h, w), interpolation), (2, 4, 3, 3)
        yield f"up_sampling_{interpolation}_1x1_map", up_sampling((2, 3), interpolation), (2, 1, 1, 2)
        yield f"up_sampling_{interpolation}_one_row", up_sampling((2, 2), interpolation), (1, 1, 5, 1)
        yield f"up_sampling_{interpolation}_19_channels", up_sampling((2, 2), interpolation), (1, 3, 2, 19)

    for given in ((1,), (2, 1), (0, 3), (1, 2, 3, 0), (0, 0, 0, 2)):
        yield f"zero_padding_{'_'.join(map(str, given))}", ("ZeroPadding2D", {"padding": given}), (2, 3, 4, 3)
    yield "zero_padding_0", ("ZeroPadding2D", {"padding": (0,)}), (2, 2, 3, 1)
    for given in ((1,), (2, 1), (0, 3), (1, 2, 3, 0), (0, 0, 0, 2)):
        yield f"cropping_{'_'.join(map(str, given))}", ("Cropping2D", {"cropping": given}), (2, 6, 7, 3)
    yield "cropping_0", ("Cropping2D", {"cropping": (0,)}), (2, 2, 3, 1)
    yield "cropping_to_one_pixel", ("Cropping2D", {"cropping": (2, 1, 3, 2)}), (2, 4, 6, 2)


if __name__ == "__main__":
    write_cases("spatial_layers.txt", configurations(), compute)
