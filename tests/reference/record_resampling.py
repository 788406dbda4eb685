"""Records resampling.txt: what SciPy and Keras make of images that are moved.

`resample` cases read an image at places that reach far beyond it, by SciPy in float64; Keras's affine_transform must agree, but for
wrap, along whose seam TensorFlow does not interpolate. The others are Keras's preprocessing layers with factors whose two ends are
the same. RandomShear and RandomPerspective are made of Keras's operations, since fovea's do not move images as a whole.
"""

import os

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import keras
import numpy as np
from scipy import ndimage

from formula import X_STREAM, options, self_check, value, write_tensor

MODES = {"reflect": "reflect", "constant": "grid-constant", "wrap": "grid-wrap", "nearest": "nearest"}
FILL_VALUE = 0.375
# Turned, stretched, shifted and tilted; k stays positive. No place is near the middle between two pixels.
MAP = (0.83, -0.71, 1.137, 0.52, 1.29, -3.21, 0.011, -0.013)


def places(m, height, width):
    """Rows and columns that the pixels come from."""
    y, x = np.meshgrid(np.arange(height, dtype=np.float64), np.arange(width, dtype=np.float64), indexing="ij")
    k = m[6] * x + m[7] * y + 1
    return (m[3] * x + m[4] * y + m[5]) / k, (m[0] * x + m[1] * y + m[2]) / k


def resampled(x, m, interpolation, mode):
    rows, columns = places(m, *x.shape[:2])
    channels = [
        ndimage.map_coordinates(
            x[:, :, c], (rows, columns), order=int(interpolation == "bilinear"), mode=MODES[mode], cval=FILL_VALUE
        )
        for c in range(x.shape[2])
    ]
    return np.stack(channels, axis=-1)


def case(out, name, kind, o, y, shape, digits=9):
    print("case", name, file=out)
    print("augment", kind, options(**o), file=out)
    print("input", *shape, file=out)
    write_tensor(out, "y", y, digits)
    print("end", file=out)


def resample_cases(out):
    for shape in ((7, 5, 2), (4, 9, 1), (1, 6, 1)):
        x = value(X_STREAM, shape)
        for interpolation in ("bilinear", "nearest"):
            for mode in MODES:
                y = resampled(x, MAP, interpolation, mode)
                if mode != "wrap":
                    keras_y = keras.ops.image.affine_transform(
                        x.astype(np.float32), np.float32(MAP), interpolation, mode, FILL_VALUE, "channels_last"
                    )
                    assert np.abs(y - np.asarray(keras_y)).max() < 2e-5, (shape, interpolation, mode)
                o = {"interpolation": interpolation, "fill_mode": mode}
                case(out, f"resample_{shape[0]}x{shape[1]}_{interpolation}_{mode}", "resample", o, y, shape, 17)


def layer_cases(out):
    layers = keras.layers
    shape = (9, 8, 2)
    x = value(X_STREAM, shape).astype(np.float32)

    def add(name, kind, o, layer):
        case(out, name, kind, o, np.asarray(layer(x[None], training=True))[0], shape)

    for mode in ("reflect", "constant", "nearest"):
        for interpolation in ("bilinear", "nearest"):
            how = {"fill_mode": mode, "interpolation": interpolation, "fill_value": FILL_VALUE}
            for f in (0.07, -0.21, 0.25)[: 3 if interpolation == "bilinear" else 2]:  # 0.25 lies between pixels
                layer = layers.RandomRotation((f, f), **how)
                add(f"rotation_{f}_{mode}_{interpolation}", "RandomRotation", {"factor": f, **how}, layer)
            for h, w in ((0.31, 0.31), (-0.27, 0.43)):
                layer = layers.RandomZoom((h, h), (w, w), **how)
                add(f"zoom_{h}_{w}_{mode}_{interpolation}", "RandomZoom", {"height_factor": h, "width_factor": w, **how}, layer)
            layer = layers.RandomTranslation((0.23, 0.23), (-0.37, -0.37), **how)
            o = {"height_factor": 0.23, "width_factor": -0.37, **how}
            add(f"translation_{mode}_{interpolation}", "RandomTranslation", o, layer)
            f, g = 0.29, -0.17
            middle_x, middle_y = (shape[1] - 1) / 2, (shape[0] - 1) / 2
            m = (1, f, -f * middle_y, g, 1, -g * middle_x, 0, 0)
            y = keras.ops.image.affine_transform(x, np.float32(m), interpolation, mode, FILL_VALUE, "channels_last")
            case(out, f"shear_{mode}_{interpolation}", "RandomShear", {"x_factor": f, "y_factor": g, **how}, y, shape)

    # Pixels have a side of 1, so that the image's corners are half of one beyond the middles of pixels.
    height, width = shape[:2]
    start = np.array([[0, 0], [width, 0], [0, height], [width, height]], np.float32) - 0.5
    end = start + np.array([[1.3, 0.7], [-0.9, 1.1], [-1.2, -0.4], [0.8, -1.6]], np.float32)
    for interpolation in ("bilinear", "nearest"):
        y = keras.ops.image.perspective_transform(x, start, end, interpolation, FILL_VALUE, "channels_last")
        case(out, f"perspective_{interpolation}", "RandomPerspective", {"interpolation": interpolation}, y, shape)

    add("center_crop_odd", "CenterCrop", {"height": 4, "width": 5}, layers.CenterCrop(4, 5))
    add("center_crop_even", "CenterCrop", {"height": 5, "width": 4}, layers.CenterCrop(5, 4))


if __name__ == "__main__":
    self_check()
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "resampling.txt"), "w") as out:
        resample_cases(out)
        layer_cases(out)
