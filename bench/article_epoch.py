#!/usr/bin/env python3
"""One epoch of the article's network on MNIST (batch 64, Adam), fovea and PyTorch eager in turn on the same threads.

    cmake --preset release && cmake --build --preset release
    python3 -m venv ~/peers && ~/peers/bin/pip install numpy torch        # outside of the checkout
    ~/peers/bin/python bench/article_epoch.py --data DIR_WITH_MNIST

Each repetition is a fresh process of each: fovea, PyTorch channels_last, PyTorch NCHW, fovea ... Printed are medians with
their spread, and the ratio of fovea's median to that of PyTorch's better layout.
"""
import argparse
import gzip
import os
import statistics
import subprocess
import sys
import time


def torch_epoch(data, threads, layout):
    import numpy as np
    import torch
    from torch import nn

    torch.set_num_threads(threads)
    torch.manual_seed(0)

    def idx(name, header):
        return np.frombuffer(gzip.open(os.path.join(data, name + ".gz")).read(), np.uint8, offset=header)

    images = torch.from_numpy(idx("train-images-idx3-ubyte", 16).reshape(-1, 1, 28, 28).copy())
    labels = torch.from_numpy(idx("train-labels-idx1-ubyte", 8).astype(np.int64))
    model = nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(64, 64, 3), nn.ReLU(), nn.Flatten(),
        nn.Linear(576, 64), nn.ReLU(), nn.Linear(64, 10))
    memory_format = torch.channels_last if layout == "channels_last" else torch.contiguous_format
    model = model.to(memory_format=memory_format)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, eps=1e-7)
    loss_of = nn.CrossEntropyLoss()

    def steps(order):
        for which in order.split(64):
            x = (images[which].float() / 255).to(memory_format=memory_format)
            optimizer.zero_grad()
            loss_of(model(x), labels[which]).backward()
            optimizer.step()

    steps(torch.randperm(6400))
    start = time.perf_counter()
    steps(torch.randperm(len(images)))
    return time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, help="folder with MNIST's four .gz files")
    parser.add_argument("--fovea", default="build/release/bench/article_epoch", help="the program from article_epoch.cpp")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--torch-epoch", choices=["channels_last", "nchw"], help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.torch_epoch:
        print(torch_epoch(options.data, options.threads[0], options.torch_epoch))
        return
    print(f"{'threads':>7}  {'fovea s':>20}  {'PyTorch channels_last s':>24}  {'PyTorch NCHW s':>20}  ratio")
    for threads in options.threads:
        def run(command):
            environment = dict(os.environ, FOVEA_THREADS=str(threads), OMP_NUM_THREADS=str(threads))
            return float(subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout.split()[-1])

        def torch(layout):
            return [sys.executable, __file__, "--data", options.data, "--threads", str(threads), "--torch-epoch", layout]

        commands = {"fovea": [options.fovea, options.data], "channels_last": torch("channels_last"), "nchw": torch("nchw")}
        times = {name: [] for name in commands}
        for _ in range(options.repeat):
            for name, command in commands.items():
                times[name].append(run(command))
        medians = {name: statistics.median(values) for name, values in times.items()}

        def cell(name):
            return f"{medians[name]:.2f} ({min(times[name]):.2f}-{max(times[name]):.2f})"

        ratio = medians["fovea"] / min(medians["channels_last"], medians["nchw"])
        print(f"{threads:>7}  {cell('fovea'):>20}  {cell('channels_last'):>24}  {cell('nchw'):>20}  {ratio:.2f}", flush=True)


if __name__ == "__main__":
    main()
