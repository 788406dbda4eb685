"""Records onnx.txt: ONNX files that torch.onnx.export wrote, and PyTorch's outputs.

Element i of number k of the state_dict is 0.5 * value(10 + k, i), of a variance 1 + that; x is value(1, i), an image as (batch, height,
width, channels), which the module gets as (batch, channels, height, width). Outputs that are images are recorded as the former.
Outputs are computed in float64.
"""

import io
import os
import warnings

import numpy as np
import torch
from torch import nn

from formula import PARAMETERS, X_STREAM, self_check, value, write_tensor


class Residual(nn.Module):
    """The beginning of a ResNet: maxima over a padded ReLU, a sum, a mean over the image."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(2, 4, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(4), nn.ReLU(),
                                  nn.MaxPool2d(3, stride=2, padding=1))
        self.a = nn.Conv2d(4, 4, 3, padding=1)
        self.b = nn.Conv2d(4, 4, 1, stride=2)
        self.c = nn.Conv2d(4, 4, 3, stride=2, padding=1)
        self.head = nn.Linear(4, 3)

    def forward(self, x):
        x = self.stem(x)
        x = torch.relu(self.c(torch.sigmoid(self.a(x))) + self.b(x))
        return torch.softmax(self.head(torch.flatten(nn.functional.adaptive_avg_pool2d(x, 1), 1)), 1)


class Merges(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(2, 3, 3, groups=1)
        self.b = nn.Conv2d(2, 2, 3, groups=2)

    def forward(self, x):
        a, b = self.a(x), self.b(x)
        both = torch.cat([torch.tanh(a), nn.functional.elu(b)], 1)
        return torch.cat([both * torch.sigmoid(both), 2 * both - 1], 2)


class Sizes(nn.Module):
    def forward(self, x):
        x = nn.functional.interpolate(x, scale_factor=2, mode="nearest")
        return nn.functional.interpolate(x, scale_factor=(2, 3), mode="bilinear")[:, :, 1:-2, 3:]


class Nearest(nn.Module):
    def forward(self, x):
        return nn.functional.interpolate(x, scale_factor=(3, 2), mode="nearest")[:, :, 1:, :-1]


class Groups(nn.Module):
    """Nodes in groups at opset 17: GELU, GroupNorm, normalize; and the shape of a tensor as the target of a view."""

    def __init__(self):
        super().__init__()
        self.a, self.norm = nn.Conv2d(2, 4, 2), nn.GroupNorm(2, 4)
        self.b = nn.Linear(24, 3)

    def forward(self, x):
        x = nn.functional.gelu(self.norm(self.a(x)))
        h, w = x.shape[2:]
        x = nn.functional.pad(x, (0, w % 2, 0, h % 2))
        x = nn.functional.hardswish(nn.functional.max_pool2d(x, 2))
        return nn.functional.normalize(self.b(x.reshape(x.size(0), -1)), eps=1e-6)


class Factors(nn.Module):
    """Constants for channels and for each element, an InstanceNorm2d, other sizes than whole multiples, a mean of rows."""

    def __init__(self):
        super().__init__()
        self.norm = nn.InstanceNorm2d(2, affine=True)
        self.factor, self.place = nn.Parameter(torch.zeros(2, 1, 1)), nn.Parameter(torch.zeros(1, 2, 3, 4))

    def forward(self, x):
        x = self.norm(x) * self.factor + self.place
        x = nn.functional.interpolate(x, size=(5, 3), mode="bilinear", align_corners=True)
        return nn.functional.hardtanh(x.flatten(2).transpose(1, 2), -0.5, 0.25).mean(1)


class Norms(nn.Module):
    """LayerNorm as opset 13 has it, over the last axis, two axes, and by hand over the channels of an image; parts of an axis."""

    def __init__(self):
        super().__init__()
        self.a, self.b, self.factor = nn.LayerNorm(4), nn.LayerNorm((3, 2)), nn.Parameter(torch.zeros(2, 1, 1))

    def forward(self, x):
        x = x - x.mean(1, keepdim=True)
        x = self.factor * (x / torch.sqrt((x * x).mean(1, keepdim=True) + 1e-3))
        a, b = self.a(x).chunk(2, 3)
        return (self.b(a) + nn.functional.gelu(b)).flatten(1)


CASES = {
    "article": (nn.Sequential(nn.Conv2d(1, 3, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(3, 4, 2), nn.ReLU(), nn.Flatten(),
                              nn.Dropout(0.5), nn.Linear(36, 4), nn.ReLU(), nn.Linear(4, 3), nn.Softmax(1)),
                (2, 10, 10, 1), 17),
    "residual": (Residual(), (2, 15, 12, 2), 13),
    "residual_opset_9": (Residual(), (2, 15, 12, 2), 9),
    "merges": (Merges(), (2, 5, 6, 2), 18),
    "decoder": (nn.Sequential(nn.ConvTranspose2d(2, 3, 3, stride=2, padding=1, output_padding=1), nn.PReLU(3),
                              nn.ConvTranspose2d(3, 2, 2, stride=2), nn.LeakyReLU(0.1), nn.ZeroPad2d((1, 0, 2, 1)),
                              nn.AvgPool2d(3, stride=2, padding=1), nn.ReLU6()),
                (2, 3, 4, 2), 10),
    "sizes": (Sizes(), (2, 3, 2, 2), 13),
    "sizes_opset_9": (Nearest(), (2, 3, 2, 2), 9),
    "opset_20": (nn.Sequential(nn.Linear(3, 4), nn.GELU(), nn.LayerNorm(4), nn.SiLU()), (2, 3), 20),
    "groups": (Groups(), (2, 5, 6, 2), 17),
    "factors": (Factors(), (2, 3, 4, 2), 17),
    "lines": (nn.Sequential(nn.Conv1d(2, 3, 3, stride=2, padding=1), nn.BatchNorm1d(3), nn.ReLU(), nn.MaxPool1d(2),
                            nn.ConvTranspose1d(3, 2, 2), nn.Flatten()), (2, 2, 9), 17),
    "norms_opset_13": (Norms(), (2, 3, 4, 2), 13),
    "dense": (nn.Sequential(nn.Linear(5, 4), nn.BatchNorm1d(4), nn.ELU(0.5), nn.Linear(4, 3, bias=False), nn.Tanh()),
              (3, 5), 11),
}


def main():
    self_check()
    warnings.simplefilter("ignore")
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "onnx.txt")
    with open(path, "w", newline="\n") as out:
        for name, (model, shape, opset) in CASES.items():
            model.eval()
            state = model.state_dict()
            for k, (key, tensor) in enumerate(state.items()):
                if tensor.dtype == torch.float32:
                    numbers = 0.5 * value(PARAMETERS + k, tuple(tensor.shape))
                    state[key] = torch.tensor(numbers + (1 if key.endswith("running_var") else 0), dtype=torch.float32)
            model.load_state_dict(state)
            x = torch.tensor(value(X_STREAM, shape), dtype=torch.float32)
            x = x.permute(0, 3, 1, 2) if len(shape) == 4 else x
            file = io.BytesIO()
            torch.onnx.export(model, x, file, dynamo=False, opset_version=opset, input_names=["x"], output_names=["y"],
                              dynamic_axes={"x": {0: "batch"}, "y": {0: "batch"}})
            with torch.no_grad():
                y = model.double()(x.double())
            y = y.permute(0, 2, 3, 1) if y.dim() == 4 else y
            print(f"case {name}\nshape {' '.join(map(str, shape))}\nbytes {file.getvalue().hex()}", file=out)
            write_tensor(out, "y", y.numpy())
            print("end", file=out)
            print(name, len(file.getvalue()), "bytes, largest output", np.round(y.abs().max().item(), 4))


if __name__ == "__main__":
    main()
