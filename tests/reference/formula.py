"""The numbers that the recording scripts and fovea's tests both make for themselves, and the text format of the records.

Inputs and weights are not recorded: value(stream, i) gives the same bits in Python and in C++ (tests/reference/reference.hpp).
"""

import numpy as np

X_STREAM, UPSTREAM, LABELS, TARGETS, SAMPLE_WEIGHTS, PARAMETERS = 1, 2, 3, 4, 5, 10


def splitmix64(stream, index):
    """The splitmix64 hash of (stream << 32) + index, elementwise over an array of indices."""
    with np.errstate(over="ignore"):
        z = np.asarray(index, dtype=np.uint64) + np.uint64((stream << 32) & (2**64 - 1))
        z = z + np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def value(stream, shape):
    """A tensor in [-1, 1) with steps of 2^-23, so that float32 holds every element exactly."""
    index = np.arange(int(np.prod(shape)), dtype=np.uint64)
    bits = splitmix64(stream, index) >> np.uint64(40)
    return (bits.astype(np.float64) * 2.0**-23 - 1.0).reshape(shape)


def self_check():
    """splitmix64 with seed 1234567 starts with this number in the published test vector."""
    assert int(splitmix64(0, [1234567])[0]) == 6457827717110365317
    assert value(1, (4096,)).min() >= -1 and value(1, (4096,)).max() < 1
    v = value(1, (4096,))
    assert np.array_equal(v.astype(np.float32).astype(np.float64), v)


def write_tensor(out, name, array, digits=9):
    """`tensor NAME d0 d1 ...`, then the elements in row-major order, eight a line, with so many significant digits."""
    array = np.asarray(array, dtype=np.float64)
    out.write(" ".join(["tensor", name, *map(str, array.shape)]) + "\n")
    flat = array.reshape(-1)
    assert np.all(np.isfinite(flat)), name
    for start in range(0, flat.size, 8):
        out.write(" ".join(f"{v:.{digits}g}" for v in flat[start : start + 8]) + "\n")


def options(**named):
    """`key=value` words; booleans as 0 and 1, tuples with commas."""

    def word(v):
        if isinstance(v, bool):
            return str(int(v))
        if isinstance(v, (tuple, list)):
            return ",".join(map(str, v))
        return str(v)

    return " ".join(f"{key}={word(v)}" for key, v in named.items())
