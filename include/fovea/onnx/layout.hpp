#pragma once

namespace fovea {

/// How images lie in the inputs and outputs of an ONNX file.
enum class OnnxLayout {
    nhwc, ///< (batch, height, width, channels), as fovea and Keras have them
    nchw  ///< (batch, channels, height, width), as PyTorch has them
};

} // namespace fovea
