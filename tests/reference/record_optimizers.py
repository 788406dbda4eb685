"""Records optimizers.txt: the weights after each of ten steps of Keras's optimizers, computed in float64.

Two parameters, a kernel (3, 4) and a bias (4); for Muon also a kernel (6, 2) of the output and one of a convolution. The gradients grow from step to step, so that a clipping limit of about one
is passed on the way: the early steps are untouched, the late ones clipped, and the script asserts both.
"""

import os

from keras_float64 import keras  # before TensorFlow, for which it sets the environment

import numpy as np
import tensorflow as tf

from formula import PARAMETERS, options, self_check, value, write_tensor

SHAPES = ((3, 4), (4,), (6, 2), (2, 2, 2, 3))
NAMES = ("hidden_kernel", "hidden_bias", "output_kernel", "convolution_kernel")
STEPS = 10
GRADIENTS = (20, 40, 60, 80)  # the streams of the gradients in step 0; step s takes the stream s further


def gradient(parameter, step):
    return value(GRADIENTS[parameter] + step, SHAPES[parameter]) * (0.125 * (step + 1))


def make(cls, settings):
    """The optimizer. A decay_rate among the settings makes its learning rate an ExponentialDecay."""
    settings = dict(settings)
    if "decay_rate" in settings:
        names = ("initial_learning_rate", "decay_steps", "decay_rate")
        schedule = {name: np.float64(settings.pop(name)) for name in names}
        settings["learning_rate"] = keras.optimizers.schedules.ExponentialDecay(**schedule)
    settings.pop("convolutions", None)
    return getattr(keras.optimizers, cls)(**settings)


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

    more_kinds = (
        ("rmsprop", "RMSprop", {"learning_rate": 0.01}),
        ("rmsprop_momentum", "RMSprop", {"learning_rate": 0.01, "rho": 0.8, "momentum": 0.5}),
        ("rmsprop_centered", "RMSprop", {"learning_rate": 0.01, "centered": True}),
        ("rmsprop_all", "RMSprop", {"learning_rate": 0.01, "momentum": 0.9, "centered": True, "epsilon": 1e-3}),
        ("adagrad", "Adagrad", {"learning_rate": 0.1}),
        ("adagrad_initial", "Adagrad", {"learning_rate": 0.1, "initial_accumulator_value": 0.5, "epsilon": 1e-3}),
        ("adadelta", "Adadelta", {"learning_rate": 1.0}),
        ("adadelta_rho", "Adadelta", {"learning_rate": 1.0, "rho": 0.8, "epsilon": 1e-4}),
        ("nadam", "Nadam", {"learning_rate": 0.01}),
        ("nadam_betas", "Nadam", {"learning_rate": 0.02, "beta_1": 0.8, "beta_2": 0.95, "epsilon": 1e-3}),
        ("lion", "Lion", {"learning_rate": 0.01}),
        ("lion_betas", "Lion", {"learning_rate": 0.01, "beta_1": 0.5, "beta_2": 0.75}),
    )
    for kind, cls, settings in more_kinds:
        yield kind, cls, settings
    for cls in ("RMSprop", "Adagrad", "Adadelta", "Nadam", "Lion"):
        yield f"{cls.lower()}_defaults", cls, {}
        yield f"{cls.lower()}_clipped", cls, {"learning_rate": 0.01, "weight_decay": 0.02, "clipnorm": 0.75}

    ema = {"use_ema": True, "ema_momentum": 0.75}
    accumulation = {"gradient_accumulation_steps": 3}
    decay = {"initial_learning_rate": 0.1, "decay_steps": 4, "decay_rate": 0.5}
    yield "sgd_ema", "SGD", {"learning_rate": 0.1, **ema}
    yield "adam_ema_overwrite", "Adam", {"learning_rate": 0.01, **ema, "ema_overwrite_frequency": 3}
    yield "adam_accumulation", "Adam", {"learning_rate": 0.01, **accumulation}
    yield "sgd_accumulation_clipped", "SGD", {
        "learning_rate": 0.1, "weight_decay": 0.02, "clipnorm": 0.5, **accumulation}
    yield "nadam_accumulation", "Nadam", {"learning_rate": 0.01, "gradient_accumulation_steps": 2}
    yield "adam_accumulation_ema", "Adam", {"learning_rate": 0.01, **ema, **accumulation, "ema_overwrite_frequency": 2}
    yield "sgd_schedule", "SGD", {**decay, "weight_decay": 0.02}
    yield "adam_schedule_accumulation", "Adam", {**decay, **accumulation}

    yield "muon_defaults", "Muon", {}
    yield "muon", "Muon", {"learning_rate": 0.05, "adam_lr_ratio": 0.5, "weight_decay": 0.02, "adam_weight_decay": 0.01}
    yield "muon_excluded", "Muon", {"learning_rate": 0.05, "exclude_layers": ["output"], "nesterov": False, "ns_steps": 3}
    yield "muon_convolutions", "Muon", {"learning_rate": 0.05, "convolutions": True, "momentum": 0.9, "clipnorm": 0.75}


def main():
    self_check()
    norms = [[np.linalg.norm(gradient(p, s)) for s in range(STEPS)] for p in range(2)]
    together = np.hypot(*norms)
    for limit, norm in ((0.75, norms[0]), (0.75, norms[1]), (1.0, together)):
        assert min(norm) < limit < max(norm), (limit, norm)
    count = 0
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "optimizers.txt"), "w", newline="\n") as out:
        for name, cls, settings in configurations():
            optimizer = make(cls, settings)
            count_of = 4 if cls == "Muon" else 2
            # What Keras leaves to AdamW is Muon's if it comes as a matrix.
            flat = settings.get("convolutions", False)
            shapes = [(-1, s[-1]) if flat and len(s) == 4 else s for s in SHAPES[:count_of]]
            start = [value(PARAMETERS + p, SHAPES[p]).reshape(shapes[p]) for p in range(count_of)]
            weights = [keras.Variable(w, name=NAMES[p]) for p, w in enumerate(start)]
            optimizer.build(weights)
            assert all(w.dtype == "float64" for w in [*weights, optimizer.learning_rate])
            out.write(f"case {name}\noptimizer {' '.join([cls, options(**settings)]).rstrip()}\n")
            for step in range(STEPS):
                gradients = [tf.constant(gradient(p, step).reshape(shapes[p])) for p in range(count_of)]
                optimizer.apply(gradients, weights)
                for p, weight in enumerate(weights):
                    write_tensor(out, f"w{p}_step{step}", weight.numpy().reshape(SHAPES[p]))
            if settings.get("use_ema"):
                optimizer.finalize_variable_values(weights)
                for p, weight in enumerate(weights):
                    write_tensor(out, f"w{p}_final", weight.numpy())
            out.write("end\n")
            count += 1
    print(f"{count} cases")


if __name__ == "__main__":
    main()
