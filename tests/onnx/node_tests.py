"""The node tests of the `onnx` package, for node_tests_test.cpp.

node_tests.py write FOLDER: writes each test of OPERATORS as NAME.onnx and NAME.data (safetensors: x0, x1 ..., y0, y1 ...).
node_tests.py check FOLDER: compares FOLDER/results.txt, "NAME<tab>passed" or the reason of a refusal, with node_tests.txt, and fails
if a test is on the other side, or is refused for another reason. RECORD_NODE_TESTS=1 writes that file anew.

What a trained file has as constants (kernels, statistics, pads ...) the tests have as inputs: they become constants, all inputs but the
first; of operators that put tensors together only those with fewer axes than the first. A test of several outputs is there a second
time, as NAME:first, with the first alone. Images are transposed to (batch, height, width, channels).
"""

import os
import pathlib
import re
import sys
import warnings

import numpy as np
import onnx
from safetensors.numpy import save_file

OPERATORS = """Conv ConvTranspose MaxPool AveragePool GlobalMaxPool GlobalAveragePool Gemm MatMul
BatchNormalization LayerNormalization GroupNormalization InstanceNormalization
Relu LeakyRelu PRelu Elu Selu Sigmoid HardSigmoid Tanh Gelu Swish HardSwish Clip Softmax LogSoftmax Softplus Mish
Add Sub Mul Div Sum Mean Max Min Concat Flatten Reshape Transpose Squeeze Unsqueeze Expand Identity Dropout
Pad Slice Split Resize Upsample ReduceMean ReduceMax QuantizeLinear DequantizeLinear QLinearConv ConvInteger""".split()
SEVERAL = {"Add", "Sub", "Mul", "Div", "Sum", "Mean", "Max", "Min", "Concat"}
LIST = pathlib.Path(__file__).with_name("node_tests.txt")


def cases():
    """(operator, test) of each test whose nodes are all of one operator."""
    warnings.simplefilter("ignore")
    from onnx.backend.test.case.node import collect_testcases

    for case in collect_testcases(None):
        operators = {node.op_type for node in case.model.graph.node}
        if len(operators) == 1 and operators <= set(OPERATORS) and case.model.graph.node[0].domain == "":
            yield operators.pop(), case


def write_case(folder, name, operator, model, inputs, outputs):
    graph = model.graph
    axes = len(graph.input[0].type.tensor_type.shape.dim) if graph.input else 0
    kept, data = [], {}
    for value, x in list(zip(graph.input, inputs)):
        x = x if isinstance(x, np.ndarray | np.generic) else None
        if not kept or x is None or (operator in SEVERAL and x.ndim >= axes):
            if x is not None and x.dtype == np.float32:
                data[f"x{len(kept)}"] = np.ascontiguousarray(x.transpose(0, 2, 3, 1) if x.ndim == 4 else x)
            kept.append(value)
        else:
            graph.initializer.append(onnx.numpy_helper.from_array(np.asarray(x), value.name))
    del graph.input[:]
    graph.input.extend(kept)
    for i, y in enumerate(outputs):
        if isinstance(y, np.ndarray | np.generic) and y.dtype == np.float32:
            data[f"y{i}"] = np.ascontiguousarray(y)
    onnx.save(model, folder / f"{name}.onnx")
    save_file(data, folder / f"{name}.data")


def write(folder):
    for operator, case in cases():
        inputs, outputs = case.data_sets[0]
        names = [case.name, case.name + ":first"]
        for name in names[: 1 if operator == "Split" else len(outputs)]:
            model = onnx.ModelProto()
            model.CopyFrom(case.model)
            if name.endswith(":first"):
                del model.graph.output[1:]
                for node in model.graph.node:
                    del node.output[1:]
                outputs = outputs[:1]
            write_case(folder, name, operator, model, inputs, outputs)


def grouped(results):
    """The text of node_tests.txt."""
    lines = [f"# The node tests of onnx {onnx.__version__}, by operator: which import_onnx runs with the right result, and why it refuses",
             "# the others. Written by node_tests.py, which says how they are read."]
    of = {}
    for operator, case in cases():
        of.setdefault(operator, []).extend(n for n in (case.name, case.name + ":first") if n in results)
    for operator in OPERATORS:
        names = of.get(operator, [])
        own = [n for n in names if not n.endswith(":first")]
        passed = [n for n in own if results[n] == "passed"]
        lines.append(f"\n{operator}: {len(passed)} of {len(own)}")
        reasons = {}
        for name in names:
            reasons.setdefault(results[name], []).append(name)
        for reason in sorted(reasons, key=lambda r: (r != "passed", r)):
            lines.append(f"  {reason}")
            row = "   "
            for name in reasons[reason]:
                short = name.removeprefix("test_")
                if len(row) + len(short) > 126:
                    lines.append(row)
                    row = "   "
                row += " " + short
            lines.append(row)
    return "\n".join(lines) + "\n"


def general(reason):
    """Without what differs from test to test."""
    reason = re.sub(r'the input "\w+" is of type \d+', "an input is of type N", reason)
    reason = re.sub(r'tensor "\w+" is of data_type \d+', "a tensor is of data_type N", reason)
    reason = re.sub(r"axis=-?\d+ is not supported(?: for samples .*)?", "axis=N is not supported", reason)
    return re.sub(r"a sample \([\d, ]+\)", "a sample of other axes", reason)


def parse(text):
    results, reason = {}, ""
    for line in text.splitlines():
        if line.startswith("    "):
            results |= {"test_" + name: reason for name in line.split()}
        elif line.startswith("  "):
            reason = line.strip()
    return results


def check(folder):
    lines = (line.split("\t", 1) for line in (folder / "results.txt").read_text().splitlines())
    results = {name: general(result) for name, result in lines}
    wrong = {name: result for name, result in results.items() if result.startswith("WRONG")}
    own = {name: result for name, result in results.items() if not name.endswith(":first")}
    first = {name: result for name, result in results.items() if name.endswith(":first")}
    print(f"{sum(r == 'passed' for r in own.values())} of {len(own)} node tests passed, "
          f"{sum(r == 'passed' for r in first.values())} of {len(first)} by their first output")
    if os.environ.get("RECORD_NODE_TESTS"):
        LIST.write_text(grouped(results))
    expected = parse(LIST.read_text())
    recorded = re.search(r"onnx ([\d.]+)", LIST.read_text())[1]
    if onnx.__version__ == recorded:
        for name in sorted(set(expected) ^ set(results)):
            wrong[name] = "is in one list only"
    for name in set(expected) & set(results):
        if expected[name] != results[name]:
            wrong[name] = f"{results[name]}; expected: {expected[name]}"
    page = (LIST.parents[2] / "docs" / "onnx.md").read_text()
    for operator, count in re.findall(r"^(\w+): (\d+ of \d+)$", LIST.read_text(), re.M):
        if f"| `{operator}` | {count} |" not in page:
            wrong["docs/onnx.md"] = f"{operator} is {count}"
    for name in sorted(wrong):
        print(f"{name}: {wrong[name]}")
    return not wrong and len(set(expected) & set(results)) > 300


if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[2])
    sys.exit(0 if (write(folder) or True if sys.argv[1] == "write" else check(folder)) else 1)
