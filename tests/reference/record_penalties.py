"""Records penalties.txt: ten training steps of a dense network with regularizers and constraints in Keras, in float64.

Weights and samples come from formulas (README.md). Of each step the loss is recorded, which has the penalties in it; behind the
last one all weights, and what evaluate says.
"""

import os

from keras_float64 import keras  # before TensorFlow, for which it sets the environment

import numpy as np

from formula import LABELS, PARAMETERS, X_STREAM, options, self_check, splitmix64, value, write_tensor

STEPS, BATCH, INPUTS, HIDDEN, CLASSES = 10, 12, 9, 7, 4


def network(frozen):
    layers, regularizers, constraints = keras.layers, keras.regularizers, keras.constraints
    model = keras.Sequential(
        [
            keras.Input((INPUTS,)),
            layers.Dense(
                HIDDEN,
                activation="tanh",
                kernel_regularizer=regularizers.L1L2(l1=0.01, l2=0.02),
                bias_regularizer=regularizers.L2(0.05),
                kernel_constraint=constraints.MaxNorm(1.25, axis=0),
            ),
            layers.Dense(
                HIDDEN,
                activation="tanh",
                kernel_regularizer=regularizers.L1(),
                kernel_constraint=constraints.UnitNorm(axis=1),
                bias_constraint=constraints.NonNeg(),
            ),
            layers.Dense(CLASSES, activation="softmax", kernel_regularizer=regularizers.L2()),
        ]
    )
    model.layers[1].trainable = not frozen
    return model


def main():
    self_check()
    x = value(X_STREAM, (STEPS * BATCH, INPUTS))
    labels = (splitmix64(LABELS, np.arange(STEPS * BATCH)) % np.uint64(CLASSES)).astype(np.int64)
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "penalties.txt"), "w", newline="\n") as out:
        for name, frozen, settings in (
            ("sgd", False, {"learning_rate": 0.25}),
            ("sgd_clipped", False, {"learning_rate": 0.25, "clipnorm": 0.25}),
            ("sgd_frozen", True, {"learning_rate": 0.25}),
        ):
            model = network(frozen)
            model.set_weights([value(PARAMETERS + k, tuple(w.shape)) for k, w in enumerate(model.weights)])
            model.compile(optimizer=keras.optimizers.SGD(**settings), loss="sparse_categorical_crossentropy")
            losses = []
            for step in range(STEPS):
                batch = slice(step * BATCH, (step + 1) * BATCH)
                model.reset_metrics()
                losses.append(float(model.train_on_batch(x[batch], labels[batch])))
            evaluated = model.evaluate(x, labels, batch_size=STEPS * BATCH, verbose=0)
            out.write(f"case {name}\noptimizer {' '.join(['SGD', options(**settings)])}\nfrozen {int(frozen)}\n")
            write_tensor(out, "losses", np.array(losses))
            write_tensor(out, "evaluated", np.array([evaluated]))
            for k, w in enumerate(model.get_weights()):
                write_tensor(out, f"w{k}", w)
            out.write("end\n")
            print(f"{name}: {losses[0]:.4f} -> {losses[-1]:.4f}, evaluate {evaluated:.4f}")


if __name__ == "__main__":
    main()
