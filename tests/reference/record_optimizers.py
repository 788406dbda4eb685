"""Records optimizers.txt: the weights after each of ten steps of Keras's optimizers, computed in float64.

Two parameters, a kernel (3, 4) and a bias (4). The gradients grow from step to step, so that a clipping limit of about one
is passed on the way: the early steps are untouched, the late ones clipped, and the script asserts both.
"""

import os

from keras_float64 import keras  # before TensorFlow, for which it sets the environment

import numpy as np
import tensorflow as tf

from formula import PARAMETERS, options, self_check, value, write_tensor

SHAPES = ((3, 4), (4,))
STEPS = 10
GRADIENTS = (20, 40)  # the streams of the two gradients in step 0; step s takes the stream s further


def gradient(parameter, step):
    return value(GRADIENTS[parameter] + step, SHAPES[parameter]) * (0.125 * (step + 1))


def configurations():
    """(name, class, settings)"""
    kinds = (
        ("sgd", "SGD", {"learning_rate": 0.1}),
        ("sgd_momentum", "SGD", {"learning_rate": 0.1, "momentum": 0.9}),
        ("sgd_nesterov", "SGD", {"learning_rate": 0.1, "momentum": 0.9, "nesterov": True}),
        ("adam", "Adam", {"learning_rate": 0.01}),
        ("adamw", "AdamW", {"learning_rate": 0.01}),
    )
    extras = (
        ("", {}),
        ("_weight_decay", {"weight_decay": 0.02}),
        ("_clipnorm", {"clipnorm": 0.75}),
        ("_clipvalue", {"clipvalue": 0.25}),
        ("_global_clipnorm", {"global_clipnorm": 1.0}),
        ("_weight_decay_clipnorm", {"weight_decay": 0.02, "clipnorm": 0.75}),
    )
    for kind, cls, settings in kinds:
        for extra, more in extras:
            yield kind + extra, cls, {**settings, **more}
    yield "sgd_defaults", "SGD", {}
    yield "adam_defaults", "Adam", {}
    yield "adam_betas", "Adam", {"learning_rate": 0.02, "beta_1": 0.8, "beta_2": 0.95, "epsilon": 1e-3}


def main():
    self_check()
    norms = [[np.linalg.norm(gradient(p, s)) for s in range(STEPS)] for p in range(2)]
    together = np.hypot(*norms)
    for limit, norm in ((0.75, norms[0]), (0.75, norms[1]), (1.0, together)):
        assert min(norm) < limit < max(norm), (limit, norm)
    count = 0
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "optimizers.txt"), "w", newline="\n") as out:
        for name, cls, settings in configurations():
            optimizer = getattr(keras.optimizers, cls)(**settings)
            weights = [keras.Variable(value(PARAMETERS + p, shape)) for p, shape in enumerate(SHAPES)]
            optimizer.build(weights)
            assert all(w.dtype == "float64" for w in [*weights, optimizer.learning_rate])
            out.write(f"case {name}\noptimizer {' '.join([cls, options(**settings)]).rstrip()}\n")
            for step in range(STEPS):
                gradients = [tf.constant(gradient(p, step)) for p in range(2)]
                optimizer.apply(gradients, weights)
                for p, weight in enumerate(weights):
                    write_tensor(out, f"w{p}_step{step}", weight.numpy())
            out.write("end\n")
            count += 1
    print(f"{count} cases")


if __name__ == "__main__":
    main()
