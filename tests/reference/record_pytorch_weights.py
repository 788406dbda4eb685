"""Records pytorch_weights.txt: a torch.nn.Sequential's weights, as safetensors saves its state_dict, and its output.

Element i of number k of the state_dict is 0.5 * value(10 + k, i), of a variance 1 + that; x is value(1, i), as (batch, height, width,
channels), which the module gets as (batch, channels, height, width). The output is computed in float64.
"""

import os

import numpy as np
import torch
from safetensors.torch import save
from torch import nn

from formula import PARAMETERS, X_STREAM, self_check, value, write_tensor

SHAPE = (2, 6, 5, 2)


def module():
    return nn.Sequential(
        nn.Conv2d(2, 4, (3, 2)), nn.ReLU(),  # 4 x 4
        nn.ConvTranspose2d(4, 3, 2, stride=2),  # 8 x 8
        nn.BatchNorm2d(3, eps=1e-3),
        nn.Conv2d(3, 6, 2, groups=3), nn.Sigmoid(),  # 7 x 7
        nn.Sequential(nn.Conv2d(6, 6, (2, 1), groups=6, bias=False), nn.Conv2d(6, 4, 1)),  # 6 x 7
        nn.PReLU(4),
        nn.GroupNorm(2, 4, eps=1e-3),
        nn.MaxPool2d(2),  # 3 x 3
        nn.Flatten(),
        nn.BatchNorm1d(36, eps=1e-3),
        nn.Dropout(0.5),
        nn.Linear(36, 4), nn.ReLU(),
        nn.Linear(4, 3),
    )


def main():
    self_check()
    model = module().eval()
    state = model.state_dict()
    for k, (name, tensor) in enumerate(state.items()):
        if tensor.dtype == torch.float32:
            numbers = 0.5 * value(PARAMETERS + k, tuple(tensor.shape))
            state[name] = torch.tensor(numbers + (1 if name.endswith("running_var") else 0), dtype=torch.float32)
    model.load_state_dict(state)
    x = torch.tensor(value(X_STREAM, SHAPE)).permute(0, 3, 1, 2)
    with torch.no_grad():
        y = model.double()(x)
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "pytorch_weights.txt"), "w", newline="\n") as out:
        print(f"case sequential\nbytes {save(state, {'format': 'pt'}).hex()}", file=out)
        write_tensor(out, "y", y.numpy())
        print("end", file=out)
    print("y", np.round(y.numpy(), 4).tolist())


if __name__ == "__main__":
    main()
