"""Records graphs.txt: outputs and parameter gradients of random networks that branch, meet and share layers, by PyTorch.

The networks are drawn with a fixed seed, so every run makes the same ones. Everything is computed in float64, as in training, and the
loss is the sum over the outputs of sum(y * g). Twelve digits are recorded, for what many layers do one after another is to be
compared within 1e-9.
"""

import math
import os
import random

import numpy as np
import torch

import record_layers
from formula import PARAMETERS, UPSTREAM, options, self_check, value, write_tensor
from record_layers import NearKink, batch_norm, conv, dense, pool, torch_layer

torch.set_default_dtype(torch.float64)

GRAPHS = 20
# No relu is nearer than this to its kink, and no two elements of which the larger or smaller one is taken to each other. In float
# rounding stays far below it.
MARGIN = 2e-5
record_layers.RELU_MARGIN = record_layers.POOL_MARGIN = MARGIN


class Graph:
    """Nodes in an order in which they can be computed: (kind, options, numbers of the inputs)."""

    def __init__(self, rng):
        self.rng = rng
        self.nodes = []
        self.shapes = []  # without the batch
        self.zeros = []  # whether many elements are 0, so that the largest of some, or the sign of one, is undecided
        self.outputs = []

    def add(self, kind, o, *inputs):
        self.nodes.append((kind, o, inputs))
        self.shapes.append(self.output_shape(kind, o, [self.shapes[i] for i in inputs]))
        behind = any(self.zeros[i] for i in inputs) and kind not in ("Conv2D", "Dense", "Again", "GlobalAveragePooling2D")
        relu = "relu" in (o.get("activation"), kind == "Again" and self.nodes[o["of"]][1]["activation"])
        self.zeros.append(behind or relu)
        return len(self.nodes) - 1

    def output_shape(self, kind, o, shapes):
        if kind == "Input":
            return o["shape"]
        if kind == "Again":
            kind, o, _ = self.nodes[o["of"]]
        s = shapes[0]
        if kind in ("Conv2D", "MaxPooling2D", "AveragePooling2D"):
            size = o["kernel_size"] if kind == "Conv2D" else o["pool_size"]
            hw = [-(-(n - (k - 1 if o["padding"] == "valid" else 0)) // d) for n, k, d in zip(s, size, o["strides"])]
            return (*hw, o["filters"] if kind == "Conv2D" else s[2])
        if kind == "Dense":
            return (*s[:-1], o["units"])
        if kind.startswith("Global"):
            return (s[-1],)
        if kind == "Flatten":
            return (math.prod(s),)
        if kind == "Reshape":
            return tuple(o["target_shape"])
        if kind == "Concatenate":
            axis = o["axis"] - 1 if o["axis"] > 0 else o["axis"] + len(s)
            return tuple(sum(t[i] for t in shapes) if i == axis else n for i, n in enumerate(s))
        if kind in ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"):
            return tuple(max(extents) for extents in zip(*shapes))
        return s  # Activation, BatchNormalization

    def leaves(self):
        read = {i for _, _, inputs in self.nodes for i in inputs}
        return [i for i in range(len(self.nodes)) if i not in read]

    def activation(self):
        return self.rng.choice(["linear", "relu", "tanh", "gelu", "silu", "elu", "sigmoid"])

    def images(self):
        return [i for i, s in enumerate(self.shapes) if len(s) == 3 and min(s[:2]) >= 2]

    def global_pooling(self, x):
        return "GlobalAveragePooling2D" if self.zeros[x] else self.rng.choice(["GlobalAveragePooling2D", "GlobalMaxPooling2D"])

    def grow(self):
        """One more layer, or a few, behind some image."""
        rng = self.rng
        x = rng.choice(self.images()[-4:])
        h, w, c = self.shapes[x]
        what = rng.choice(["conv", "conv", "pool", "norm", "activation", "merge", "merge", "gate", "again", "again", "stack"])
        if what == "conv":
            k = (rng.randint(1, min(3, h)), rng.randint(1, min(3, w)))
            groups = c if c > 1 and rng.random() < 0.25 else 1
            strides = (1, 1) if rng.random() < 0.7 else (2, 2)
            filters = groups * rng.randint(1, 2) if groups > 1 else rng.randint(2, 4)
            padding = rng.choice(["same", "same", "valid"])
            self.add(*conv(filters, k, strides, padding, groups=groups, bias=rng.random() < 0.7, activation=self.activation()), x)
        elif what == "pool" and min(h, w) >= 4:
            self.add(*pool("Average" if self.zeros[x] else rng.choice(["Max", "Average"]), (2, 2), rng.choice([None, (1, 1)])), x)
        elif what == "norm":
            n = self.add(*batch_norm(rng.random() < 0.6), x)
            self.add("Activation", {"activation": "tanh" if self.zeros[x] else self.activation()}, n)
        elif what == "activation":
            self.add("Activation", {"activation": "elu" if self.zeros[x] else rng.choice(["relu", "tanh", "leaky_relu"])}, x)
        elif what == "merge":
            kind = rng.choice(["Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"])
            a = self.add(*conv(3, (3, 3), padding="same", activation=self.activation()), x)
            b = self.add(*conv(3, (1, 1), padding="same"), rng.choice([i for i in self.images() if self.shapes[i][:2] == (h, w)]))
            more = [] if kind == "Subtract" or rng.random() < 0.5 else [self.add("Activation", {"activation": "sigmoid"}, b)]
            self.add(kind, {}, a, b, *more)
        elif what == "gate":  # a factor for each channel
            squeezed = self.add(self.global_pooling(x), {}, x)
            gate = self.add(*dense(c, activation="sigmoid"), squeezed)
            self.add("Multiply", {}, x, self.add("Reshape", {"target_shape": (1, 1, c)}, gate))
        elif what == "stack":
            same = [i for i in self.images() if self.shapes[i][:2] == (h, w)]
            self.add("Concatenate", {"axis": rng.choice([-1, 3])}, x, rng.choice(same))  # perhaps the same one twice
        elif what == "again":
            used = [
                (i, j)
                for i, (kind, o, inputs) in enumerate(self.nodes)
                for j in self.images()
                if kind == "Conv2D" and self.shapes[j][2] == self.shapes[inputs[0]][2] and min(self.shapes[j][:2]) >= max(o["kernel_size"])
                if (i, j) != (i, inputs[0])
            ]
            if used:
                of, j = rng.choice(used)
                self.add("Again", {"of": of}, j)

    def finish(self):
        """Everything that nobody reads becomes a vector, and all of these the outputs."""
        rng = self.rng
        vectors = []
        for leaf in self.leaves():
            if len(self.shapes[leaf]) == 3:
                small = math.prod(self.shapes[leaf]) <= 60
                leaf = self.add("Flatten" if small else self.global_pooling(leaf), {}, leaf)
            vectors.append(leaf)
        twins = [self.add(*dense(4, activation="tanh"), vectors[-1])]  # one layer for two vectors of one length
        other = next((v for v in vectors[:-1] if self.shapes[v] == self.shapes[vectors[-1]]), None)
        twins.append(self.add(*dense(4), vectors[0]) if other is None else self.add("Again", {"of": twins[0]}, other))
        vectors.append(self.add(rng.choice(["Subtract", "Add", "Maximum"]), {}, *twins))
        all_of_them = self.add("Concatenate", {"axis": rng.choice([-1, 1])}, *vectors)
        head = self.add(*dense(rng.randint(2, 4), activation=rng.choice(["linear", "softmax", "tanh"])), all_of_them)
        self.outputs = [head]
        if rng.random() < 0.6:  # a second output, which in half of the cases reads the first
            read = self.add("Concatenate", {"axis": -1}, head, vectors[-1]) if rng.random() < 0.5 else vectors[-1]
            self.outputs.append(self.add(*dense(2, activation=rng.choice(["linear", "sigmoid"])), read))
        elif rng.random() < 0.5:
            self.outputs.append(twins[0])  # an output that others read


def draw(number, attempt):
    rng = random.Random(1000 * attempt + number)
    graph = Graph(rng)
    shape = (rng.randint(5, 7), rng.randint(5, 7), rng.randint(1, 3))
    graph.add("Input", {"shape": shape})
    second = number % 3
    if second == 1:
        graph.add("Input", {"shape": (rng.randint(2, 5),)})
    elif second == 2:
        graph.add("Input", {"shape": shape})
    for _ in range(rng.randint(4, 8)):
        graph.grow()
    graph.finish()
    return graph


def layer_parameters(kind, o, channels):
    """(shape, scale, offset, whether trained) of each parameter."""
    if kind == "Conv2D":
        shape = (*o["kernel_size"], channels // o["groups"], o["filters"])
    elif kind == "Dense":
        shape = (channels, o["units"])
    elif kind == "BatchNormalization":
        trained = o["training"]
        return [((channels,), 0.5, offset, t) for offset, t in ((1, trained), (0, trained), (0, False), (1, False))]
    else:
        return []
    kernel = (shape, 1 / math.sqrt(math.prod(shape[:-1])), 0, True)
    return [kernel] + ([(shape[-1:], 0.5, 0, True)] if o["use_bias"] else [])


def merge(kind, o, x):
    if kind in ("Maximum", "Minimum"):
        for i in range(len(x)):
            for j in range(i):
                if (x[i] - x[j]).abs().min() <= MARGIN:
                    raise NearKink
    if kind == "Concatenate":
        return torch.cat(x, dim=o["axis"])
    total = x[0]
    for other in x[1:]:
        total = {
            "Add": torch.add,
            "Average": torch.add,
            "Subtract": torch.sub,
            "Multiply": torch.mul,
            "Maximum": torch.maximum,
            "Minimum": torch.minimum,
        }[kind](total, other)
    return total / len(x) if kind == "Average" else total


def compute(graph, batch, xstream):
    """The outputs, and the gradient by each trained parameter by its number."""
    parameters = []
    of_node = {}
    results = []
    inputs = 0
    for number, (kind, o, reads) in enumerate(graph.nodes):
        x = [results[i] for i in reads]
        if kind == "Input":
            results.append(torch.tensor(value(xstream + inputs, (batch, *o["shape"]))))
            inputs += 1
        elif len(x) > 1:
            results.append(merge(kind, o, x))
        else:
            first = o["of"] if kind == "Again" else number
            if kind == "Again":
                kind, o, _ = graph.nodes[first]
            else:
                of_node[number] = []
                for shape, scale, offset, trained in layer_parameters(kind, o, x[0].shape[-1]):
                    made = offset + scale * value(PARAMETERS + len(parameters), shape)
                    of_node[number].append(len(parameters))
                    parameters.append(torch.tensor(made, requires_grad=trained))
            results.append(torch_layer(kind, o, x[0], [parameters[k] for k in of_node[first]], {}))
        assert tuple(results[-1].shape[1:]) == tuple(graph.shapes[number]), (kind, results[-1].shape, graph.shapes[number])
    outputs = [results[i] for i in graph.outputs]
    sum((y * torch.tensor(value(UPSTREAM + i, tuple(y.shape)))).sum() for i, y in enumerate(outputs)).backward()
    tensors = {f"y{i}": y.detach().numpy() for i, y in enumerate(outputs)}
    tensors.update({f"d{k}": p.grad.numpy() for k, p in enumerate(parameters) if p.requires_grad})
    return tensors


def draw_and_compute(number, batch):
    """The first network of that number, with the first inputs, that is not near a kink anywhere."""
    for attempt in range(20):
        graph = draw(number, attempt)
        for xstream in range(101, 161, 2):
            try:
                return graph, xstream, compute(graph, batch, xstream)
            except NearKink:
                continue
        print(f"{number}: every input of attempt {attempt} is near a kink")
    raise AssertionError(number)


def main():
    self_check()
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "graphs.txt"), "w", newline="\n") as out:
        for number in range(GRAPHS):
            batch = 3 if number % 2 == 0 else 11
            graph, xstream, tensors = draw_and_compute(number, batch)
            largest = max(np.abs(t).max() for t in tensors.values())
            kinds = [kind for kind, _, _ in graph.nodes]
            print(f"{number}: {len(kinds)} nodes, {kinds.count('Again')} shared, {len(graph.outputs)} outputs, "
                  f"x {xstream}, {sum(t.size for t in tensors.values())} numbers up to {largest:.3g}")
            out.write(f"case graph_{number}\nbatch {batch}\nxstream {xstream}\n")
            for i, (kind, o, inputs) in enumerate(graph.nodes):
                reads = {"inputs": inputs} if inputs else {}
                out.write(f"node{i} {kind} {options(**reads, **o)}".rstrip() + "\n")
            out.write(f"outputs {' '.join(map(str, graph.outputs))}\n")
            for name, tensor in tensors.items():
                write_tensor(out, name, tensor, digits=12)
            out.write("end\n")


if __name__ == "__main__":
    main()
