"""Loading time and size of a model's file: fovea's beside torch.save's and Keras's .keras, in turn.

    python bench/peers/model_files.py PROGRAM [--times 9]

PROGRAM is bench/model_files. Everybody builds the network, reads its weights from a file that is in the page cache, and ends
with a model that can predict; fovea also runs it and compares, and once more without.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

os.environ.setdefault("KERAS_BACKEND", "torch")

import keras
import torch
from torch import nn


def in_keras(name):
    conv = lambda filters: keras.layers.Conv2D(filters, 3, activation="relu", padding="valid" if name == "article" else "same")
    dense = lambda units: keras.layers.Dense(units, activation="relu")
    pool = keras.layers.MaxPooling2D
    flat, last = keras.layers.Flatten(), keras.layers.Dense(10, activation="softmax")
    if name == "article":
        layers = [keras.Input((28, 28, 1)), conv(32), pool(), conv(64), pool(), conv(64), flat, dense(64), last]
    else:
        layers = [keras.Input((32, 32, 3)), conv(64), pool(), conv(128), pool(), conv(256), pool(), flat, dense(2048), dense(1024), last]
    return keras.Sequential(layers)


def in_torch(name):
    conv = lambda i, o: [nn.Conv2d(i, o, 3, padding=0 if name == "article" else 1), nn.ReLU()]
    dense = lambda i, o: [nn.Linear(i, o), nn.ReLU()]
    pool = nn.MaxPool2d(2)
    if name == "article":
        body = [*conv(1, 32), pool, *conv(32, 64), pool, *conv(64, 64), nn.Flatten(), *dense(576, 64), nn.Linear(64, 10)]
    else:
        body = [*conv(3, 64), pool, *conv(64, 128), pool, *conv(128, 256), pool, nn.Flatten(), *dense(4096, 2048),
                *dense(2048, 1024), nn.Linear(1024, 10)]
    return nn.Sequential(*body, nn.Softmax(1))


def seconds_of(call):
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def load_torch(name, path):
    model = in_torch(name)
    model.load_state_dict(torch.load(path, weights_only=True))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--times", type=int, default=9)
    arguments = parser.parse_args()
    print("| network | | parameters | bytes | ms to load |\n|---|---|---|---|---|")
    for name in ("article", "wide"):
        with tempfile.TemporaryDirectory() as folder:
            files = {kind: pathlib.Path(folder) / f"model.{kind}" for kind in ("safetensors", "pt", "keras")}
            subprocess.run([arguments.program, "save", "--network", name, "--file", files["safetensors"]], check=True)
            torch.save(in_torch(name).state_dict(), files["pt"])
            in_keras(name).save(files["keras"])
            times = {who: [] for who in ("fovea", "fovea, not verified", "PyTorch, torch.load", "Keras, .keras")}
            for _ in range(arguments.times):
                out = subprocess.run([arguments.program, "load", "--file", files["safetensors"], "--times", "2"], check=True, capture_output=True)
                line = json.loads(out.stdout.splitlines()[-1])  # the second one, as that of those that run on
                times["fovea"].append(line["seconds"])
                times["fovea, not verified"].append(line["unverified"])
                times["PyTorch, torch.load"].append(seconds_of(lambda: load_torch(name, files["pt"])))
                times["Keras, .keras"].append(seconds_of(lambda: keras.models.load_model(files["keras"])))
            for (who, all_times), kind in zip(times.items(), ("safetensors", "safetensors", "pt", "keras"), strict=True):
                ms = [1e3 * t for t in all_times]
                print(f"| {name} | {who} | {line['parameters']:,} | {files[kind].stat().st_size:,} "
                      f"| {statistics.median(ms):.3g} ({min(ms):.3g} to {max(ms):.3g}) |")


if __name__ == "__main__":
    main()
