"""Records augmentations.txt: what Keras's preprocessing layers make of a picture of bytes / 255, by what they would have drawn, in float64.

The line `augmentation` has the type and what was drawn, as the tests give it to fovea's: a factor whose two ends are the same. Of
Keras's layers only `transform_images` is called, which draws nothing.
"""
from keras_float64 import keras  # before TensorFlow, for which it sets the environment

import os

import numpy as np

from formula import X_STREAM, options, value, write_tensor

LAYERS = keras.layers


def bytes_of(shape, low=0, high=256):
    """From `low` to below `high`."""
    return np.floor(low + (value(X_STREAM, shape) + 1) / 2 * (high - low))


def one(number):
    return np.full((1,), number, np.float64)


def case(out, name, o, layer, transformation, shape=(7, 9, 3), low=0, high=256, bytes_in=False, kind=None):
    """With `bytes_in` Keras gets bytes, for value_range [0, 255], as where a byte / 255 * 255 may come out below it."""
    x = bytes_of(shape, low, high)
    given = x if bytes_in else x / 255
    y = np.asarray(layer.transform_images(keras.ops.convert_to_tensor(given[None], "float64"), transformation))[0]
    print("case", name, file=out)
    print("augmentation", kind or type(layer).__name__, options(**o), file=out)
    print("input", *shape, file=out)
    print("from", low, high, file=out)
    write_tensor(out, "y", y / 255 if bytes_in else y)
    print("end", file=out)


def cases(out):
    unit = {"value_range": (0, 1), "dtype": "float64"}
    for f in (0.3, -0.2):
        layer = LAYERS.RandomBrightness(0.5, **unit)
        case(out, f"brightness_{f}", {"factor": f}, layer, {"rgb_delta": np.full((1, 1, 1, 1), f)})
    layer = LAYERS.RandomBrightness(0.5, value_range=(0, 255), dtype="float64")
    delta = {"rgb_delta": np.full((1, 1, 1, 1), 0.3 * 255)}
    case(out, "brightness_of_bytes", {"factor": 0.3, "bytes": 1}, layer, delta, bytes_in=True)
    for f in (0.4, -0.6):
        layer = LAYERS.RandomContrast(0.5, **unit)
        drawn = {"contrast_factor": np.full((1, 1, 1, 1), 1 + f)}
        case(out, f"contrast_{f}", {"factor": f}, layer, drawn)
    for f in (0.0, 0.2, 0.5, 0.8, 1.0):
        layer = LAYERS.RandomSaturation(0.5, **unit)
        case(out, f"saturation_{f}", {"factor": f}, layer, {"factor": one(f / (1 - f + 1e-7))})
    for f in (0.15, 0.7, 1.0):
        for sign in (1, -1):
            layer = LAYERS.RandomHue(0.5, **unit)
            case(out, f"hue_{sign * f}", {"factor": f, "sign": sign}, layer, {"factor": one(0.5 * sign * f)})
    for size, sigma in ((3, 1.0), (5, 0.8), (9, 0.4)):
        layer = LAYERS.RandomGaussianBlur(1.0, kernel_size=size, sigma=sigma, **unit)
        drawn = {"should_apply_blur": np.array([True]), "blur_factor": np.full((2,), sigma + 1e-6)}
        case(out, f"blur_{size}_{sigma}", {"kernel_size": size, "sigma": sigma}, layer, drawn)
    case(out, "grayscale", {}, LAYERS.RandomGrayscale(1.0, dtype="float64"), np.full((1, 1, 1, 1), True))
    for f in (0.3, 1.0):
        layer = LAYERS.RandomColorDegeneration(0.5, **unit)
        case(out, f"color_degeneration_{f}", {"factor": f}, layer, {"factor": np.full((1, 1, 1, 1), f)})
    case(out, "invert", {}, LAYERS.RandomInvert(1.0, **unit), {"apply_inversion": np.array([True])})
    for bits in (1, 3, 4, 8):
        layer = LAYERS.RandomPosterization(4, value_range=(0, 255), dtype="float64")
        drawn = {"shift_factor": np.array([8 - bits], np.uint8)}
        case(out, f"posterization_{bits}", {"factor": bits}, layer, drawn, bytes_in=True)
    for f in (0.0, 0.3, 1.0):
        case(out, f"sharpness_{f}", {"factor": f}, LAYERS.RandomSharpness(0.5, **unit), {"factor": one(f)})
    for addition, threshold in ((0.0, 0.0), (0.0, 0.4), (0.2, 0.7)):
        layer = LAYERS.Solarization(value_range=(0, 255), dtype="float64")
        drawn = {
            "additions": np.full((1, 1, 1, 1), 255 * addition),
            "thresholds": np.full((1, 1, 1, 1), 255 * threshold),
        }
        o = {"addition_factor": addition, "threshold_factor": threshold}
        case(out, f"solarization_{addition}_{threshold}", o, layer, drawn, bytes_in=True)
    for name, low, high in (("wide", 0, 256), ("narrow", 60, 90), ("flat", 100, 101)):
        layer = LAYERS.AutoContrast(value_range=(0, 255), dtype="float64")
        case(out, f"auto_contrast_{name}", {}, layer, None, low=low, high=high, bytes_in=True)
        layer = LAYERS.Equalization(value_range=(0, 255), dtype="float64")
        case(out, f"equalization_{name}", {}, layer, None, low=low, high=high, bytes_in=True)
    layer = LAYERS.Equalization(value_range=(0, 255), dtype="float64")
    case(out, "equalization_of_a_large_grey_one", {}, layer, None, (31, 33, 1), 0, 200, bytes_in=True)


if __name__ == "__main__":
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "augmentations.txt"), "w") as out:
        cases(out)
