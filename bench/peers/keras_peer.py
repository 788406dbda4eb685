"""Keras's side of the benchmark, on TensorFlow: `fit` as the article has it, inference by `tf.function`."""
import os
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import common
from suite.networks import parse

import keras
import tensorflow as tf
from keras import layers

threads = common.Options(sys.argv[1:]).number("threads")
tf.config.threading.set_intra_op_parallelism_threads(threads)
tf.config.threading.set_inter_op_parallelism_threads(threads)


def resnet18():
    """For images of 32x32x3."""
    def convolution(x, filters, kernel, stride):
        return layers.BatchNormalization()(layers.Conv2D(filters, kernel, stride, "same", use_bias=False)(x))

    def residual(x, filters, stride):
        y = layers.ReLU()(convolution(x, filters, 3, stride))
        y = convolution(y, filters, 3, 1)
        shortcut = x if stride == 1 and x.shape[-1] == filters else convolution(x, filters, 1, stride)
        return layers.ReLU()(layers.Add()([y, shortcut]))

    inputs = layers.Input((32, 32, 3))
    x = layers.ReLU()(convolution(inputs, 64, 3, 1))
    for filters, stride in ((64, 1), (128, 2), (256, 2), (512, 2)):
        x = residual(residual(x, filters, stride), filters, 1)
    x = layers.Dense(10, activation="softmax")(layers.GlobalAveragePooling2D()(x))
    return keras.Model(inputs, x)


def build(description):
    if description == "resnet18":
        return resnet18()
    make = {
        "input": lambda *shape: layers.Input(shape),
        "conv": lambda filters, kernel, stride, padding, activation:
            layers.Conv2D(filters, kernel, stride, padding, activation=activation),
        "maxpool": layers.MaxPooling2D,
        "avgpool": layers.AveragePooling2D,
        "batchnorm": layers.BatchNormalization,
        "activation": layers.Activation,
        "flatten": layers.Flatten,
        "dense": lambda units, activation: layers.Dense(units, activation=activation),
    }
    return keras.Sequential([make[kind](*words) for kind, *words in parse(description)])


class Stopwatch(keras.callbacks.Callback):
    """The epoch alone: what `fit` needs once, to set up its data, would weigh too much in a few steps."""

    def on_epoch_begin(self, epoch, logs=None):
        self.start = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        self.seconds = time.perf_counter() - self.start


def train(options):
    model = build(options.text("network"))
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    batch, count, warmup = (options.number(name) for name in ("batch", "steps", "warmup"))
    images, labels = common.training_data(options, model.input_shape[1:], batch * max(count, warmup))
    size = len(images) if count == 0 else min(len(images), batch * count)
    x = images[:max(size, batch * warmup)].astype("float32") / 255
    model.fit(x[:batch * warmup], labels[:batch * warmup], epochs=1, batch_size=batch, verbose=0)
    watch = Stopwatch()
    history = model.fit(x[:size], labels[:size], epochs=1, batch_size=batch, verbose=0, callbacks=[watch])
    common.report_training(watch.seconds, size, batch, history.history["loss"][-1])


def infer(options):
    model = build(options.text("network"))
    x = tf.random.uniform((options.number("batch"), *model.input_shape[1:]))
    call = tf.function(lambda x: model(x, training=False), input_signature=[tf.TensorSpec(x.shape, x.dtype)])
    common.report_inference(options, lambda: call(x).numpy())


def first_prediction(options):
    model = build(options.text("network"))
    model(tf.zeros((1, *model.input_shape[1:])), training=False).numpy()
    common.emit(ready=1)


common.run({"train": train, "infer": infer, "first_prediction": first_prediction})
