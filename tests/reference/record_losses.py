"""Records losses.txt: Keras's losses and their gradients with respect to the predictions, computed in float64.

The reduction is Keras's default, sum_over_batch_size: the mean over the batch, where sample weights multiply the losses but
do not enter the divisor. Keras's sparse cross-entropy knows no label smoothing; those cases are its categorical one on
one-hot labels. The unsaturated cases are computed again by PyTorch, and the two must agree to 1e-11.

The focal losses are compared with the formulas below in PyTorch, and the sparse one, which Keras has not, is the categorical one on
one-hot labels. NT-Xent is PyTorch's alone: the formula of the papers, written out, and its gradient by autograd.

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


def labels_of(shape):
    """One for each position of predictions of that shape."""
    count = int(np.prod(shape[:-1]))
    return (splitmix64(LABELS, np.arange(count)) % np.uint64(shape[-1])).astype(np.int64).reshape(shape[:-1])


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
        "zeros": lambda: np.zeros(shape),
    }[kind]()


def targets_of(kind, shape, labels):
    return {
        "labels": lambda: labels,
        "pairs": lambda: np.arange(shape[0]) % (shape[0] // 2),
        "one_hot": lambda: one_hot(labels, shape[-1]),
        "distribution": lambda: distribution(TARGETS, shape),
        "bits": lambda: (splitmix64(LABELS, np.arange(np.prod(shape))) % np.uint64(2)).astype(float).reshape(shape),
        "value": lambda: value(TARGETS, shape),
        "zeros": lambda: np.zeros(shape),
        "ones": lambda: np.ones(shape),
    }[kind]()


def keras_loss(loss, from_logits, smoothing, fields):
    if loss == "sparse_categorical_crossentropy" and not smoothing:
        return keras.losses.SparseCategoricalCrossentropy(from_logits=from_logits)
    name = {"kl_divergence": "KLDivergence"}.get(loss) or "".join(w.capitalize() for w in loss.split("_"))
    if name.endswith("Crossentropy"):
        fields = {**fields, "from_logits": from_logits, "label_smoothing": smoothing}
    return getattr(keras.losses, name.removeprefix("Sparse"))(**fields)


def torch_focal(loss, from_logits, smoothing, p, targets, fields):
    alpha, gamma = fields.get("alpha", 0.25), fields.get("gamma", 2.0)
    if loss == "binary_focal_crossentropy":
        t = targets * (1 - smoothing) + 0.5 * smoothing
        p = torch.sigmoid(p) if from_logits else p
        right = t * p + (1 - t) * (1 - p)
        result = (1 - right) ** gamma * F.binary_cross_entropy(p, t, reduction="none")
        return (result * (t * alpha + (1 - t) * (1 - alpha)) if fields.get("apply_class_balancing") else result).mean(-1)
    t = F.one_hot(targets, p.shape[-1]).double() if loss.startswith("sparse") else targets
    t = t * (1 - smoothing) + smoothing / p.shape[-1]
    p = torch.softmax(p, -1) if from_logits else p / p.sum(-1, keepdim=True)
    return -(t * alpha * (1 - p) ** gamma * torch.log(p)).sum(-1)


def nt_xent(y, labels, temperature):
    z = y / y.norm(dim=1, keepdim=True)
    s = (z @ z.T / temperature).masked_fill(torch.eye(len(y), dtype=torch.bool), -torch.inf)
    positive = (labels[:, None] == labels[None, :]) & ~torch.eye(len(y), dtype=torch.bool)
    log_share = torch.where(positive, s - torch.logsumexp(s, dim=1, keepdim=True), 0.0)
    return -log_share.sum(1) / positive.sum(1).clamp(min=1)


def torch_losses(loss, from_logits, smoothing, predictions, targets, fields):
    """The loss of every sample."""
    simple = {
        "mean_squared_error": lambda: ((predictions - targets) ** 2).mean(-1),
        "mean_absolute_error": lambda: (predictions - targets).abs().mean(-1),
        "huber": lambda: F.huber_loss(predictions, targets, reduction="none", delta=fields.get("delta", 1.0)).mean(-1),
        "cosine_similarity": lambda: -F.cosine_similarity(predictions, targets, dim=-1),
        "kl_divergence": lambda: (targets * (targets / predictions).log()).sum(-1),
        "contrastive_nt_xent": lambda: nt_xent(predictions, targets, fields.get("temperature", 0.5)),
    }
    if loss in simple:
        result = simple[loss]()
    elif "focal" in loss:
        result = torch_focal(loss, from_logits, smoothing, predictions, targets, fields)
    elif loss == "binary_crossentropy":
        smooth = targets * (1 - smoothing) + 0.5 * smoothing
        function = F.binary_cross_entropy_with_logits if from_logits else F.binary_cross_entropy
        result = function(predictions, smooth, reduction="none").mean(-1)
    else:
        # Probabilities are divided by their sum, as Keras does before the logarithm: the log-softmax of log(p).
        logits = predictions if from_logits else torch.log(predictions)
        targets = targets if targets.ndim < logits.ndim else targets.movedim(-1, 1)
        result = F.cross_entropy(logits.movedim(-1, 1), targets, reduction="none", label_smoothing=smoothing)
    return result.reshape(len(predictions), -1).mean(1)


def compute(case):
    name, loss, shape, p_kind, t_kind, from_logits, smoothing, weighted, fields = case
    labels = labels_of(shape)
    predictions = predictions_of(p_kind, shape, labels)
    targets = targets_of(t_kind, shape, labels)
    weights = (splitmix64(SAMPLE_WEIGHTS, np.arange(shape[0])) % np.uint64(5)) * 0.5 if weighted else None

    def torch_total():
        p = torch.tensor(predictions, requires_grad=True)
        in_model = p_kind.endswith(("softmax", "sigmoid"))
        each = torch_losses(loss, from_logits or in_model, smoothing, p, torch.tensor(targets), fields)
        mean = (each * torch.tensor(weights if weighted else np.ones(shape[0]))).mean()
        mean.backward()
        return mean.item(), p.grad.numpy()

    if loss == "contrastive_nt_xent":
        return torch_total()

    keras_targets = targets
    if loss.startswith("sparse") and (smoothing or "focal" in loss):
        keras_targets = one_hot(targets, shape[-1])
    variable = tf.Variable(predictions)
    with tf.GradientTape() as tape:
        # The activations attach their input to the result, where the loss looks for it, as it does in a model.
        y = variable.value()
        for activation in ("softmax", "sigmoid"):
            if p_kind.endswith(activation):
                y = getattr(keras.activations, activation)(y)
                assert y._keras_logits is not None
        total = keras_loss(loss, from_logits, smoothing, fields)(keras_targets, y, sample_weight=weights)
    gradient = tape.gradient(total, variable).numpy()
    total = total.numpy()

    if p_kind not in ("saturated", "bits"):
        other, other_gradient = torch_total()
        assert abs(other - total) < AGREEMENT, name
        assert np.max(np.abs(other_gradient - gradient)) < AGREEMENT, name
    return total, gradient


def configurations():
    """(name, loss, shape of the predictions, their kind, kind of the targets, from_logits, smoothing, weighted, other fields)"""
    for case in crossentropies():
        yield *case, {}
    yield from others()


def crossentropies():
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
    for loss, t_kind in (("sparse_categorical_crossentropy", "labels"), ("categorical_crossentropy", "one_hot")):
        for p_kind in ("distribution", "logits"):
            yield f"{loss}_{p_kind}_images", loss, (2, 3, 2, 4), p_kind, t_kind, p_kind == "logits", 0.0, False


def others():
    pixels = (2, 3, 2, 4)
    for loss, fields in (
        ("mean_absolute_error", {}),
        ("huber", {}),
        ("huber", {"delta": 0.25}),
        ("cosine_similarity", {}),
        ("kl_divergence", {}),
    ):
        p_kind, t_kind = ("distribution",) * 2 if loss == "kl_divergence" else ("value",) * 2
        name = loss + "".join(f"_{key}{value:g}" for key, value in fields.items())
        yield name, loss, (6, 5), p_kind, t_kind, False, 0.0, False, fields
        yield f"{name}_weighted", loss, (6, 5), p_kind, t_kind, False, 0.0, True, fields
        yield f"{name}_images", loss, pixels, p_kind, t_kind, False, 0.0, False, fields
    yield "mean_absolute_error_bits", "mean_absolute_error", (4, 2), "bits", "bits", False, 0.0, False, {}
    yield "huber_bits", "huber", (4, 2), "bits", "bits", False, 0.0, False, {}
    yield "kl_divergence_saturated", "kl_divergence", (4, 3), "saturated", "one_hot", False, 0.0, False, {}

    for loss, t_kinds in (
        ("sparse_categorical_focal_crossentropy", ("labels",)),
        ("categorical_focal_crossentropy", ("one_hot", "distribution")),
    ):
        for t_kind in t_kinds:
            for p_kind in ("distribution", "logits", "softmax"):
                for smoothing in (0.0, 0.1):
                    name = f"{loss}_{t_kind}_{p_kind}_smoothing{smoothing:g}"
                    yield name, loss, (6, 5), p_kind, t_kind, p_kind == "logits", smoothing, False, {}
        for alpha, gamma in ((1.0, 0.0), (0.5, 1.0), (0.75, 3.5)):
            fields = {"alpha": alpha, "gamma": gamma}
            yield f"{loss}_gamma{gamma:g}", loss, (6, 5), "distribution", t_kinds[0], False, 0.0, True, fields
        yield f"{loss}_saturated", loss, (4, 3), "saturated", t_kinds[0], False, 0.0, False, {}
        for p_kind in ("distribution", "logits"):
            yield f"{loss}_{p_kind}_images", loss, pixels, p_kind, t_kinds[0], p_kind == "logits", 0.0, False, {}

    loss = "binary_focal_crossentropy"
    for p_kind in ("fraction", "logits", "sigmoid"):
        for smoothing in (0.0, 0.1):
            for balanced in (False, True):
                name = f"{loss}_{p_kind}_smoothing{smoothing:g}" + ("_balanced" if balanced else "")
                fields = {"apply_class_balancing": balanced}
                yield name, loss, (6, 3), p_kind, "bits", p_kind == "logits", smoothing, balanced, fields
    for gamma in (0.0, 1.0, 3.5):
        fields = {"apply_class_balancing": True, "alpha": 0.75, "gamma": gamma}
        yield f"{loss}_gamma{gamma:g}", loss, (6, 3), "fraction", "bits", False, 0.0, False, fields
    yield f"{loss}_images", loss, pixels, "fraction", "bits", False, 0.0, False, {}

    loss = "contrastive_nt_xent"
    for t_kind in ("pairs", "labels"):
        for temperature in (0.5, 0.1):
            name = f"{loss}_{t_kind}_temperature{temperature:g}"
            fields = {"temperature": temperature}
            yield name, loss, (10, 4), "value", t_kind, False, 0.0, False, fields
            yield f"{name}_weighted", loss, (10, 4), "value", t_kind, False, 0.0, True, fields
    yield f"{loss}_wide", loss, (6, 37), "value", "pairs", False, 0.0, False, {}


def main():
    self_check()
    count = 0
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "losses.txt"), "w", newline="\n") as out:
        for case in configurations():
            name, loss, shape, p_kind, t_kind, from_logits, smoothing, weighted, fields = case
            total, gradient = compute(case)
            out.write(f"case {name}\nloss {loss} {options(from_logits=from_logits, label_smoothing=smoothing, **fields)}\n")
            out.write(f"input {' '.join(map(str, shape))}\n")
            out.write(f"made {options(predictions=p_kind, targets=t_kind, sample_weights=weighted)}\n")
            write_tensor(out, "loss", [total])
            write_tensor(out, "dpredictions", gradient)
            out.write("end\n")
            count += 1
    print(f"{count} cases")


if __name__ == "__main__":
    main()
