"""Networks that Keras builds, saves, and computes: together they have every layer that fovea shares with it."""

import os

os.environ["KERAS_BACKEND"] = "tensorflow"  # the one of Keras's that leaves padding out of the mean in AveragePooling2D
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
from keras import Input, Sequential, layers, ops

from formula import PARAMETERS, X_STREAM, value


def article():
    return Sequential([Input((10, 10, 1)), layers.Conv2D(3, 3, activation="relu"), layers.MaxPooling2D(),
                       layers.Conv2D(4, 2, activation="relu"), layers.Flatten(), layers.Dense(4, activation="relu"),
                       layers.Dense(3, activation="softmax")])


def deferred():
    """No Input: the shape comes with the first numbers."""
    model = Sequential([layers.Flatten(), layers.Dense(3, activation=keras.activations.gelu)], name="deferred")
    model.build((None, 2, 3))
    return model


def branching():
    image, numbers = Input((6, 6, 1), name="image"), Input((4,), name="numbers")
    h = layers.Conv2D(4, 3, padding="same", use_bias=False)(image)
    h = layers.ReLU()(layers.BatchNormalization()(h))
    shared = layers.Conv2D(4, 3, padding="same", activation="silu", name="shared")
    h = layers.Add()([h, shared(layers.BatchNormalization(axis=3)(shared(h)))])
    pooled = layers.Flatten()(layers.MaxPooling2D()(h))
    means = layers.GlobalAveragePooling2D()(h)
    both = layers.Dropout(0.25)(layers.Concatenate()([pooled, means, layers.Dense(3, "tanh")(numbers)]))
    label = layers.Dense(3, activation="softmax", name="label")(both)
    number = layers.Dense(2, name="value")(layers.Concatenate()([both, label]))
    return keras.Model({"numbers": numbers, "image": image}, [label, number], name="branching")


def nested():
    """Models inside of models, of which two have layers of the same names, and one is called twice."""
    x, y = Input((4,), name="x"), Input((4,), name="y")
    a = layers.Dense(4, name="dense")(x)
    inner = keras.Model(x, [a, layers.Dense(4, name="other")(a)], name="inner")
    z = Input((4,), name="z")
    block = Sequential([Input((4,)), layers.Dense(4, activation="elu", name="dense"), layers.Dropout(0.5)], name="block")
    outer = keras.Model(z, block(layers.LayerNormalization()(z)), name="outer")
    p, q = inner(x)
    r, s = inner(y)
    return keras.Model([x, y], [layers.Add()([outer(p), outer(s), q]), r], name="nested")


def operations():
    x = Input((3, 4, 2), name="x")
    h = layers.Conv2D(2, 1)(x / 4.0)
    h = ops.maximum(h + x, 2.0 * x - h)
    return keras.Model(x, ops.minimum(1 - h, h * x), name="operations")


def frozen():
    """Fine-tuning, with regularizers, constraints, initializers and names of every kind."""
    x = Input((5, 5, 2), name="x")
    base = keras.Model(x, layers.BatchNormalization(momentum=0.9, epsilon=1e-2, center=False)(
        layers.Conv2D(3, 2, strides=2, kernel_initializer=keras.initializers.RandomNormal(stddev=0.5))(x)), name="base")
    base.trainable = False
    image = Input((5, 5, 2), name="image")
    h = layers.Flatten()(base(image, training=False))
    return keras.Model(image, layers.Dense(
        3, kernel_initializer="he_normal", bias_initializer=keras.initializers.Constant(0.5),
        kernel_regularizer=keras.regularizers.L1L2(0.25, 0.5), bias_regularizer="l2",
        kernel_constraint=keras.constraints.MaxNorm(3, axis=0), bias_constraint="non_neg", name="head")(h), name="tuned")


def residual():
    x = Input((8, 8, 3), name="x")
    h = layers.Activation("relu")(layers.BatchNormalization()(layers.Conv2D(4, 3, padding="same")(x)))
    for strides in (1, 2):
        skip = h if strides == 1 else layers.Conv2D(4, 1, strides=2)(h)
        a = layers.ReLU()(layers.BatchNormalization()(layers.Conv2D(4, 3, strides=strides, padding="same")(h)))
        b = layers.BatchNormalization(scale=False)(layers.Conv2D(4, 3, padding="same", use_bias=False)(a))
        h = layers.ReLU()(layers.Add()([b, skip]))
    return keras.Model(x, layers.Dense(5, activation="softmax")(layers.GlobalAveragePooling2D()(h)))


def depthwise():
    return Sequential([
        Input((9, 8, 4)), layers.DepthwiseConv2D(3, strides=2, padding="same", depth_multiplier=2, activation="gelu"),
        layers.SeparableConv2D(6, (3, 2), padding="same", depth_multiplier=2, activation="silu"),
        layers.Conv2D(4, 2, dilation_rate=2, groups=2, activation="leaky_relu")])


def transposed():
    return Sequential([
        Input((4, 5, 2)), layers.Conv2DTranspose(3, 3, strides=2, padding="same", activation="elu"),
        layers.Conv2DTranspose(2, 2, strides=3, use_bias=False, activation="tanh"),
        layers.Conv2DTranspose(1, 3, strides=2, output_padding=(1, 1), activation="sigmoid")])


