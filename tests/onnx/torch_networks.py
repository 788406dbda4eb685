"""torch_networks.py FOLDER: a dozen networks in PyTorch, written by torch.onnx.export for import_test.cpp, with their outputs.

NAME.onnx is the TorchScript-based exporter's, NAME_dynamo.onnx that of torch.export, which is left out where the package onnxscript is
missing. NAME.data (safetensors) has the inputs x0, x1 ... and outputs y0, y1 ...; images are (batch, height, width, channels).
"""

import importlib.util
import pathlib
import sys
import warnings

import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional as F

SAMPLES = 1000


def conv(inputs, outputs, stride=1, groups=1, size=3, activation=nn.ReLU):
    return nn.Sequential(nn.Conv2d(inputs, outputs, size, stride, size // 2, groups=groups, bias=False),
                         nn.BatchNorm2d(outputs), activation())


class Block(nn.Module):
    """Of a ResNet."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.body = nn.Sequential(conv(inputs, outputs, stride), nn.Conv2d(outputs, outputs, 3, padding=1, bias=False),
                                  nn.BatchNorm2d(outputs))
        self.skip = nn.Identity() if stride == 1 else nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False),
                                                                   nn.BatchNorm2d(outputs))

    def forward(self, x):
        return torch.relu(self.body(x) + self.skip(x))


class ResNet20(nn.Module):
    def __init__(self):
        super().__init__()
        widths = [16] * 3 + [32] * 3 + [64] * 3
        self.stem = conv(3, 16)
        self.blocks = nn.Sequential(*[Block(widths[max(i - 1, 0)], w, 2 if i in (3, 6) else 1) for i, w in enumerate(widths)])
        self.head = nn.Linear(64, 10)

    def forward(self, x):
        x = F.avg_pool2d(self.blocks(self.stem(x)), 8)
        return self.head(x.view(x.size(0), -1))


class Inverted(nn.Module):
    """Of MobileNetV3: depthwise, squeeze and excitation."""

    def __init__(self, width):
        super().__init__()
        self.expand = conv(width, 2 * width, size=1, activation=nn.Hardswish)
        self.depthwise = conv(2 * width, 2 * width, groups=2 * width, size=5, activation=nn.Hardswish)
        self.squeeze = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(2 * width, 4, 1), nn.ReLU(),
                                     nn.Conv2d(4, 2 * width, 1), nn.Hardsigmoid())
        self.project = nn.Conv2d(2 * width, width, 1)

    def forward(self, x):
        h = self.depthwise(self.expand(x))
        return x + self.project(h * self.squeeze(h))


class ConvNeXt(nn.Module):
    """LayerNorm over channels, GELU, a factor for each channel."""

    def __init__(self, width):
        super().__init__()
        self.depthwise = nn.Conv2d(width, width, 7, padding=3, groups=width)
        self.norm = nn.LayerNorm(width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.factor = nn.Parameter(torch.linspace(0.5, 1.5, width))

    def forward(self, x):
        h = self.norm(self.depthwise(x).permute(0, 2, 3, 1))
        return x + (self.factor * self.down(F.gelu(self.up(h)))).permute(0, 3, 1, 2)


class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.down1, self.down2, self.bottom = conv(3, 8), conv(8, 16), conv(16, 16)
        self.up1, self.up2 = nn.ConvTranspose2d(16, 16, 2, stride=2), conv(32, 8)
        self.last = nn.Conv2d(16, 2, 1)

    def forward(self, x):
        a = self.down1(x)
        b = self.down2(F.max_pool2d(a, 2))
        h = self.up2(torch.cat([self.up1(self.bottom(F.max_pool2d(b, 2))), b], 1))
        h = F.interpolate(h, scale_factor=2, mode="bilinear", align_corners=False)
        return torch.sigmoid(self.last(torch.cat([h, a], 1)))


class TwoOutputs(nn.Module):
    def __init__(self):
        super().__init__()
        self.trunk = nn.Sequential(conv(1, 8, 2), conv(8, 16, 2), nn.Flatten())
        self.digit, self.box = nn.Linear(784, 10), nn.Linear(784, 4)

    def forward(self, x):
        h = self.trunk(x)
        return torch.softmax(self.digit(h), 1), torch.tanh(self.box(h))


class Siamese(nn.Module):
    """Two inputs, one set of weights, features of length 1."""

    def __init__(self):
        super().__init__()
        self.trunk = nn.Sequential(nn.Conv2d(1, 6, 5, stride=2), nn.PReLU(6), nn.Conv2d(6, 8, 3), nn.PReLU(), nn.Flatten(),
                                   nn.Linear(392, 16))

    def forward(self, a, b):
        a, b = F.normalize(self.trunk(a), eps=1e-6), F.normalize(self.trunk(b), eps=1e-6)
        return torch.cat([a * b, a - b, torch.maximum(a, b)], 1)


class Dense(nn.Module):
    """Of a DenseNet: normalization first."""

    def __init__(self, width, growth):
        super().__init__()
        self.norm, self.conv = nn.BatchNorm2d(width), nn.Conv2d(width, growth, 3, padding=1)

    def forward(self, x):
        return torch.cat([x, self.conv(torch.relu(self.norm(x)))], 1)


class SamePadding(nn.Module):
    """TensorFlow's padding="same", computed from the image's shape; an image of fixed size, resized by any factor."""

    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Conv2d(3, 8, 3, stride=2), nn.Conv2d(8, 8, 3, stride=2)

    def pad(self, x):
        h, w = x.shape[-2:]
        rows, columns = max(((h + 1) // 2 - 1) * 2 + 3 - h, 0), max(((w + 1) // 2 - 1) * 2 + 3 - w, 0)
        return F.pad(x, (columns // 2, columns - columns // 2, rows // 2, rows - rows // 2))

    def forward(self, x):
        h = F.silu(self.a(self.pad(x)))
        h = F.leaky_relu(self.b(self.pad(h)), 0.1)
        h = F.interpolate(h, size=(7, 9), mode="bicubic", align_corners=False)
        return F.max_pool2d(h, 3, stride=2, padding=1, ceil_mode=True).reshape(h.shape[0], 8, -1).mean(2)


class Rows(nn.Module):
    """Rows of features, normalized by BatchNorm1d."""

    def __init__(self):
        super().__init__()
        self.a, self.norm, self.b = nn.Linear(12, 16), nn.BatchNorm1d(10), nn.Linear(16, 8)

    def forward(self, x):
        h = F.elu(self.norm(self.a(x)), 0.5)
        return torch.softmax(F.selu(self.b(h)).transpose(1, 2), -1).flatten(1)


def networks():
    article = nn.Sequential(nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
                            nn.Conv2d(64, 64, 3), nn.ReLU(), nn.Flatten(), nn.Linear(576, 64), nn.ReLU(), nn.Linear(64, 10),
                            nn.Softmax(1))
    mobile = nn.Sequential(conv(3, 8, 2, activation=nn.ReLU6), conv(8, 8, groups=8, activation=nn.ReLU6), nn.Conv2d(8, 16, 1),
                           conv(16, 16, 2, groups=16, activation=nn.ReLU6), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
                           nn.Dropout(0.2), nn.Linear(16, 10))
    groups = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.GroupNorm(2, 8), nn.SiLU(), nn.Conv2d(8, 8, 3, stride=2),
                           nn.InstanceNorm2d(8, affine=True), nn.GELU(), nn.AvgPool2d(2), nn.Flatten(), nn.Linear(72, 5))
    generator = nn.Sequential(nn.Linear(16, 128), nn.ReLU(), nn.Unflatten(1, (8, 4, 4)), nn.ConvTranspose2d(8, 8, 4, 2, 1),
                              nn.BatchNorm2d(8), nn.ReLU(), nn.ConvTranspose2d(8, 3, 3, 2, 1, output_padding=1, groups=1),
                              nn.Upsample(scale_factor=2, mode="nearest"), nn.Tanh())
    dense = nn.Sequential(nn.Conv2d(3, 8, 3, stride=2, padding=1), nn.MaxPool2d(3, 2, 1), Dense(8, 4), Dense(12, 4),
                          nn.BatchNorm2d(16), nn.ReLU(), nn.Conv2d(16, 8, 1), nn.AvgPool2d(2), nn.Flatten(), nn.Linear(72, 10))
    signal = nn.Sequential(nn.Conv1d(2, 6, 5, stride=2, padding=2), nn.BatchNorm1d(6), nn.ReLU(), nn.MaxPool1d(3, 2, 1),
                           nn.Conv1d(6, 6, 3, groups=6, dilation=2), nn.Hardtanh(-0.5, 0.5), nn.ConvTranspose1d(6, 4, 3, 2, 1),
                           nn.GELU(), nn.AvgPool1d(2), nn.Conv1d(4, 8, 1), nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(8, 3))
    return {"article": (article, [(1, 28, 28)]), "resnet20": (ResNet20(), [(3, 32, 32)]), "depthwise": (mobile, [(3, 24, 24)]),
            "mobilenet_v3": (nn.Sequential(conv(3, 8, 2, activation=nn.Hardswish), Inverted(8), Inverted(8)), [(3, 16, 16)]),
            "convnext": (nn.Sequential(nn.Conv2d(3, 8, 4, stride=4), ConvNeXt(8), ConvNeXt(8)), [(3, 32, 32)]),
            "unet": (UNet(), [(3, 16, 12)]), "two_outputs": (TwoOutputs(), [(1, 28, 28)]),
            "siamese": (Siamese(), [(1, 21, 21)] * 2), "densenet": (dense, [(3, 24, 24)]), "group_norm": (groups, [(3, 15, 15)]),
            "generator": (generator, [(16,)]), "same_padding": (SamePadding(), [(3, 20, 23)]), "rows": (Rows(), [(10, 12)]),
            "signal": (signal, [(2, 61)])}


def last(x):
    return (x.permute(0, 2, 3, 1) if x.dim() == 4 else x).contiguous()


def write(folder, name, model, shapes):
    model.train()
    with torch.no_grad():
        model(*[torch.randn(64, *shape) for shape in shapes])  # statistics other than 0 and 1
    model.eval()
    x = [torch.rand(SAMPLES, *shape) * 2 - 1 for shape in shapes]
    with torch.no_grad():
        y = model(*x)
    y = [y] if isinstance(y, torch.Tensor) else list(y)
    save_file({f"x{i}": last(v) for i, v in enumerate(x)} | {f"y{i}": last(v) for i, v in enumerate(y)}, folder / f"{name}.data")
    few = tuple(v[:2] for v in x)
    names = {"input_names": [f"x{i}" for i in range(len(x))], "output_names": [f"y{i}" for i in range(len(y))]}
    torch.onnx.export(model, few, folder / f"{name}.onnx", dynamo=False, opset_version=17,
                      dynamic_axes={n: {0: "batch"} for n in sum(names.values(), [])}, **names)
    if importlib.util.find_spec("onnxscript"):
        batch = torch.export.Dim("batch")
        torch.onnx.export(model, few, folder / f"{name}_dynamo.onnx", dynamo=True, external_data=False, verbose=False,
                          dynamic_shapes=({0: batch},) * len(x), **names)


if __name__ == "__main__":
    torch.manual_seed(7)
    warnings.simplefilter("ignore")
    for key, (network, extents) in networks().items():
        write(pathlib.Path(sys.argv[1]), key, network, extents)
