"""Records images.txt: pictures as Pillow decodes and resizes them.

A case has the file's bytes as hexadecimal digits and the pixels that Pillow decodes. Pictures are made by the formula of
README.md, smoothed for JPEG, since noise is not what JPEG is for. A case of resizing has what Pillow's resize makes of the formula's picture; Pillow has no bilinear
resizing without antialiasing for smaller sizes and no area for others than whole ratios: those are PyTorch's and TensorFlow's.
"""

import io
import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np
import tensorflow as tf
import torch
import torch.nn.functional as F
from PIL import Image

from formula import X_STREAM, value

MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}


def picture(height, width, channels, smooth=False):
    """Bytes; smooth ones are waves of different lengths a channel, with a little noise."""
    noise = value(X_STREAM, (height, width, channels))
    if not smooth:
        return np.floor((noise + 1) * 128).astype(np.uint8)
    y, x, c = np.meshgrid(np.arange(height), np.arange(width), np.arange(channels), indexing="ij")
    waves = 128 + 70 * np.sin(x / (3.0 + c) + c) + 40 * np.cos(y / (2.5 + c))
    return np.clip(waves + 5 * noise, 0, 255).astype(np.uint8)


def image_of(pixels, mode=None):
    channels = pixels.shape[2]
    return Image.fromarray(pixels[:, :, 0] if channels == 1 else pixels, mode or MODES[channels])


def rows_of(array):
    array = np.asarray(array)
    return array if array.ndim == 3 else array[:, :, None]


def write_pixels(out, name, pixels):
    print("pixels", name, *pixels.shape, file=out)
    print(pixels.astype(np.uint8).tobytes().hex(), file=out)


def decoded(data, mode):
    image = Image.open(io.BytesIO(data))
    image.load()
    return rows_of(image.convert(mode))


def file_case(out, name, image, modes, **options):
    buffer = io.BytesIO()
    image.save(buffer, **options)
    data = buffer.getvalue()
    print("case", name, file=out)
    print("file", len(data), file=out)
    print(data.hex(), file=out)
    for mode in modes:
        write_pixels(out, mode, decoded(data, mode))
    print("end", file=out)


def files(out):
    for channels in (1, 2, 3, 4):
        file_case(out, f"png_{MODES[channels]}", image_of(picture(5, 7, channels)), [MODES[channels]], format="PNG")
    palette = image_of(picture(9, 6, 3, smooth=True)).quantize(7)
    file_case(out, "png_palette", palette, ["RGB"], format="PNG")
    file_case(out, "png_bilevel", image_of(picture(5, 11, 1)).convert("1"), ["L"], format="PNG")
    file_case(out, "png_large", image_of(picture(40, 30, 3, smooth=True)), ["RGB", "L"], format="PNG", optimize=True)
    file_case(out, "bmp_L", image_of(picture(5, 7, 1)), ["L"], format="BMP")
    file_case(out, "bmp_RGB", image_of(picture(5, 7, 3)), ["RGB", "L"], format="BMP")
    file_case(out, "tga_L", image_of(picture(5, 7, 1)), ["L"], format="TGA")
    file_case(out, "tga_RGB", image_of(picture(5, 7, 3)), ["RGB"], format="TGA")
    file_case(out, "tga_RGBA", image_of(picture(5, 7, 4)), ["RGBA", "RGB"], format="TGA")
    runs = np.repeat(picture(4, 3, 3), 5, axis=1)
    file_case(out, "tga_runs", image_of(runs), ["RGB"], format="TGA", compression="tga_rle")
    file_case(out, "pgm", image_of(picture(5, 7, 1)), ["L"], format="PPM")
    file_case(out, "ppm", image_of(picture(5, 7, 3)), ["RGB"], format="PPM")
    smooth = image_of(picture(21, 26, 3, smooth=True))
    for name, subsampling in (("444", 0), ("422", 1), ("420", 2)):
        file_case(out, f"jpeg_{name}", smooth, ["RGB"], format="JPEG", quality=90, subsampling=subsampling)
    file_case(out, "jpeg_poor", smooth, ["RGB"], format="JPEG", quality=30, subsampling=0)
    file_case(out, "jpeg_progressive", smooth, ["RGB"], format="JPEG", quality=85, subsampling=0, progressive=True)
    file_case(out, "jpeg_L", image_of(picture(17, 8, 1, smooth=True)), ["L"], format="JPEG", quality=90)


def resize_case(out, name, method, antialias, size, to, pixels):
    print("case", name, file=out)
    print("resize", method, int(antialias), *size, *to, file=out)
    write_pixels(out, "y", pixels)
    print("end", file=out)


def resizes(out):
    """Of pictures of 3 channels, as bytes."""
    methods = {"bilinear": Image.Resampling.BILINEAR, "nearest": Image.Resampling.NEAREST, "area": Image.Resampling.BOX}
    for size, to in (((11, 13), (5, 6)), ((11, 13), (22, 17)), ((4, 30), (9, 7)), ((9, 8), (9, 3)), ((7, 5), (1, 1))):
        for method in ("bilinear", "nearest"):
            made = image_of(picture(*size, 3)).resize(to[::-1], methods[method])
            resize_case(out, f"{method}_{size[0]}x{size[1]}_{to[0]}x{to[1]}", method, True, size, to, rows_of(made))
    for size, to in (((12, 15), (4, 5)), ((12, 8), (3, 8))):
        made = image_of(picture(*size, 3)).resize(to[::-1], methods["area"])
        resize_case(out, f"area_{size[0]}x{size[1]}_{to[0]}x{to[1]}", "area", True, size, to, rows_of(made))


def write_floats(out, name, method, antialias, size, to, y):
    print("case", name, file=out)
    print("resize_float", method, int(antialias), *size, *to, file=out)
    print("floats", *y.shape, file=out)
    print(" ".join(f"{v:.9g}" for v in y.ravel()), file=out)
    print("end", file=out)


def float_resizes(out):
    """Of 2 channels, value(X_STREAM), by PyTorch (bilinear) and TensorFlow (area)."""
    for size, to in (((11, 13), (5, 6)), ((5, 6), (11, 13)), ((4, 20), (6, 7))):
        x = value(X_STREAM, (*size, 2))
        tensor = torch.from_numpy(x).permute(2, 0, 1)[None]
        for antialias in (True, False):
            y = F.interpolate(tensor, size=to, mode="bilinear", align_corners=False, antialias=antialias)
            y = y[0].permute(1, 2, 0).numpy()
            name = f"bilinear_{size[0]}x{size[1]}_{to[0]}x{to[1]}_{'anti' if antialias else 'alias'}"
            write_floats(out, name, "bilinear", antialias, size, to, y)
        y = tf.image.resize(x.astype(np.float32), to, method="area").numpy()
        write_floats(out, f"area_{size[0]}x{size[1]}_{to[0]}x{to[1]}", "area", True, size, to, y)


if __name__ == "__main__":
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "images.txt"), "w") as out:
        files(out)
        resizes(out)
        float_resizes(out)