def sizes():
    x = Input((6, 7, 3), name="x")
    h = layers.Concatenate()([layers.UpSampling2D((2, 3))(x), layers.UpSampling2D((2, 3), interpolation="bilinear")(x)])
    h = layers.Cropping2D(((1, 0), (0, 2)))(layers.ZeroPadding2D(((0, 1), (2, 1)))(h))
    h = layers.AveragePooling2D(3, strides=2, padding="same")(h)
    return keras.Model(x, layers.MaxPooling2D((2, 3), strides=(1, 2), padding="same")(h))


def normalized():
    x = Input((4, 4, 6), name="x")
    h = layers.LayerNormalization()(layers.BatchNormalization(center=False)(layers.GroupNormalization(3)(x)))
    h = layers.LayerNormalization(axis=[2, 3], scale=False)(layers.UnitNormalization()(h))
    rows = layers.BatchNormalization(axis=2)(layers.Reshape((8, 12))(h))
    v = layers.GroupNormalization(4, center=False)(layers.Flatten()(rows))
    return keras.Model(x, [layers.BatchNormalization()(layers.Dense(3, use_bias=False)(v)), rows])


def activations():
    x = Input((5, 4, 3), name="x")
    h = layers.PReLU(shared_axes=[1, 2])(layers.LeakyReLU(negative_slope=0.125)(x))
    h = layers.Rescaling(2, -0.5)(layers.PReLU()(layers.ReLU(max_value=0.5)(h)))
    h = layers.ELU(0.5)(layers.ReLU(max_value=1.5, negative_slope=0.125, threshold=0.25)(h))
    return keras.Model(x, [layers.Softmax()(h), layers.Activation("linear")(layers.PReLU()(layers.Flatten()(h)))])


def merged():
    x = Input((4, 3, 2), name="x")
    a, b = layers.Conv2D(2, 1)(x), layers.Dense(2, activation="tanh")(x)
    c = layers.GlobalMaxPooling2D(keepdims=True)(a)
    extremes = layers.Maximum()([layers.Minimum()([a, b]), layers.Subtract()([a, c])])
    mean = layers.Average()([layers.Multiply()([a, b, c]), extremes, x])
    both = layers.Concatenate(axis=1)([layers.Add()([a, b, c]), mean])
    return keras.Model(x, layers.Concatenate(axis=-2)([both, both]))


def permuted():
    return Sequential([Input((4, 3, 2)), layers.Conv2D(5, 2), layers.Permute((3, 1, 2)), layers.Conv2D(3, (2, 1)),
                       layers.Reshape((3, -1)), layers.Dense(4)])


def noisy():
    return Sequential([Input((4, 4, 3)), layers.GaussianNoise(0.1), layers.SpatialDropout2D(0.5), layers.Flatten(),
                       layers.Dropout(0.25)])


def augmented():
    unit = {"value_range": (0, 1)}
    return Sequential([
        Input((8, 9, 3)), layers.CenterCrop(7, 8), layers.RandomFlip("horizontal"),
        layers.RandomBrightness(0.1, **unit), layers.RandomColorDegeneration(0.1, **unit),
        layers.RandomColorJitter(**unit, brightness_factor=0.1, hue_factor=0.2), layers.RandomContrast(0.1, **unit),
        layers.RandomElasticTransform(0.5), layers.RandomErasing(0.5, **unit), layers.RandomGaussianBlur(**unit),
        layers.RandomGrayscale(), layers.RandomHue(0.1, **unit), layers.RandomInvert(0.5, **unit),
        layers.RandomPerspective(0.5), layers.RandomPosterization(4, **unit), layers.RandomRotation((-0.1, 0.2)),
        layers.RandomSaturation(0.5, **unit), layers.RandomSharpness(0.5, **unit), layers.RandomShear(0.1, 0.2),
        layers.RandomTranslation(0.1, 0.2), layers.RandomZoom((-0.1, 0.2)), layers.RandAugment(**unit),
        layers.Flatten(), layers.Dense(2)])


ALL = [article, deferred, branching, nested, operations, frozen, residual, depthwise, transposed, sizes, normalized,
       activations, merged, permuted, noisy, augmented]


def with_weights(model):
    """Element i of weight number k is 0.5 * value(10 + k, i), of a variance 1 + that."""
    model.set_weights([0.5 * value(PARAMETERS + k, w.shape) + (1 if "variance" in w.path else 0)
                       for k, w in enumerate(model.weights)])
    return model


def outputs_of(model, inputs):
    if isinstance(getattr(model, "_inputs_struct", None), dict):
        inputs = {tensor.name: x for tensor, x in zip(model.inputs, inputs, strict=True)}
    elif len(inputs) == 1:
        inputs = inputs[0]
    y = model.predict(inputs, batch_size=500, verbose=0)
    return y if isinstance(y, list) else [y]


def inputs_of(model, samples):
    return [value(X_STREAM + i, (samples, *x.shape[1:])).astype("float32") for i, x in enumerate(model.inputs)]
