"""PyTorch's side of examples/resnet_cifar10.cpp: the same network, pictures, augmentation and recipe, eager.

    python bench/peers/resnet_cifar10.py --data DIR --epochs 10 --threads 4 [--layout channels_last]
"""
import argparse
import pathlib
import time

import numpy
import torch
from PIL import Image
from torch import nn


class Residual(nn.Module):
    def __init__(self, inputs, filters, stride):
        super().__init__()
        self.body = nn.Sequential(normalized(inputs, filters, 3, stride), nn.ReLU(), normalized(filters, filters, 3, 1))
        self.shortcut = nn.Identity() if stride == 1 else normalized(inputs, filters, 1, stride)

    def forward(self, x):
        return torch.relu(self.body(x) + self.shortcut(x))


def normalized(inputs, filters, kernel, stride):
    conv = nn.Conv2d(inputs, filters, kernel, stride, kernel // 2, bias=False)
    nn.init.kaiming_normal_(conv.weight, nonlinearity="linear", mode="fan_in")
    with torch.no_grad():
        conv.weight *= 2**0.5
    return nn.Sequential(conv, nn.BatchNorm2d(filters, eps=1e-5, momentum=0.1))


def resnet20():
    blocks, inputs = [], 16
    for filters in (16, 32, 64):
        for block in range(3):
            blocks.append(Residual(inputs, filters, 2 if block == 0 and filters > 16 else 1))
            inputs = filters
    dense = nn.Linear(64, 10)
    nn.init.xavier_uniform_(dense.weight)
    nn.init.zeros_(dense.bias)
    return nn.Sequential(normalized(3, 16, 3, 1), nn.ReLU(), *blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), dense)


def read(folder):
    images, labels = [], []
    for number, name in enumerate(sorted(p.name for p in folder.iterdir() if p.is_dir())):
        for file in sorted((folder / name).iterdir()):
            images.append(numpy.asarray(Image.open(file).convert("RGB")))
            labels.append(number)
    return torch.from_numpy(numpy.stack(images)).permute(0, 3, 1, 2), torch.tensor(labels)


def augmented(images):
    """Each shifted by up to 4 pixels and perhaps mirrored."""
    padded = nn.functional.pad(images, (4, 4, 4, 4))
    moves = torch.randint(0, 9, (2, len(images)))
    rows = (moves[0][:, None] + torch.arange(32)).view(-1, 1, 32, 1)
    columns = (moves[1][:, None] + torch.arange(32)).view(-1, 1, 1, 32)
    cut = padded[torch.arange(len(images)).view(-1, 1, 1, 1), torch.arange(3).view(1, 3, 1, 1), rows, columns]
    mirrored = torch.rand(len(images)) < 0.5
    return torch.where(mirrored.view(-1, 1, 1, 1), cut.flip(3), cut)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--layout", choices=["nchw", "channels_last"], default="nchw")
    chosen = parser.parse_args()
    torch.set_num_threads(chosen.threads)
    torch.manual_seed(chosen.seed)
    layout = torch.channels_last if chosen.layout == "channels_last" else torch.contiguous_format

    images, labels = read(chosen.data / "train")
    model = resnet20().to(memory_format=layout)
    weights = [p for p in model.parameters() if p.dim() > 1]
    others = [p for p in model.parameters() if p.dim() <= 1]
    optimizer = torch.optim.SGD([{"params": weights, "weight_decay": 1e-4}, {"params": others, "weight_decay": 0}],
                                lr=0.1, momentum=0.9, nesterov=True)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, chosen.epochs * (len(images) // 128 + 1))
    for epoch in range(chosen.epochs):
        model.train()
        start, total = time.perf_counter(), 0
        for which in torch.randperm(len(images)).split(128):
            x = (augmented(images[which]).float() / 255).contiguous(memory_format=layout)
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(x), labels[which])
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item() * len(which)
        print(f"epoch {epoch + 1}: {time.perf_counter() - start:.1f} s, loss {total / len(images):.4f}", flush=True)

    model.eval()
    images, labels = read(chosen.data / "test")
    with torch.no_grad():
        right = sum((model((images[i:i + 500].float() / 255).contiguous(memory_format=layout)).argmax(1)
                     == labels[i:i + 500]).sum().item() for i in range(0, len(images), 500))
    print(f"Test accuracy: {right / len(images):.4f}")


main()
