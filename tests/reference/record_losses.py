"""Records losses.txt: Keras's losses and their gradients with respect to the predictions, computed in float64.

The reduction is Keras's default, sum_over_batch_size: the mean over the batch, where sample weights multiply the losses but
do not enter the divisor. Keras's sparse cross-entropy knows no label smoothing; those cases are its categorical one on
one-hot labels. The unsaturated cases are computed again by PyTorch, and the two must agree to 1e-11.

Where a model ends in softmax or sigmoid, Keras takes the loss from what goes into that activation. The cases with
predictions=softmax and predictions=sigmoid record this: the loss, and the gradient with respect to the activation's input.
"""

import os

from keras_float64 import keras  # before TensorFlow, for which it sets the environment

import numpy as np
import tensorflow as tf
import torch
import torch.nn.functional as F

from formula import LABELS, SAMPLE_WEIGHTS, TARGETS, X_STREAM, options, self_check, splitmix64, value, write_tensor

AGREEMENT = 1e-11


def distribution(stream, shape):
    """Rows that sum to one, every entry well inside (0, 1)."""
    weights = value(stream, shape) + 1.125
    return weights / weights.sum(axis=-1, keepdims=True)


def labels_of(rows, classes):
    return (splitmix64(LABELS, np.arange(rows)) % np.uint64(classes)).astype(np.int64)


def one_hot(labels, classes):
    return np.eye(classes)[labels]


def saturated(shape, labels):
    """Even rows have all their mass on the label, odd rows on the class behind it."""
    return one_hot((labels + np.arange(shape[0]) % 2) % shape[1], shape[1])


def predictions_of(kind, shape, labels):
    return {
        "logits": lambda: 4 * value(X_STREAM, shape),
        "softmax": lambda: 4 * value(X_STREAM, shape),  # the input of it, as for the next two
        "wide_softmax": lambda: 40 * value(X_STREAM, shape),
        "sigmoid": lambda: 4 * value(X_STREAM, shape),
        "distribution": lambda: distribution(X_STREAM, shape),
        "saturated": lambda: saturated(shape, labels),
        "fraction": lambda: 0.5 + 0.4375 * value(X_STREAM, shape),
        "bits": lambda: (np.arange(np.prod(shape)) % 2).astype(np.float64).reshape(shape),
        "value": lambda: value(X_STREAM, shape),
    }[kind]()


def targets_of(kind, shape, labels):
    return {
        "labels": lambda: labels,
        "one_hot": lambda: one_hot(labels, shape[-1]),
        "distribution": lambda: distribution(TARGETS, shape),
        "bits": lambda: (splitmix64(LABELS, np.arange(np.prod(shape))) % np.uint64(2)).astype(float).reshape(shape),
        "value": lambda: value(TARGETS, shape),
    }[kind]()


def keras_loss(loss, from_logits, smoothing):
    if loss == "sparse_categorical_crossentropy" and not smoothing:
        return keras.losses.SparseCategoricalCrossentropy(from_logits=from_logits)
    if loss.endswith("categorical_crossentropy"):
        return keras.losses.CategoricalCrossentropy(from_logits=from_logits, label_smoothing=smoothing)
    if loss == "binary_crossentropy":
        return keras.losses.BinaryCrossentropy(from_logits=from_logits, label_smoothing=smoothing)
    return keras.losses.MeanSquaredError()


def torch_losses(loss, from_logits, smoothing, predictions, targets):
    """The loss of every sample."""
    if loss == "mean_squared_error":
        return ((predictions - targets) ** 2).flatten(1).mean(1)
    if loss == "binary_crossentropy":
        smooth = targets * (1 - smoothing) + 0.5 * smoothing
        function = F.binary_cross_entropy_with_logits if from_logits else F.binary_cross_entropy
        return function(predictions, smooth, reduction="none").flatten(1).mean(1)
    # Probabilities are divided by their sum, as Keras does before the logarithm: the log-softmax of log(p).
    logits = predictions if from_logits else torch.log(predictions)
    return F.cross_entropy(logits, targets, reduction="none", label_smoothing=smoothing)


