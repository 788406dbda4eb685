"""python_loaders.py FOLDER: opens what python_loaders_test.cpp has put there by the code of docs/model_files.md, and compares."""

import os
import pathlib
import re
import sys

os.environ.setdefault("KERAS_BACKEND", "torch")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from safetensors.numpy import load_file

TOLERANCE = 1e-5


def loaders():
    page = (pathlib.Path(__file__).resolve().parents[2] / "docs" / "model_files.md").read_text()
    for code in re.findall(r"```python\n(.*?)```", page, re.S):
        names = {}
        exec(code, names)
        yield names["load_model"]


def check(name, actual, expected):
    worst = max(float(np.abs(np.asarray(a) - e).max()) for a, e in zip(actual, expected, strict=True))
    print(f"{name}: {len(expected[0])} inputs, largest difference {worst:.3g}")
    return worst <= TOLERANCE


def run(folder, in_keras, in_pytorch):
    import torch

    right = True
    for path in sorted(folder.glob("*.model")):
        data = load_file(path.with_suffix(".data"))
        inputs = [data[f"x{i}"] for i in range(len(data)) if f"x{i}" in data]
        expected = [data[f"y{i}"] for i in range(len(data)) if f"y{i}" in data]
        outputs = in_keras(path).predict(inputs if len(inputs) > 1 else inputs[0], verbose=0)
        right &= check(f"keras {path.stem}", outputs if isinstance(outputs, list) else [outputs], expected)
    data = load_file(folder / "article.data")
    with torch.no_grad():
        y = in_pytorch(folder / "article.pytorch")(torch.tensor(data["x0"]).permute(0, 3, 1, 2))
    return check("pytorch article", [y.numpy()], [data["y0"]]) and right


if __name__ == "__main__":
    sys.exit(0 if run(pathlib.Path(sys.argv[1]), *loaders()) else 1)
