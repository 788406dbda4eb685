"""Records callbacks.txt: what Keras's callbacks do with given logs, and what they print.

Each callback is called as fit calls it, with a model that has a learning rate and one weight, the number of the epoch. Numbers are
exact in float32, in which Keras compares them.
"""

import contextlib
import io
import os
import tempfile
import types
import warnings

os.environ["KERAS_BACKEND"] = "tensorflow"

from keras import callbacks


class Model:
    def __init__(self):
        self.stop_training = False
        self.optimizer = types.SimpleNamespace(learning_rate=0.5)
        self.weight = -1
        self.saved = []

    def get_weights(self):
        return self.weight

    def set_weights(self, weight):
        self.weight = weight

    def save_weights(self, path, overwrite):
        self.saved.append(os.path.basename(path))


def run(callback, logs):
    """Keras's loop over epochs, and over as many batches of each as `logs` has; returns the model, the rates and the output."""
    model = Model()
    rates = []
    out = io.StringIO()
    with contextlib.redirect_stdout(out), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        callback.set_model(model)
        callback.on_train_begin()
        for epoch, log in enumerate(logs):
            callback.on_epoch_begin(epoch)
            for batch in range(3):
                callback.on_train_batch_end(batch, dict(log))
            model.weight = epoch
            callback.on_epoch_end(epoch, dict(log))
            rates.append(model.optimizer.learning_rate)
            if model.stop_training:
                break
        callback.on_train_end()
    return model, rates, out.getvalue()


def series(name, values):
    return [{name: value} for value in values]


PLATEAU = (1, 0.75, 0.875, 0.75, 0.5, 0.5, 0.625, 0.5, 0.5, 0.25, 0.5)
CASES = [
    ("EarlyStopping", {}, "val_loss", PLATEAU),
    ("EarlyStopping", {"patience": 2, "verbose": 1}, "val_loss", PLATEAU),
    ("EarlyStopping", {"patience": 3, "verbose": 1, "restore_best_weights": True}, "val_loss", PLATEAU),
    ("EarlyStopping", {"patience": 2, "min_delta": 0.25, "restore_best_weights": True}, "val_loss", PLATEAU),
    ("EarlyStopping", {"patience": 2, "min_delta": -0.25}, "val_loss", PLATEAU),
    ("EarlyStopping", {"monitor": "loss", "patience": 1, "start_from_epoch": 4}, "loss", PLATEAU),
    ("EarlyStopping", {"monitor": "accuracy", "mode": "max", "patience": 1, "verbose": 1}, "accuracy", PLATEAU),
    ("EarlyStopping", {"monitor": "accuracy", "mode": "min", "patience": 2}, "accuracy", PLATEAU),
    ("EarlyStopping", {"patience": 2, "baseline": 0.25, "restore_best_weights": True, "verbose": 1}, "val_loss", PLATEAU),
    ("EarlyStopping", {"patience": 3, "baseline": 0.8125}, "val_loss", PLATEAU),
    ("EarlyStopping", {"patience": 1, "restore_best_weights": True, "verbose": 1}, "val_loss", (3, 2, 1)),
    ("EarlyStopping", {"restore_best_weights": True}, "loss", (3, 2, 1)),
    ("ReduceLROnPlateau", {}, "val_loss", PLATEAU + (0.5,) * 12),
    ("ReduceLROnPlateau", {"factor": 0.5, "patience": 2, "verbose": 1}, "val_loss", PLATEAU),
    ("ReduceLROnPlateau", {"factor": 0.5, "patience": 1, "cooldown": 2, "verbose": 1}, "val_loss", PLATEAU),
    ("ReduceLROnPlateau", {"factor": 0.25, "patience": 1, "min_lr": 0.0625, "verbose": 1}, "val_loss", PLATEAU),
    ("ReduceLROnPlateau", {"factor": 0.5, "patience": 2, "min_delta": 0.25}, "val_loss", PLATEAU),
    ("ReduceLROnPlateau", {"monitor": "accuracy", "mode": "max", "factor": 0.5, "patience": 3}, "accuracy", PLATEAU),
    ("ReduceLROnPlateau", {"factor": 0.5, "patience": 0}, "val_loss", PLATEAU),
    ("LearningRateScheduler", {"verbose": 1}, "loss", (1, 1, 1)),
    ("ModelCheckpoint", {"filepath": "e{epoch:02d}-{val_loss:.2f}", "verbose": 1}, "val_loss", PLATEAU[:3]),
    ("ModelCheckpoint", {"filepath": "best", "save_best_only": True, "verbose": 1}, "val_loss", PLATEAU[:6]),
    ("ModelCheckpoint", {"filepath": "best{epoch}", "save_best_only": True, "initial_value_threshold": 0.75}, "val_loss", PLATEAU),
    ("ModelCheckpoint", {"filepath": "best{epoch}", "save_best_only": True, "monitor": "accuracy", "mode": "max"}, "accuracy", (0.5, 0.25, 0.75)),
    ("ModelCheckpoint", {"filepath": "e{epoch}b{batch:03d}", "save_freq": 2, "verbose": 1}, "val_loss", PLATEAU[:3]),
    ("ModelCheckpoint", {"filepath": "any{epoch}", "save_best_only": True}, "loss", PLATEAU[:2]),
]


def option(value):
    return int(value) if isinstance(value, bool) else value


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(here, "callbacks.txt"), "w", newline="\n") as out, tempfile.TemporaryDirectory() as folder:
        for number, (cls, settings, name, values) in enumerate(CASES):
            more = {}
            if cls == "LearningRateScheduler":
                more["schedule"] = lambda epoch, rate: rate * 0.5 + epoch
            if cls == "ModelCheckpoint":
                more["filepath"] = os.path.join(folder, settings["filepath"] + ".weights.h5")
                more["save_weights_only"] = True
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                callback = getattr(callbacks, cls)(**{**settings, **more})
            model, rates, text = run(callback, series(name, values))
            text = text.replace(folder + os.sep, "").replace(".weights.h5", "")
            line = " ".join(f"{key}={option(value)}" for key, value in settings.items())
            print(f"case {number}", file=out)
            print(f"callback {cls} {line}".rstrip(), file=out)
            print(f"series {name}", *values, file=out)
            print("rates", *rates, file=out)
            print("weight", model.weight, file=out)
            if model.saved:
                print("saved", *[path.replace(".weights.h5", "") for path in model.saved], file=out)
            if text:
                print("output", text.replace("\n", "\\n"), file=out)
            print("end", file=out)
    print(len(CASES), "cases")


if __name__ == "__main__":
    main()
