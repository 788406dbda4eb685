"""The article's script. article.py FOLDER: trains it for an epoch on the pictures in the folder, and writes article.keras and its
accuracy; where fovea has trained on and written fovea.keras, evaluates that instead."""

import os
import pathlib
import sys

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from keras import Input, layers, models, utils
from safetensors.numpy import load_file

folder = pathlib.Path(sys.argv[1])
data = load_file(folder / "mnist.data")

if (folder / "fovea.keras").exists():
    model = models.load_model(folder / "fovea.keras")
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    result = "fovea.txt"
else:
    utils.set_random_seed(1)
    model = models.Sequential([
        Input((28, 28, 1)),
        layers.Conv2D(32, (3, 3), activation="relu"),
        layers.MaxPooling2D((2, 2)),
        layers.Conv2D(64, (3, 3), activation="relu"),
        layers.MaxPooling2D((2, 2)),
        layers.Conv2D(64, (3, 3), activation="relu"),
        layers.Flatten(),
        layers.Dense(64, activation="relu"),
        layers.Dense(10, activation="softmax")])
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(data["train_images"].astype("float32") / 255, data["train_labels"], epochs=1, batch_size=64, verbose=0)
    model.save(folder / "article.keras")
    result = "article.txt"

loss, accuracy = model.evaluate(data["test_images"].astype("float32") / 255, data["test_labels"], batch_size=500, verbose=0)
(folder / result).write_text(f"{loss} {accuracy}")
