"""Records schedules.txt: the learning rates of Keras's schedules, and of PyTorch's OneCycleLR, in float64."""

import os

import torch

OPTIMIZER = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)  # loads an LLVM, which must come before TensorFlow's

from keras_float64 import keras

import numpy as np

from formula import options, write_tensor

COUNT = 40  # steps of Keras's schedules, which all end or restart on the way


def configurations():
    """(name, class, settings)"""
    base = {"initial_learning_rate": 0.1}
    yield "exponential", "ExponentialDecay", {**base, "decay_steps": 7, "decay_rate": 0.9}
    yield "exponential_staircase", "ExponentialDecay", {**base, "decay_steps": 7, "decay_rate": 0.5, "staircase": True}
    yield "inverse_time", "InverseTimeDecay", {**base, "decay_steps": 7, "decay_rate": 0.9}
    yield "inverse_time_staircase", "InverseTimeDecay", {
        **base, "decay_steps": 7, "decay_rate": 0.5, "staircase": True}
    yield "piecewise", "PiecewiseConstantDecay", {"boundaries": [5, 20, 21], "values": [1.0, 0.5, 0.25, 0.125]}
    yield "polynomial", "PolynomialDecay", {**base, "decay_steps": 15}
    yield "polynomial_power", "PolynomialDecay", {**base, "decay_steps": 15, "end_learning_rate": 0.01, "power": 0.5}
    yield "polynomial_cycle", "PolynomialDecay", {**base, "decay_steps": 15, "power": 2.0, "cycle": True}
    yield "cosine", "CosineDecay", {**base, "decay_steps": 30}
    yield "cosine_alpha", "CosineDecay", {**base, "decay_steps": 30, "alpha": 0.125}
    yield "cosine_warmup", "CosineDecay", {
        **base, "decay_steps": 20, "alpha": 0.125, "warmup_target": 0.5, "warmup_steps": 10}
    yield "restarts", "CosineDecayRestarts", {**base, "first_decay_steps": 5}
    yield "restarts_even", "CosineDecayRestarts", {
        **base, "first_decay_steps": 8, "t_mul": 1.0, "m_mul": 0.5, "alpha": 0.125}
    yield "restarts_longer", "CosineDecayRestarts", {**base, "first_decay_steps": 6, "t_mul": 1.5, "m_mul": 0.75}
    yield "one_cycle", "OneCycle", {"max_lr": 0.1, "total_steps": 40}
    yield "one_cycle_linear", "OneCycle", {
        "max_lr": 0.1, "total_steps": 37, "pct_start": 0.25, "anneal_strategy": "linear", "div_factor": 10.0,
        "final_div_factor": 100.0}
    yield "one_cycle_three_phase", "OneCycle", {"max_lr": 0.1, "total_steps": 33, "three_phase": True}


def keras_rates(cls, settings):
    # Plain Python floats would be computed with in float32.
    exact = {k: np.float64(v) if isinstance(v, float) else v for k, v in settings.items()}
    if "values" in exact:
        exact["values"] = [np.float64(v) for v in exact["values"]]
    schedule = getattr(keras.optimizers.schedules, cls)(**exact)
    rates = [schedule(step) for step in range(COUNT)]
    assert all(rate.dtype == "float64" for rate in rates)
    return [float(rate) for rate in rates]


def torch_rates(settings):
    scheduler = torch.optim.lr_scheduler.OneCycleLR(OPTIMIZER, cycle_momentum=False, **settings)
    rates = []
    for _ in range(settings["total_steps"]):
        rates.append(scheduler.get_last_lr()[0])
        OPTIMIZER.step()
        scheduler.step()
    return rates


def main():
    count = 0
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "schedules.txt"), "w", newline="\n") as out:
        for name, cls, settings in configurations():
            rates = torch_rates(settings) if cls == "OneCycle" else keras_rates(cls, settings)
            out.write(f"case {name}\nschedule {cls} {options(**settings)}\n")
            write_tensor(out, "rates", rates)
            out.write("end\n")
            count += 1
    print(f"{count} cases")


if __name__ == "__main__":
    main()