def compute(case):
    name, loss, shape, p_kind, t_kind, from_logits, smoothing, weighted = case
    labels = labels_of(shape[0], shape[-1])
    predictions = predictions_of(p_kind, shape, labels)
    targets = targets_of(t_kind, shape, labels)
    weights = (splitmix64(SAMPLE_WEIGHTS, np.arange(shape[0])) % np.uint64(5)) * 0.5 if weighted else None

    keras_targets = targets
    if loss == "sparse_categorical_crossentropy" and smoothing:
        keras_targets = one_hot(targets, shape[-1])
    variable = tf.Variable(predictions)
    with tf.GradientTape() as tape:
        # The activations attach their input to the result, where the loss looks for it, as it does in a model.
        y = variable.value()
        for activation in ("softmax", "sigmoid"):
            if p_kind.endswith(activation):
                y = getattr(keras.activations, activation)(y)
                assert y._keras_logits is not None
        total = keras_loss(loss, from_logits, smoothing)(keras_targets, y, sample_weight=weights)
    gradient = tape.gradient(total, variable).numpy()
    total = total.numpy()

    if p_kind not in ("saturated", "bits"):
        p = torch.tensor(predictions, requires_grad=True)
        in_model = p_kind.endswith(("softmax", "sigmoid"))
        other = torch_losses(loss, from_logits or in_model, smoothing, p, torch.tensor(targets))
        other = (other * torch.tensor(weights if weighted else np.ones(shape[0]))).mean()
        other.backward()
        assert abs(other.item() - total) < AGREEMENT, name
        assert np.max(np.abs(p.grad.numpy() - gradient)) < AGREEMENT, name
    return total, gradient


def configurations():
    """(name, loss, shape of the predictions, their kind, kind of the targets, from_logits, smoothing, weighted)"""
    for loss, t_kinds in (
        ("sparse_categorical_crossentropy", ("labels",)),
        ("categorical_crossentropy", ("one_hot", "distribution")),
    ):
        for t_kind in t_kinds:
            for p_kind in ("distribution", "logits"):
                for smoothing in (0.0, 0.1):
                    for weighted in (False, True):
                        name = f"{loss}_{t_kind}_{p_kind}_smoothing{smoothing:g}" + ("_weighted" if weighted else "")
                        yield name, loss, (6, 5), p_kind, t_kind, p_kind == "logits", smoothing, weighted
        yield f"{loss}_saturated", loss, (4, 3), "saturated", t_kinds[0], False, 0.0, False
        yield f"{loss}_batch1", loss, (1, 10), "distribution", t_kinds[0], False, 0.0, False
        for p_kind in ("softmax", "wide_softmax"):
            for smoothing in (0.0, 0.1):
                yield f"{loss}_{p_kind}_smoothing{smoothing:g}", loss, (6, 5), p_kind, t_kinds[0], False, smoothing, True
    loss = "binary_crossentropy"
    for smoothing in (0.0, 0.1):
        yield f"{loss}_sigmoid_smoothing{smoothing:g}", loss, (6, 3), "sigmoid", "bits", False, smoothing, True
    for p_kind in ("fraction", "logits"):
        for smoothing in (0.0, 0.1):
            for weighted in (False, True):
                name = f"{loss}_{p_kind}_smoothing{smoothing:g}" + ("_weighted" if weighted else "")
                yield name, loss, (6, 3), p_kind, "bits", p_kind == "logits", smoothing, weighted
    yield f"{loss}_one_output", loss, (5, 1), "fraction", "bits", False, 0.0, False
    yield f"{loss}_saturated", loss, (4, 2), "bits", "bits", False, 0.0, False
    loss = "mean_squared_error"
    for weighted in (False, True):
        yield loss + ("_weighted" if weighted else ""), loss, (6, 3), "value", "value", False, 0.0, weighted
    yield f"{loss}_one_output", loss, (5, 1), "value", "value", False, 0.0, False
    yield f"{loss}_images", loss, (2, 3, 2, 2), "value", "value", False, 0.0, False


def main():
    self_check()
    count = 0
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "losses.txt"), "w", newline="\n") as out:
        for case in configurations():
            name, loss, shape, p_kind, t_kind, from_logits, smoothing, weighted = case
            total, gradient = compute(case)
            out.write(f"case {name}\nloss {loss} {options(from_logits=from_logits, label_smoothing=smoothing)}\n")
            out.write(f"input {' '.join(map(str, shape))}\n")
            out.write(f"made {options(predictions=p_kind, targets=t_kind, sample_weights=weighted)}\n")
            write_tensor(out, "loss", [total])
            write_tensor(out, "dpredictions", gradient)
            out.write("end\n")
            count += 1
    print(f"{count} cases")


if __name__ == "__main__":
    main()
