#pragma once
// Every layer that fovea has.
#include <fovea/layers/activation_layer.hpp>
#include <fovea/layers/average_pooling2d.hpp>
#include <fovea/layers/batch_normalization.hpp>
#include <fovea/layers/conv2d.hpp>
#include <fovea/layers/dense.hpp>
#include <fovea/layers/dropout.hpp>
#include <fovea/layers/flatten.hpp>
#include <fovea/layers/global_average_pooling2d.hpp>
#include <fovea/layers/global_max_pooling2d.hpp>
#include <fovea/layers/input.hpp>
#include <fovea/layers/max_pooling2d.hpp>
#include <fovea/layers/reshape.hpp>
