"""What the peers' programs share: the options, MNIST, timing, and one line of JSON a result.

Each is run as `program COMMAND --name value ...`, with the commands of programs/fovea_bench.cpp.
"""
import gzip
import json
import os
import statistics
import sys
import time

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))


class Options:
    def __init__(self, arguments):
        self.command = arguments[0]
        self.values = {name.removeprefix("--"): value for name, value in zip(arguments[1::2], arguments[2::2])}

    def text(self, name, default=None):
        return self.values.get(name, default) if default is not None else self.values[name]

    def number(self, name):
        return int(self.values[name])

    def seconds(self, name):
        return float(self.values[name])


def run(commands):
    """Carries out the command of the command line."""
    options = Options(sys.argv[1:])
    commands[options.command](options)


def emit(**members):
    print(json.dumps(members), flush=True)


def training_data(options, input_shape, size):
    """Images (size, height, width, channels) of bytes and labels: MNIST from a folder, or noise."""
    if options.text("data") == "noise":
        random = np.random.default_rng(1)
        return (random.integers(0, 256, (size, *input_shape), np.uint8), random.integers(0, 10, size, np.int64))
    def idx(name, header):
        with gzip.open(os.path.join(options.text("data"), name + ".gz")) as file:
            return np.frombuffer(file.read(), np.uint8, offset=header)
    images = idx("train-images-idx3-ubyte", 16).reshape(-1, 28, 28, 1)
    return images, idx("train-labels-idx1-ubyte", 8).astype(np.int64)


def report_training(seconds, images, batch, loss):
    """The mean loss is no measure, but shows that all have trained."""
    steps = images / batch
    emit(ms_per_step=seconds * 1e3 / steps, seconds=seconds, steps=steps, loss=loss)


def repeat_for(budget, call):
    """Seconds of each call, 3 calls at least, within `budget` seconds."""
    times = []
    while sum(times) < budget or len(times) < 3:
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return times


def report_inference(options, call):
    """A tenth of the time goes ahead as a warm-up."""
    budget, batch = options.seconds("seconds"), options.number("batch")
    repeat_for(budget / 10, call)
    times = repeat_for(budget, call)
    median = statistics.median(times)
    emit(us=median * 1e6, images_per_s=batch / median, calls=len(times))
