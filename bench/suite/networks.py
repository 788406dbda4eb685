"""The networks of the benchmark, in a small language that all programs read:

    input HEIGHT WIDTH CHANNELS; conv FILTERS KERNEL STRIDE PADDING ACTIVATION; maxpool SIZE; avgpool SIZE;
    batchnorm; activation NAME; flatten; dense UNITS ACTIVATION
"""


def article(filters=(32, 64, 64), kernels=(3, 3, 3), stride=1, padding="valid", pool="maxpool 2", activation="relu"):
    convolutions = [f"conv {f} {k} {{}} {padding} {activation}" for f, k in zip(filters, kernels)]
    body = [convolutions[0].format(stride), pool, convolutions[1].format(stride), pool, convolutions[2].format(1)]
    return "; ".join(["input 28 28 1", *filter(None, body), "flatten", f"dense 64 {activation}", "dense 10 softmax"])


ARTICLE = article()

# One thing changed at a time. A 5x5 kernel does not fit the last map, of 4x4; strides stand in for pooling.
VARIATIONS = {
    "48 filters": article(filters=(48, 48, 48)),
    "80 filters": article(filters=(80, 80, 80)),
    "5x5 kernels": article(kernels=(5, 5, 3)),
    "stride 2, no pooling": article(stride=2, pool=""),
    "same padding": article(padding="same"),
    "average pooling": article(pool="avgpool 2"),
    "tanh": article(activation="tanh"),
}


def vgg():
    """Images of 32x32x3; 2.2 million parameters."""
    items = ["input 32 32 3"]
    for filters in (64, 128, 256):
        items += [f"conv {filters} 3 1 same linear", "batchnorm", "activation relu"] * 2 + ["maxpool 2"]
    return "; ".join([*items, "flatten", "dense 256 relu", "dense 10 softmax"])


VGG = vgg()
RESNET18 = "resnet18"  # has branches, which the language has not: each peer builds it


def parse(description):
    """A list of word lists, numbers as int."""
    return [[int(word) if word.isdigit() else word for word in item.split()] for item in description.split(";")]
