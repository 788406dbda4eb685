"""Records training.txt: the losses of twenty training steps of the article's network in Keras, in float32.

Weights and images come from formulas (README.md), so that another implementation starts from the same bits and takes the
same steps. The same steps are computed a second time in float64; how far the two Keras runs are apart says how much
rounding the twenty steps magnify, and it is written beside the losses for whoever chooses a tolerance.
"""

import os

from keras_float64 import keras  # before TensorFlow, for which it sets the environment

import numpy as np

from formula import LABELS, PARAMETERS, SAMPLE_WEIGHTS, TARGETS, options, self_check, splitmix64, value, write_tensor

STEPS, BATCH, SIDE, CLASSES = 20, 64, 28, 10


def images():
    """(images (1280, 28, 28, 1) of k / 64, labels): noise, and a bright 6 x 12 rectangle whose place says the class.

    In about every fifth image it stands in the next class's place, so that the loss stays well above zero, where a relative
    comparison would say nothing. Pixels of up to 3.98 make twenty steps of plain SGD enough to see the loss fall.
    """
    count = STEPS * BATCH
    labels = (splitmix64(LABELS, np.arange(count)) % np.uint64(CLASSES)).astype(np.int64)
    misplaced = splitmix64(SAMPLE_WEIGHTS, np.arange(count)) % np.uint64(5) == 0
    noise = splitmix64(TARGETS, np.arange(count * SIDE * SIDE)) >> np.uint64(59)
    pixels = noise.reshape(count, SIDE, SIDE).astype(np.int64)
    for n, place in enumerate((labels + misplaced) % CLASSES):
        top, left = 1 + 5 * (place % 5), 1 + 14 * (place // 5)
        pixels[n, top : top + 6, left : left + 12] += 224
    assert pixels.min() >= 0 and pixels.max() <= 255
    return (pixels / 64.0).reshape(count, SIDE, SIDE, 1), labels


def network(dtype):
    layers = keras.layers
    keras.config.set_floatx(dtype)
    keras.config.set_dtype_policy(dtype)
    return keras.Sequential(
        [
            keras.Input((SIDE, SIDE, 1)),
            layers.Conv2D(32, (3, 3), activation="relu"),
            layers.MaxPooling2D((2, 2)),
            layers.Conv2D(64, (3, 3), activation="relu"),
            layers.MaxPooling2D((2, 2)),
            layers.Conv2D(64, (3, 3), activation="relu"),
            layers.Flatten(),
            layers.Dense(64, activation="relu"),
            layers.Dense(CLASSES, activation="softmax"),
        ]
    )


def initial_weights(shapes):
    """value * sqrt(6 / (fan_in + fan_out)) for the kernels, in double and then rounded to float32; zero for the biases."""
    weights = []
    for k, shape in enumerate(shapes):
        if len(shape) == 1:
            weights.append(np.zeros(shape, np.float32))
            continue
        receptive = int(np.prod(shape[:-2]))
        fans = receptive * (shape[-2] + shape[-1])
        weights.append((value(PARAMETERS + k, shape) * np.sqrt(6.0 / fans)).astype(np.float32))
    return weights


def train(cls, settings, dtype):
    model = network(dtype)
    assert model.count_params() == 93322
    assert all(w.dtype == dtype for w in model.weights) and all(layer.compute_dtype == dtype for layer in model.layers)
    model.set_weights(initial_weights([tuple(w.shape) for w in model.weights]))
    model.compile(optimizer=getattr(keras.optimizers, cls)(**settings), loss="sparse_categorical_crossentropy")
    x, labels = images()
    losses = []
    for step in range(STEPS):
        batch = slice(step * BATCH, (step + 1) * BATCH)
        model.reset_metrics()
        losses.append(float(model.train_on_batch(x[batch].astype(dtype), labels[batch])))
    sums = [np.abs(w.astype(np.float64)).sum() for w in model.get_weights()]
    return np.array(losses), np.array(sums)


def main():
    self_check()
    runs = (
        ("sgd", "SGD", {"learning_rate": 0.01}),
        ("sgd_momentum", "SGD", {"learning_rate": 0.005, "momentum": 0.9}),
        ("adam", "Adam", {}),
    )
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "training.txt"), "w", newline="\n") as out:
        for name, cls, settings in runs:
            losses, sums = train(cls, settings, "float32")
            exact, exact_sums = train(cls, settings, "float64")
            apart = np.max(np.abs(losses - exact) / exact)
            sums_apart = np.max(np.abs(sums - exact_sums) / np.maximum(1e-3, exact_sums))
            print(f"{name}: {losses[0]:.4f} -> {losses[-1]:.4f}; apart from float64 {apart:.1e}, sums {sums_apart:.1e}")
            assert losses[-1] < losses[0] - 0.2, "the task is not learnt"
            out.write(f"case {name}\noptimizer {' '.join([cls, options(**settings)]).rstrip()}\n")
            write_tensor(out, "losses", losses)
            write_tensor(out, "weight_sums", sums)
            write_tensor(out, "losses_float64", exact)
            write_tensor(out, "weight_sums_float64", exact_sums)
            out.write("end\n")


if __name__ == "__main__":
    main()
