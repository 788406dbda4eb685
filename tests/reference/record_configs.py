"""Records configs.txt: the config that Keras gives for a layer, as JSON; the test has the same layers.

An initializer without arguments is written by its name, and of other objects class_name and config are kept.
"""

import json
import os
import re

os.environ.setdefault("KERAS_BACKEND", "torch")

import keras
from keras import constraints, initializers, layers, regularizers

LAYERS = {
    "conv2d": lambda: layers.Conv2D(
        8, (3, 5), strides=(2, 1), padding="same", dilation_rate=1, groups=2, activation="relu", use_bias=False,
        kernel_initializer="he_normal", bias_initializer=initializers.Constant(0.25),
        kernel_regularizer=regularizers.L1L2(0.5, 0.125), bias_regularizer=regularizers.L2(0.375),
        kernel_constraint=constraints.MaxNorm(1.5, axis=[0, 1, 2]), bias_constraint=constraints.NonNeg()),
    "conv2d_defaults": lambda: layers.Conv2D(4, 3),
    "depthwise_conv2d": lambda: layers.DepthwiseConv2D((2, 3), depth_multiplier=3, activation="gelu", dilation_rate=2),
    "separable_conv2d": lambda: layers.SeparableConv2D(6, 3, depth_multiplier=2, pointwise_initializer="lecun_uniform"),
    "conv2d_transpose": lambda: layers.Conv2DTranspose(5, 4, strides=2, padding="same", output_padding=1),
    "conv2d_transpose_defaults": lambda: layers.Conv2DTranspose(5, 4),
    "dense": lambda: layers.Dense(7, activation="softmax", kernel_constraint=constraints.UnitNorm(axis=[0]),
                                  kernel_regularizer=regularizers.L1(0.75)),
    "max_pooling2d": lambda: layers.MaxPooling2D((2, 3), strides=(1, 2), padding="same"),
    "average_pooling2d": lambda: layers.AveragePooling2D(3),
    "global_max_pooling2d": lambda: layers.GlobalMaxPooling2D(keepdims=True),
    "global_average_pooling2d": lambda: layers.GlobalAveragePooling2D(),
    "up_sampling2d": lambda: layers.UpSampling2D((2, 3), interpolation="bilinear"),
    "zero_padding2d": lambda: layers.ZeroPadding2D(((1, 2), (3, 4))),
    "cropping2d": lambda: layers.Cropping2D(((0, 1), (2, 3))),
    "batch_normalization": lambda: layers.BatchNormalization(momentum=0.75, epsilon=0.25, center=False,
                                                             gamma_initializer="zeros"),
    "layer_normalization": lambda: layers.LayerNormalization(axis=[-2, -1], epsilon=0.125, scale=False),
    "group_normalization": lambda: layers.GroupNormalization(groups=4, beta_regularizer=regularizers.L2(0.25)),
    "dropout": lambda: layers.Dropout(0.25),
    "spatial_dropout2d": lambda: layers.SpatialDropout2D(0.125),
    "gaussian_noise": lambda: layers.GaussianNoise(0.5),
    "relu": lambda: layers.ReLU(max_value=6.0, negative_slope=0.125, threshold=0.25),
    "relu_defaults": lambda: layers.ReLU(),
    "leaky_relu": lambda: layers.LeakyReLU(negative_slope=0.125),
    "prelu": lambda: layers.PReLU(alpha_initializer=initializers.Constant(0.5), shared_axes=[1, 2]),
    "elu": lambda: layers.ELU(alpha=0.5),
    "softmax": lambda: layers.Softmax(axis=-2),
    "activation": lambda: layers.Activation("silu"),
    "reshape": lambda: layers.Reshape((4, -1)),
    "permute": lambda: layers.Permute((2, 1, 3)),
    "rescaling": lambda: layers.Rescaling(0.5, offset=-1.0),
    "concatenate": lambda: layers.Concatenate(axis=2),
    "flatten": lambda: layers.Flatten(),
    "unit_normalization": lambda: layers.UnitNormalization(),
    "add": lambda: layers.Add(),
    "auto_contrast": lambda: layers.AutoContrast(value_range=(0, 2)),
    "center_crop": lambda: layers.CenterCrop(3, 4),
    "equalization": lambda: layers.Equalization(value_range=(-1, 1)),
    "rand_augment": lambda: layers.RandAugment(value_range=(0, 1), num_ops=3, factor=0.25, interpolation="nearest"),
    "random_brightness": lambda: layers.RandomBrightness((-0.5, 0.25), value_range=(0, 1)),
    "random_color_degeneration": lambda: layers.RandomColorDegeneration((0.125, 0.25), value_range=(0, 1)),
    "random_color_jitter": lambda: layers.RandomColorJitter((0, 1), 0.25, (0.5, 0.75), (0.25, 0.5), 0.125),
    "random_contrast": lambda: layers.RandomContrast((0.25, 0.5), value_range=(0, 1)),
    "random_crop": lambda: layers.RandomCrop(5, 6, seed=1),
    "random_elastic_transform": lambda: layers.RandomElasticTransform(0.5, (0.25, 0.75), "nearest", "wrap", 0.5),
    "random_erasing": lambda: layers.RandomErasing((0.5, 1), (0.125, 0.25), 0.75, (0, 1)),
    "random_erasing_defaults": lambda: layers.RandomErasing((1, 1), value_range=(0, 1)),
    "random_flip": lambda: layers.RandomFlip("vertical"),
    "random_flip_defaults": lambda: layers.RandomFlip(),
    "random_gaussian_blur": lambda: layers.RandomGaussianBlur((0.5, 1), (3, 5), (0.5, 2), (0, 1)),
    "random_grayscale": lambda: layers.RandomGrayscale(0.25),
    "random_hue": lambda: layers.RandomHue((0.25, 0.5)),
    "random_invert": lambda: layers.RandomInvert((0.5, 0.75), value_range=(0, 1)),
    "random_perspective": lambda: layers.RandomPerspective(0.5, 0.25, "nearest", 0.75),
    "random_posterization": lambda: layers.RandomPosterization((2, 6), value_range=(0, 1)),
    "random_rotation": lambda: layers.RandomRotation((-0.25, 0.125), "constant", "nearest", fill_value=0.5),
    "random_saturation": lambda: layers.RandomSaturation((0.25, 0.75), value_range=(0, 1)),
    "random_sharpness": lambda: layers.RandomSharpness((0.25, 0.75), value_range=(0, 1)),
    "random_shear": lambda: layers.RandomShear((0.125, 0.25), (0, 0.5), "nearest", "nearest", 0.25),
    "random_translation": lambda: layers.RandomTranslation((-0.25, 0.5), 0.125, "wrap", "nearest", fill_value=0.25),
    "random_zoom": lambda: layers.RandomZoom(0.25, (-0.5, 0.125), "nearest", "nearest", fill_value=0.75),
    "random_zoom_defaults": lambda: layers.RandomZoom((0.125, 0.25)),
    "solarization": lambda: layers.Solarization((0.125, 0.25), (0.25, 0.75), value_range=(0, 1)),
}


def snake_case(name):
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def simple(value):
    if not (isinstance(value, dict) and "class_name" in value):
        return value
    if "initializers" in (value["module"] or "") and value["class_name"] != "Constant":
        return snake_case(value["class_name"])
    return {"class_name": value["class_name"], "config": value["config"]}


def main():
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "configs.txt"), "w", newline="\n") as out:
        for name, make in LAYERS.items():
            layer = make()
            config = {key: simple(value) for key, value in layer.get_config().items()}
            print(f"case {name}\nlayer {type(layer).__name__}\nconfig {json.dumps(config, sort_keys=True)}\nend", file=out)
    print(len(LAYERS), "layers, Keras", keras.__version__)


if __name__ == "__main__":
    main()
