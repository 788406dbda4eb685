#pragma once
// Every layer that fovea has.
#include <fovea/layers/activation_layer.hpp>
#include <fovea/layers/add.hpp>
#include <fovea/layers/average.hpp>
#include <fovea/layers/average_pooling2d.hpp>
#include <fovea/layers/batch_normalization.hpp>
#include <fovea/layers/concatenate.hpp>
#include <fovea/layers/conv2d.hpp>
#include <fovea/layers/conv2d_transpose.hpp>
#include <fovea/layers/cropping2d.hpp>
#include <fovea/layers/dense.hpp>
#include <fovea/layers/depthwise_conv2d.hpp>
#include <fovea/layers/dropout.hpp>
#include <fovea/layers/elu.hpp>
#include <fovea/layers/flatten.hpp>
#include <fovea/layers/gaussian_noise.hpp>
#include <fovea/layers/global_average_pooling2d.hpp>
#include <fovea/layers/global_max_pooling2d.hpp>
#include <fovea/layers/group_normalization.hpp>
#include <fovea/layers/input.hpp>
#include <fovea/layers/layer_normalization.hpp>
#include <fovea/layers/layer_types.hpp>
#include <fovea/layers/leaky_relu.hpp>
#include <fovea/layers/max_pooling2d.hpp>
#include <fovea/layers/maximum.hpp>
#include <fovea/layers/minimum.hpp>
#include <fovea/layers/multiply.hpp>
#include <fovea/layers/permute.hpp>
#include <fovea/layers/prelu.hpp>
#include <fovea/layers/relu.hpp>
#include <fovea/layers/rescaling.hpp>
#include <fovea/layers/reshape.hpp>
#include <fovea/layers/separable_conv2d.hpp>
#include <fovea/layers/softmax.hpp>
#include <fovea/layers/spatial_dropout2d.hpp>
#include <fovea/layers/subtract.hpp>
#include <fovea/layers/unit_normalization.hpp>
#include <fovea/layers/up_sampling2d.hpp>
#include <fovea/layers/zero_padding2d.hpp>

namespace fovea {

/// The layers that `load_model` knows by their names.
using BuiltInLayers =
    LayerTypes<ActivationLayer, Add, Average, AveragePooling2D, BatchNormalization, Concatenate, Conv2D,
               Conv2DTranspose, Cropping2D, Dense, DepthwiseConv2D, Dropout, ELU, Flatten, GaussianNoise,
               GlobalAveragePooling2D, GlobalMaxPooling2D, GroupNormalization, LayerNormalization, LeakyReLU,
               MaxPooling2D, Maximum, Minimum, Multiply, Permute, PReLU, ReLU, Rescaling, Reshape, SeparableConv2D,
               Softmax, SpatialDropout2D, Subtract, UnitNormalization, UpSampling2D, ZeroPadding2D>;

} // namespace fovea
