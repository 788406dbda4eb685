"""Records safetensors.txt: files that the Python package safetensors writes, byte by byte in hexadecimal digits.

Weights are value(10 + k, i) for parameter k in the model's order; the other tensors stand below.
"""

import os

import numpy as np
from safetensors.numpy import save

from formula import PARAMETERS, self_check, value

WEIGHTS = (
    ("conv2d/kernel", (2, 2, 1, 2)),
    ("conv2d/bias", (2,)),
    ("batch_normalization/gamma", (2,)),
    ("batch_normalization/beta", (2,)),
    ("batch_normalization/moving_mean", (2,)),
    ("batch_normalization/moving_variance", (2,)),
    ("dense/kernel", (8, 3)),
    ("dense/bias", (3,)),
)

MIXED = {
    "float": np.array([[1, -2, 0.5], [1e-30, 3e38, -0.0]], np.float32),
    "double": np.array(0.1, np.float64),
    "long": np.array([-(2**63), 2**63 - 1], np.int64),
    "int": np.array([[[-7]]], np.int32),
    "bytes": np.array([0, 127, 255], np.uint8),
    "empty": np.zeros((0, 4), np.float32),
    'a "quoted" ä \\ \t': np.array([1, 2], np.float32),
}


def main():
    self_check()
    files = {
        "float": ({n: value(PARAMETERS + k, s).astype(np.float32) for k, (n, s) in enumerate(WEIGHTS)}, {"format": "fovea"}),
        "double": ({n: value(PARAMETERS + k, s) for k, (n, s) in enumerate(WEIGHTS)}, {"format": "fovea"}),
        "mixed": (MIXED, None),
        "half": ({"half": np.array([1, 2, 3], np.float16), "float": np.array([4], np.float32)}, {"a": "b"}),
        "nothing": ({}, None),
    }
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "safetensors.txt"), "w", newline="\n") as out:
        for name, (tensors, metadata) in files.items():
            print(f"case {name}\nbytes {save(tensors, metadata).hex()}\nend", file=out)
    print(len(files), "files")


if __name__ == "__main__":
    main()
