"""in_keras.py FOLDER: opens the .keras files that save_test.cpp has put there, compares, and puts there what Keras writes."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "reference"))

import numpy as np
from keras_networks import ALL, inputs_of, keras, outputs_of, with_weights
from safetensors.numpy import load_file, save_file

TOLERANCE = 1e-5


def check(path):
    """Also writes the model again, which must leave it as it is."""
    data = load_file(path.with_suffix(".data"))
    inputs = [data[f"x{i}"] for i in range(len(data)) if f"x{i}" in data]
    expected = [data[f"y{i}"] for i in range(len(data)) if f"y{i}" in data]
    model = keras.models.load_model(path)
    worst = max(float(np.abs(y - e).max()) for y, e in zip(outputs_of(model, inputs), expected, strict=True))
    print(f"{path.stem}: {len(inputs[0])} inputs, largest difference {worst:.3g}", flush=True)
    model.save(path.with_name(f"again_{path.name}"))
    save_file(data, path.with_name(f"again_{path.stem}.data"))
    return worst <= TOLERANCE


def make(folder, build):
    keras.utils.clear_session()
    model = with_weights(build())
    inputs = inputs_of(model, 1000)
    data = {f"x{i}": x for i, x in enumerate(inputs)}
    data |= {f"y{i}": np.ascontiguousarray(y) for i, y in enumerate(outputs_of(model, inputs))}
    model.save(folder / f"made_{build.__name__}.keras")
    save_file(data, folder / f"made_{build.__name__}.data")


if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[1])
    paths = sorted(folder.glob("*.keras"))
    right = [check(path) for path in paths]
    for build in ALL:
        make(folder, build)
    sys.exit(0 if paths and all(right) else 1)
