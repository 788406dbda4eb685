#pragma once

// All that a program needs to train a network. Not in here, because it takes another library or time to compile:
// <fovea/data/gzip.hpp> (zlib), <fovea/image/all.hpp> (stb), <fovea/core/eigen.hpp> and <fovea/core/eigen_tensor.hpp> (Eigen),
// <fovea/io/model_file.hpp>, <fovea/io/weights.hpp>, <fovea/io/checkpoint.hpp> and <fovea/callbacks/model_checkpoint.hpp>
// (nlohmann/json), <fovea/onnx/export.hpp> and <fovea/onnx/import.hpp> (protozero), <fovea/io/export_header.hpp>,
// <fovea/testing/gradient_check.hpp>.
#include <fovea/augment/all.hpp>
#include <fovea/callbacks/all.hpp>
#include <fovea/core/print.hpp>
#include <fovea/core/tensor.hpp>
#include <fovea/data/cifar.hpp>
#include <fovea/data/class_counts.hpp>
#include <fovea/data/concatenate.hpp>
#include <fovea/data/describe.hpp>
#include <fovea/data/fashion_mnist.hpp>
#include <fovea/data/find_mnist.hpp>
#include <fovea/data/load_dataset.hpp>
#include <fovea/data/map.hpp>
#include <fovea/data/mnist.hpp>
#include <fovea/data/shuffle.hpp>
#include <fovea/data/split.hpp>
#include <fovea/data/subset.hpp>
#include <fovea/data/synthetic_digits.hpp>
#include <fovea/layers/all.hpp>
#include <fovea/losses/all.hpp>
#include <fovea/metrics/all.hpp>
#include <fovea/models/blocks.hpp>
#include <fovea/models/sequential.hpp>
#include <fovea/optimizers/all.hpp>
#include <fovea/schedules/all.hpp>
#include <fovea/version.hpp>

#ifdef FOVEA_COMPILED
#include <fovea/compiled.hpp>
#endif
