"""onnx_runtime.py FOLDER: checks the ONNX files that export_test.cpp has put there, runs them in ONNX Runtime, and compares."""

import pathlib
import sys

import numpy as np
import onnx
import onnxruntime
from safetensors.numpy import load_file

TOLERANCE = 1e-5


def check(path):
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    assert model.opset_import[0].version == 17
    data = load_file(path.with_suffix(".data"))
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    nchw = path.stem.endswith("nchw")
    inputs = {}
    for i, node in enumerate(session.get_inputs()):
        x = data[f"x{i}"]
        inputs[node.name] = x.transpose(0, 3, 1, 2) if nchw and x.ndim == 4 else x
    outputs = session.run(None, inputs)
    expected = [data[f"y{i}"] for i in range(len(outputs))]
    if nchw:
        outputs = [y.transpose(0, 2, 3, 1) if y.ndim == 4 else y for y in outputs]
    worst = max(float(np.abs(y - e).max()) for y, e in zip(outputs, expected, strict=True))
    print(f"{path.stem}: {len(data['x0'])} inputs, {len(model.graph.node)} nodes, largest difference {worst:.3g}")
    return worst <= TOLERANCE


if __name__ == "__main__":
    paths = sorted(pathlib.Path(sys.argv[1]).glob("*.onnx"))
    sys.exit(0 if paths and all([check(path) for path in paths]) else 1)
