"""PyTorch's side of the benchmark, eager. --layout nchw or channels_last, --fused 1 for Adam(fused=True)."""
import csv
import statistics
import sys
import time

import torch
from torch import nn

import common
from suite.networks import parse

torch.set_num_threads(common.Options(sys.argv[1:]).number("threads"))


class Residual(nn.Module):
    """A basic block of ResNet-18."""

    def __init__(self, inputs, filters, stride):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(inputs, filters, 3, stride, 1, bias=False), nn.BatchNorm2d(filters), nn.ReLU(),
            nn.Conv2d(filters, filters, 3, 1, 1, bias=False), nn.BatchNorm2d(filters))
        self.shortcut = nn.Identity() if inputs == filters and stride == 1 else nn.Sequential(
            nn.Conv2d(inputs, filters, 1, stride, bias=False), nn.BatchNorm2d(filters))

    def forward(self, x):
        return torch.relu(self.body(x) + self.shortcut(x))


def resnet18():
    """For images of 32x32x3."""
    blocks, inputs = [], 64
    for filters, stride in ((64, 1), (128, 2), (256, 2), (512, 2)):
        blocks += [Residual(inputs, filters, stride), Residual(filters, filters, 1)]
        inputs = filters
    return nn.Sequential(nn.Conv2d(3, 64, 3, 1, 1, bias=False), nn.BatchNorm2d(64), nn.ReLU(), *blocks,
                         nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 10))


def build(description):
    """The network and its input shape (height, width, channels). The loss has the last softmax in it."""
    if description == "resnet18":
        return resnet18(), (32, 32, 3)
    activations = {"linear": [], "softmax": [], "relu": [nn.ReLU()], "tanh": [nn.Tanh()]}
    layers = []
    (_, *input_shape), *items = parse(description)
    example = torch.zeros(1, input_shape[2], *input_shape[:2])

    def channels():
        return nn.Sequential(*layers)(example).shape[1]

    for kind, *words in items:
        if kind == "conv":
            filters, kernel, stride, padding, activation = words
            layers.append(nn.Conv2d(channels(), filters, kernel, stride, kernel // 2 if padding == "same" else 0))
            layers += activations[activation]
        elif kind == "maxpool":
            layers.append(nn.MaxPool2d(words[0]))
        elif kind == "avgpool":
            layers.append(nn.AvgPool2d(words[0]))
        elif kind == "batchnorm":
            layers.append(nn.BatchNorm2d(channels()))
        elif kind == "activation":
            layers += activations[words[0]]
        elif kind == "flatten":
            layers.append(nn.Flatten())
        elif kind == "dense":
            layers.append(nn.Linear(channels(), words[0]))
            layers += activations[words[1]]
        else:
            raise ValueError(f'there is no layer "{kind}" in the language of networks')
    return nn.Sequential(*layers), tuple(input_shape)


def memory_format(options):
    return torch.channels_last if options.text("layout", "nchw") == "channels_last" else torch.contiguous_format


def train(options):
    torch.manual_seed(0)
    layout = memory_format(options)
    model, input_shape = build(options.text("network"))
    model = model.to(memory_format=layout).train()
    batch, count, warmup = (options.number(name) for name in ("batch", "steps", "warmup"))
    images, labels = common.training_data(options, input_shape, batch * max(count, warmup))
    images, labels = torch.from_numpy(images.copy()).permute(0, 3, 1, 2), torch.from_numpy(labels)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, eps=1e-7, fused=options.text("fused", "0") == "1")
    loss_of = nn.CrossEntropyLoss()

    def steps(size):
        total = torch.zeros(())
        for which in torch.randperm(size).split(batch):
            x = (images[which].float() / 255).contiguous(memory_format=layout)
            optimizer.zero_grad()
            loss = loss_of(model(x), labels[which])
            loss.backward()
            optimizer.step()
            total += loss.detach() * len(which)
        return total.item() / size

    steps(min(len(images), batch * warmup))
    size = len(images) if count == 0 else min(len(images), batch * count)
    start = time.perf_counter()
    loss = steps(size)
    common.report_training(time.perf_counter() - start, size, batch, loss)


def infer(options):
    layout = memory_format(options)
    model, (height, width, channels) = build(options.text("network"))
    model = model.to(memory_format=layout).eval()
    x = torch.rand(options.number("batch"), channels, height, width).contiguous(memory_format=layout)
    with torch.inference_mode():
        common.report_inference(options, lambda: torch.softmax(model(x), 1))


def first_prediction(options):
    model, (height, width, channels) = build(options.text("network"))
    with torch.inference_mode():
        torch.softmax(model.eval()(torch.zeros(1, channels, height, width)), 1)
    common.emit(ready=1)


def convolutions(options):
    layout, budget = memory_format(options), options.seconds("seconds")
    for row in csv.DictReader(sys.stdin):
        shape = {name: int(value) for name, value in row.items() if value.isdigit()}
        kernel, stride, dilation, groups = (shape[name] for name in ("kernel", "stride", "dilation", "groups"))
        padding = dilation * (kernel - 1) // 2 if row["padding"] == "same" else 0
        x = torch.rand(shape["batch"], shape["channels"], shape["height"], shape["width"]) - 0.5
        w = torch.rand(shape["filters"], shape["channels"] // groups, kernel, kernel) - 0.5
        x, w = x.contiguous(memory_format=layout), w.contiguous(memory_format=layout)
        where = [[stride] * 2, [padding] * 2, [dilation] * 2, False, [0, 0], groups]

        def forward():
            return torch.ops.aten.convolution(x, w, None, *where)

        dy = torch.rand_like(forward()) - 0.5
        flops = 2 * dy.numel() * w.numel() // shape["filters"]

        def backward(data, weights):
            return torch.ops.aten.convolution_backward(dy, x, w, None, *where, [data, weights, False])

        passes = {"forward": forward, "backward_data": lambda: backward(True, False),
                  "backward_weights": lambda: backward(False, True)}
        with torch.no_grad():
            for name, call in passes.items():
                call()
                seconds = statistics.median(common.repeat_for(budget, call))
                common.emit(shape=row["name"], **{"pass": name}, us=seconds * 1e6, gflops=flops / seconds * 1e-9)


common.run({"train": train, "infer": infer, "first_prediction": first_prediction, "convolutions": convolutions})
