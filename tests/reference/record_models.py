"""Records models.txt: a model file of each format version, made without fovea, and what NumPy computes for it.

    x (2, 2, 1) -> flatten -> dense (4 -> 4, relu), called twice -> add -> dense_1 (4 -> 3)

Parameter k is value(10 + k, i), rounded to float32. `y` is for x = value(1, i), three samples, in float64.
"""

import json
import os

import numpy as np
from safetensors.numpy import save

from formula import PARAMETERS, X_STREAM, self_check, value, write_tensor

TEST_SEED, TEST_SAMPLES, VERIFY = 2**40 + 5, 2, 7
WEIGHTS = (("dense/kernel", (4, 4)), ("dense/bias", (4,)), ("dense_1/kernel", (4, 3)), ("dense_1/bias", (3,)))


def philox(counter, key):
    """Philox 4x32-10 (Salmon et al. 2011)."""
    for _ in range(10):
        a, b = 0xD2511F53 * counter[0], 0xCD9E8D57 * counter[2]
        counter = [(b >> 32) ^ counter[1] ^ key[0], b & 0xFFFFFFFF, (a >> 32) ^ counter[3] ^ key[1], a & 0xFFFFFFFF]
        key = [(key[0] + 0x9E3779B9) & 0xFFFFFFFF, (key[1] + 0xBB67AE85) & 0xFFFFFFFF]
    return counter


# From the paper's file of known answers, kat_vectors.
assert philox([0, 0, 0, 0], [0, 0]) == [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]


def test_input(shape):
    words = []
    for j in range((int(np.prod(shape)) + 3) // 4):
        words += philox([j, 0, 0, VERIFY << 24], [TEST_SEED & 0xFFFFFFFF, TEST_SEED >> 32])
    return np.array([(w >> 8) / 2.0**24 for w in words[: int(np.prod(shape))]]).reshape(shape)


def dense(units, activation):
    return {"units": units, "activation": activation, "use_bias": True, "kernel_initializer": "glorot_uniform",
            "bias_initializer": {"class_name": "Constant", "config": {"value": 0.5}},
            "kernel_regularizer": {"class_name": "L2", "config": {"l2": 0.25}}, "bias_regularizer": None,
            "kernel_constraint": {"class_name": "MaxNorm", "config": {"max_value": 3, "axis": [0]}},
            "bias_constraint": None}


def layer(type_name, name, trainable=True, **config):
    return {"class_name": type_name, "name": name, "trainable": trainable, "config": config}


MODEL = {
    "class_name": "Functional",
    "name": "functional",
    "inputs": [{"name": "picture", "shape": [2, 2, 1]}],
    "layers": [layer("Flatten", "flatten"), layer("Dense", "dense", False, **dense(4, "relu")), layer("Add", "add"),
               layer("Dense", "dense_1", **dense(3, "linear"))],
    "calls": [{"layer": "flatten", "inputs": [0]}, {"layer": "dense", "inputs": [1]}, {"layer": "dense", "inputs": [2]},
              {"layer": "add", "inputs": [2, 3]}, {"layer": "dense_1", "inputs": [4]}],
    "outputs": [5],
}


def main():
    self_check()
    w = {n: value(PARAMETERS + k, s).astype(np.float32) for k, (n, s) in enumerate(WEIGHTS)}

    def predict(x):
        def relu_dense(h):
            return np.maximum(h @ w["dense/kernel"].astype(np.float64) + w["dense/bias"], 0)

        h = relu_dense(x.reshape(len(x), -1))
        return (h + relu_dense(h)) @ w["dense_1/kernel"].astype(np.float64) + w["dense_1/bias"]

    output = predict(test_input((TEST_SAMPLES, 2, 2, 1))).astype(np.float32)
    metadata = {"format": "fovea", "format_version": "1", "fovea_version": "0.1.0", "model": json.dumps(MODEL),
                "seed": "18446744073709551615", "epochs_trained": "3", "test_seed": str(TEST_SEED),
                "test_samples": str(TEST_SAMPLES)}
    data = save({**w, "__fovea__/test_output_0": output}, metadata)
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "models.txt"), "w", newline="\n") as out:
        print(f"case version 1\nbytes {data.hex()}", file=out)
        write_tensor(out, "y", predict(value(X_STREAM, (3, 2, 2, 1))))
        print("end", file=out)


if __name__ == "__main__":
    main()
