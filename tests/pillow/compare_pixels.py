"""Decodes pictures with Pillow and with fovea, and compares the pixels.

    python compare_pixels.py PROGRAM WORK [PICTURES]

PROGRAM is compare_pixels, WORK a folder that is made. Of every picture there are a PNG in each mode and JPEGs with and without halved chroma.
The pictures are made by a formula, or 200 JPEG files from the folder PICTURES, compared as they are, too.
Ends with 77 if there is no Pillow.
"""
import pathlib
import shutil
import subprocess
import sys

try:
    import numpy
    from PIL import Image
except ImportError:
    print("skipped: this Python has no Pillow")
    sys.exit(77)

COUNT = 200


def made(number):
    """A picture of waves with some noise; no two of one size and kind are the same."""
    random = numpy.random.default_rng(number)
    height, width = random.integers(1, 80, 2)
    y, x = numpy.mgrid[:height, :width]
    waves = [128 + 70 * numpy.sin(x / random.uniform(2, 9) + c) + 40 * numpy.cos(y / random.uniform(2, 9))
             for c in range(3)]
    pixels = numpy.stack(waves, 2) + random.normal(0, 4, (height, width, 3))
    return Image.fromarray(numpy.clip(pixels, 0, 255).astype(numpy.uint8))


def write(work, name, image=None, source=None, mode=None, **options):
    """A file, from an image or copied, and the pixels that Pillow reads from it again."""
    path = work / name
    if image is None:
        shutil.copy(source, path)
    else:
        image.save(path, **options)
    with Image.open(path) as read:
        pixels = numpy.asarray(read.convert(mode) if mode else read)
    (work / (name + ".pixels")).write_bytes(pixels.astype(numpy.uint8).tobytes())


def main():
    program, work = sys.argv[1], pathlib.Path(sys.argv[2])
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    files = []
    if len(sys.argv) > 3:
        files = sorted(pathlib.Path(sys.argv[3]).rglob("*.jpg"))
        files = files[::max(1, len(files) // COUNT)][:COUNT]
    for i, file in enumerate(files):
        write(work, f"jpeg_as_it_is-{i}.jpg", source=file)
    for i in range(COUNT):
        image = Image.open(files[i]).convert("RGB") if files else made(i)
        mode = ("L", "LA", "RGB", "RGBA")[i % 4]
        converted = image.convert(mode)
        if mode.endswith("A"):
            converted.putalpha(image.convert("L").rotate(180))
        write(work, f"png_{mode}-{i}.png", converted)
        write(work, f"png_palette-{i}.png", image.quantize(2 + i % 200), mode="RGB")
        write(work, f"png_bilevel-{i}.png", image.convert("1"), mode="L")
        quality = 30 + i * 7 % 70
        write(work, f"jpeg_L-{i}.jpg", image.convert("L"), quality=quality)
        write(work, f"jpeg_444-{i}.jpg", image, quality=quality, subsampling=0)
        write(work, f"jpeg_422-{i}.jpg", image, quality=quality, subsampling=1)
        write(work, f"jpeg_420-{i}.jpg", image, quality=quality, subsampling=2)
        write(work, f"jpeg_progressive-{i}.jpg", image, quality=quality, subsampling=0, progressive=True)
    sys.exit(subprocess.run([program, str(work)]).returncode)


main()
