"""Records metrics.txt: Keras's metrics in float64, each updated with the first third of the samples and then with the others.

Where Keras's metric takes no class labels, it gets their one-hot codes, and where it takes no more than two axes, one row a position.
"""

import os

from keras_float64 import keras  # before TensorFlow, for which it sets the environment

import numpy as np

from formula import options, self_check, write_tensor
from record_losses import labels_of, one_hot, predictions_of, targets_of

CLASSES = {
    "f1_score": keras.metrics.F1Score,
    "auc": keras.metrics.AUC,
    "precision": keras.metrics.Precision,
    "recall": keras.metrics.Recall,
    "mean_io_u": keras.metrics.MeanIoU,
    "binary_accuracy": keras.metrics.BinaryAccuracy,
    "mean_squared_error": keras.metrics.MeanSquaredError,
    "mean_absolute_error": keras.metrics.MeanAbsoluteError,
    "root_mean_squared_error": keras.metrics.RootMeanSquaredError,
    "cosine_similarity": keras.metrics.CosineSimilarity,
}


def compute(name, shape, p_kind, t_kind, fields):
    labels = labels_of(shape)
    y, t = predictions_of(p_kind, shape, labels), targets_of(t_kind, shape, labels)
    sparse = t_kind == "labels"
    if name == "accuracy":
        metric = keras.metrics.SparseCategoricalAccuracy() if sparse else keras.metrics.CategoricalAccuracy()
    elif name == "mean_io_u":
        metric = CLASSES[name](**fields, sparse_y_true=sparse, sparse_y_pred=False)
    else:
        metric = CLASSES[name](**fields)
        if sparse:
            t = one_hot(t, shape[-1])
        if name == "f1_score":
            y, t = y.reshape(-1, shape[-1]), t.reshape(-1, shape[-1])
    third = len(y) // 3
    metric.update_state(t[:third], y[:third])
    metric.update_state(t[third:], y[third:])
    return np.atleast_1d(np.asarray(metric.result(), dtype=np.float64))


def configurations():
    """(metric, shape of the predictions, their kind, kind of the targets, fields)"""
    pixels = (3, 3, 2, 4)
    for name in ("precision", "recall"):
        for fields in ({}, {"thresholds": 0.3}, {"thresholds": [0.2, 0.5, 0.875]}, {"class_id": 1}):
            yield name, (40, 3), "fraction", "bits", fields
        yield name, (40, 4), "distribution", "labels", {"thresholds": 0.25}
        yield name, (40, 4), "distribution", "labels", {"thresholds": [0.125, 0.25], "class_id": 2}
        yield name, (30, 1), "fraction", "bits", {}
        yield name, pixels, "fraction", "bits", {}
        yield name, pixels, "distribution", "labels", {"thresholds": 0.25}
        yield name, (10, 3), "fraction", "bits", {"thresholds": 1.0}  # nothing is predicted
        yield name, (10, 3), "fraction", "zeros", {}  # nothing is there
        yield name, (10, 3), "fraction", "ones", {}
    for average in (None, "micro", "macro", "weighted"):
        for threshold in (None, 0.3):
            fields = {"average": average, "threshold": threshold}
            yield "f1_score", (40, 4), "fraction", "bits", fields
            yield "f1_score", (40, 4), "distribution", "labels", fields
        yield "f1_score", pixels, "logits", "labels", {"average": average}
        yield "f1_score", (9, 4), "zeros", "bits", {"average": average}
        yield "f1_score", (4, 7), "distribution", "labels", {"average": average}  # some classes are not there
    yield "f1_score", (40, 1), "fraction", "bits", {"average": "macro", "threshold": 0.5}
    for curve in ("ROC", "PR"):
        yield "auc", (300, 1), "fraction", "bits", {"curve": curve}
        yield "auc", (40, 3), "fraction", "bits", {"curve": curve}
        for num_thresholds in (2, 3, 11):
            yield "auc", (40, 3), "fraction", "bits", {"curve": curve, "num_thresholds": num_thresholds}
        yield "auc", (40, 4), "distribution", "labels", {"curve": curve}
        yield "auc", (40, 4), "logits", "labels", {"curve": curve, "from_logits": True}
        yield "auc", pixels, "distribution", "labels", {"curve": curve}
        yield "auc", (20, 2), "bits", "bits", {"curve": curve}
        yield "auc", (20, 2), "value", "bits", {"curve": curve}  # some are below 0
        yield "auc", (20, 2), "fraction", "zeros", {"curve": curve}
        yield "auc", (20, 2), "fraction", "ones", {"curve": curve}
    for fields in ({}, {"threshold": 0.3}):
        yield "binary_accuracy", (40, 3), "fraction", "bits", fields
        yield "binary_accuracy", pixels, "fraction", "bits", fields
    for name in ("mean_squared_error", "mean_absolute_error", "root_mean_squared_error", "cosine_similarity"):
        yield name, (10, 3), "value", "value", {}
        yield name, pixels, "value", "value", {}
    for t_kind in ("labels", "distribution"):
        yield "accuracy", (10, 4), "logits", t_kind, {}
        yield "accuracy", pixels, "logits", t_kind, {}
        yield "mean_io_u", (40, 4), "logits", t_kind, {"num_classes": 4}
        yield "mean_io_u", pixels, "logits", t_kind, {"num_classes": 4}
        yield "mean_io_u", pixels, "logits", t_kind, {"num_classes": 4, "ignore_class": 2}
        yield "mean_io_u", (4, 9), "logits", t_kind, {"num_classes": 9}  # some classes are not there


def main():
    self_check()
    count = 0
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "metrics.txt"), "w", newline="\n") as out:
        for name, shape, p_kind, t_kind, fields in configurations():
            given = {key: value for key, value in fields.items() if value is not None}
            words = "_".join([name, p_kind, t_kind, *(f"{k}{v}".replace(" ", "") for k, v in given.items())])
            out.write(f"case {words}_{'x'.join(map(str, shape))}\n")
            out.write(f"metric {name} {options(**given)}".rstrip() + "\n")
            out.write(f"input {' '.join(map(str, shape))}\n")
            out.write(f"made {options(predictions=p_kind, targets=t_kind)}\n")
            write_tensor(out, "result", compute(name, shape, p_kind, t_kind, fields))
            out.write("end\n")
            count += 1
    print(f"{count} cases")


if __name__ == "__main__":
    main()
