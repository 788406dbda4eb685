"""pytorch_networks.py FOLDER: networks of PyTorch's modules with the weights that pytorch_networks_test.cpp has put there, compared.

NAME.weights is the state_dict, NAME.data has inputs x0, x1 ... and outputs y0, y1 ..., images as (batch, height, width, channels). Modules
are named as fovea's layers, or numbered as in a torch.nn.Sequential. PyTorch's epsilon of a normalization is set to Keras's.
"""

import pathlib
import sys

import torch
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional as F

TOLERANCE = 1e-5
EPSILON = 1e-3


def conv(inputs, outputs, size=3, **options):
    return nn.Conv2d(inputs, outputs, size, **options)


def batch_norm(channels):
    return nn.BatchNorm2d(channels, EPSILON)


def same(x, size=3, stride=2):
    """Keras's padding="same", whose odd row is behind."""
    pads = []
    for extent in (x.shape[3], x.shape[2]):
        total = max((-(-extent // stride) - 1) * stride + size - extent, 0)
        pads += [total // 2, total - total // 2]
    return F.pad(x, pads)


class Same(nn.Conv2d):
    """A convolution with stride 2 and that padding."""

    def forward(self, x):
        return super().forward(same(x, self.kernel_size[0]))


class Network(nn.Module):
    def __init__(self, forward, **modules):
        super().__init__()
        self.function = forward
        for name, module in modules.items():
            self.add_module(name, module)

    def forward(self, *x):
        return self.function(self, *x)


def resnet(widths, first, project):
    """Blocks of two convolutions; one with a projection halves the image."""
    modules, convs, norms = {}, 0, 0

    def add(kind, module):
        nonlocal convs, norms
        number = convs if kind == "conv2d" else norms
        modules[kind + (f"_{number}" if number else "")] = module
        convs, norms = (convs + 1, norms) if kind == "conv2d" else (convs, norms + 1)

    add("conv2d", conv(3, widths[0], padding=1, bias=first))
    add("batch_normalization", batch_norm(widths[0]))
    plan, before = [], widths[0]
    for width, halves in zip(widths, project):
        names = {"skip": convs if halves else None}
        if halves:
            add("conv2d", nn.Conv2d(before, width, 1, stride=2))
        names["convs"], names["norms"] = convs, norms
        add("conv2d", (Same(before, width, 3, stride=2, bias=False) if halves else conv(before, width, padding=1, bias=False)))
        add("batch_normalization", batch_norm(width))
        add("conv2d", conv(width, width, padding=1, bias=False))
        add("batch_normalization", batch_norm(width))
        plan.append(names)
        before = width
    modules["dense"] = nn.Linear(before, 5 if first else 10)

    def forward(m, x):
        def of(kind, number):
            return getattr(m, kind + (f"_{number}" if number else ""))

        h = torch.relu(m.batch_normalization(m.conv2d(x)))
        for names in plan:
            skip = h if names["skip"] is None else of("conv2d", names["skip"])(h)
            for i in range(2):
                h = of("batch_normalization", names["norms"] + i)(of("conv2d", names["convs"] + i)(h))
                h = torch.relu(h) if i == 0 else torch.relu(h + skip)
        return torch.softmax(m.dense(h.mean((2, 3))), 1)

    return Network(forward, **modules)


def groups(m, x):
    h = m.group_normalization(F.gelu(m.conv2d(x)))
    h = F.normalize(F.silu(F.relu6(m.group_normalization_1(h))).flatten(1))
    in_order = h.unflatten(1, (6, 4, 3)).permute(0, 2, 3, 1).flatten(1)  # of fovea, where channels are the last axis
    return F.gelu(in_order), F.silu(m.dense(h))


def shared(m, x):
    h = x
    for _ in range(2):
        h = m.p_re_lu(m.group_normalization(m.conv2d(h)))
    return F.gelu(m.dense(h.mean((2, 3)))) - F.gelu(m.dense(x.amax((2, 3))))


def two_outputs(m, x):
    h = F.elu(m.conv2d_1(F.silu(m.conv2d(x)))).flatten(1)
    return torch.softmax(m.label(h), 1), torch.tanh(m.box(h))


def siamese(m, a, b):
    a, b = (F.leaky_relu(m.dense(m.conv2d(x).flatten(1)), 0.2) for x in (a, b))
    return a - b, a * b


def unet(m, x):
    a = torch.relu(m.conv2d(x))
    b = torch.relu(m.conv2d_1(F.max_pool2d(a, 2)))
    up = F.interpolate(m.conv2d_transpose(F.avg_pool2d(b, 2)), scale_factor=2, mode="bilinear", align_corners=False)
    return torch.sigmoid(m.conv2d_2(torch.cat([up, a], 1)))


NETWORKS = {
    "article": lambda: nn.Sequential(conv(1, 32), nn.ReLU(), nn.MaxPool2d(2), conv(32, 64), nn.ReLU(), nn.MaxPool2d(2), conv(64, 64),
                                     nn.ReLU(), nn.Flatten(), nn.Linear(576, 64), nn.ReLU(), nn.Linear(64, 10), nn.Softmax(1)),
    "residual": lambda: resnet([4, 4], True, [False, True]),
    "resnet20": lambda: resnet([16] * 3 + [32] * 3 + [64] * 3, False, [False] * 3 + [True, False, False] * 2),
    "depthwise": lambda: nn.Sequential(Same(4, 8, 3, stride=2, groups=4), nn.GELU(),
                                       nn.Sequential(nn.Conv2d(8, 16, (3, 2), padding="same", groups=8, bias=False),
                                                     nn.Conv2d(16, 6, 1)), nn.SiLU(),
                                       nn.Conv2d(6, 4, 2, dilation=2, groups=2), nn.LeakyReLU(0.2)),
    "dense": lambda: nn.Sequential(nn.Linear(7, 6), nn.BatchNorm1d(6, EPSILON), nn.Linear(6, 2, bias=False), nn.Sigmoid()),
    "groups": lambda: Network(groups, conv2d=conv(4, 6, groups=2), group_normalization=nn.GroupNorm(6, 6, EPSILON),
                              group_normalization_1=nn.GroupNorm(3, 6, EPSILON), dense=nn.Linear(72, 3)),
    "shared": lambda: Network(shared, conv2d=conv(3, 3, padding=1), group_normalization=nn.GroupNorm(1, 3, EPSILON),
                              p_re_lu=nn.PReLU(3), dense=nn.Linear(3, 4)),
    "decoder": lambda: nn.Sequential(nn.ConvTranspose2d(2, 3, 2, stride=2), nn.ELU(), nn.ConvTranspose2d(3, 2, 3, stride=3, bias=False),
                                     nn.Tanh(), nn.UpsamplingNearest2d(scale_factor=2), conv(2, 1, 1), nn.Sigmoid()),
    "mobile": lambda: nn.Sequential(conv(3, 8), nn.ReLU6(), nn.Conv2d(8, 8, 3, groups=8), batch_norm(8), nn.ReLU6(),
                                    nn.Sequential(nn.Conv2d(8, 8, 3, groups=8, bias=False), nn.Conv2d(8, 12, 1)), nn.PReLU(12),
                                    nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(), nn.Linear(12, 4), nn.Softmax(1)),
    "rows": lambda: nn.Sequential(nn.Linear(5, 8), nn.LayerNorm(8, EPSILON), nn.GELU(), nn.Linear(8, 6), nn.SiLU()),
    "two_outputs": lambda: Network(two_outputs, conv2d=Same(1, 4, 3, stride=2), conv2d_1=conv(4, 6), label=nn.Linear(150, 3),
                                   box=nn.Linear(150, 4)),
    "siamese": lambda: Network(siamese, conv2d=conv(2, 4), dense=nn.Linear(64, 5)),
    "unet": lambda: Network(unet, conv2d=conv(3, 4, padding=1), conv2d_1=conv(4, 6, padding=1),
                            conv2d_transpose=nn.ConvTranspose2d(6, 4, 2, stride=2), conv2d_2=nn.Conv2d(8, 2, 1)),
}


def check(folder, name):
    model = NETWORKS[name]()
    missing, unexpected = model.load_state_dict(load_file(folder / f"{name}.weights"), strict=False)
    if unexpected or any("normalization" not in key for key in missing):  # a gamma or beta may be left out
        print(f"{name}: missing {missing}, unexpected {unexpected}")
        return False
    data = load_file(folder / f"{name}.data")
    x = [data[f"x{i}"] for i in range(len(data)) if f"x{i}" in data]
    expected = [data[f"y{i}"] for i in range(len(data)) if f"y{i}" in data]
    with torch.no_grad():
        y = model.eval()(*[v.permute(0, 3, 1, 2) if v.dim() == 4 else v for v in x])
    y = [v.permute(0, 2, 3, 1) if v.dim() == 4 else v for v in ([y] if isinstance(y, torch.Tensor) else y)]
    worst = max(float((a - b).abs().max()) for a, b in zip(y, expected, strict=True))
    print(f"{name}: {len(x[0])} inputs, largest difference {worst:.3g}")
    return worst <= TOLERANCE


if __name__ == "__main__":
    here = pathlib.Path(sys.argv[1])
    sys.exit(0 if all([check(here, name) for name in NETWORKS]) else 1)
