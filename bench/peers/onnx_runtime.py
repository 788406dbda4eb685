"""ONNX Runtime's side of the benchmark: inference of a file that `export` has made with random weights."""
import numpy as np

import common
from suite.networks import parse


def export(options):
    """Writes --model; the only command that needs the package onnx."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    random = np.random.default_rng(0)
    nodes, weights = [], []
    (_, height, width, channels), *items = parse(options.text("network"))
    shape, x = (channels, height, width), "x"

    def node(kind, inputs, **attributes):
        nonlocal x
        output = f"{kind}_{len(nodes)}"
        nodes.append(helper.make_node(kind, [x, *inputs], [output], **attributes))
        x = output

    def weight(*extents):
        fan = int(np.prod(extents[1:])) if len(extents) > 1 else 1
        value = (random.standard_normal(extents) / np.sqrt(fan)).astype(np.float32)
        weights.append(numpy_helper.from_array(value, f"w_{len(weights)}"))
        return weights[-1].name

    activations = {"relu": "Relu", "tanh": "Tanh", "softmax": "Softmax"}
    for kind, *words in items:
        if kind == "conv":
            filters, kernel, stride, padding, activation = words
            pad = kernel // 2 if padding == "same" else 0
            node("Conv", [weight(filters, shape[0], kernel, kernel), weight(filters)], kernel_shape=[kernel] * 2,
                 strides=[stride] * 2, pads=[pad] * 4)
            shape = (filters, *((side + 2 * pad - kernel) // stride + 1 for side in shape[1:]))
            node(activations[activation], [])
        elif kind in ("maxpool", "avgpool"):
            node("MaxPool" if kind == "maxpool" else "AveragePool", [], kernel_shape=words * 2, strides=words * 2)
            shape = (shape[0], *(side // words[0] for side in shape[1:]))
        elif kind == "flatten":
            node("Flatten", [])
            shape = (int(np.prod(shape)),)
        elif kind == "dense":
            units, activation = words
            node("Gemm", [weight(units, shape[0]), weight(units)], transB=1)
            shape = (units,)
            node(activations[activation], [])
        else:
            raise ValueError(f'"{kind}" cannot be exported')
    graph = helper.make_graph(
        nodes, "network", [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", channels, height, width])],
        [helper.make_tensor_value_info(x, TensorProto.FLOAT, ["batch", *shape])], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, options.text("model"))


def session(options):
    import onnxruntime

    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = options.number("threads")
    settings.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(options.text("model"), settings, providers=["CPUExecutionProvider"])


def infer(options):
    model = session(options)
    _, *shape = model.get_inputs()[0].shape
    x = np.random.default_rng(1).random((options.number("batch"), *shape), np.float32)
    common.report_inference(options, lambda: model.run(None, {"x": x}))


def first_prediction(options):
    model = session(options)
    _, *shape = model.get_inputs()[0].shape
    model.run(None, {"x": np.zeros((1, *shape), np.float32)})
    common.emit(ready=1)


common.run({"export": export, "infer": infer, "first_prediction": first_prediction})
