#pragma once
#include <protozero/types.hpp>

/// The fields of ONNX's messages that fovea reads or writes, by their numbers in onnx.proto3
/// (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3).
namespace fovea::onnx::proto {

using Tag = protozero::pbf_tag_type;

enum class Model : Tag {
    ir_version = 1,
    producer_name = 2,
    producer_version = 3,
    graph = 7,
    opset_import = 8,
    metadata_props = 14
};
enum class Entry : Tag { key = 1, value = 2 };
enum class OperatorSet : Tag { domain = 1, version = 2 };
enum class Graph : Tag { node = 1, name = 2, initializer = 5, input = 11, output = 12, sparse_initializer = 15 };
enum class Node : Tag { input = 1, output = 2, name = 3, op_type = 4, attribute = 5, domain = 7 };
enum class Attribute : Tag { name = 1, f = 2, i = 3, s = 4, t = 5, floats = 7, ints = 8, type = 20 };
enum class Tensor : Tag {
    dims = 1,
    data_type = 2,
    float_data = 4,
    int32_data = 5,
    int64_data = 7,
    name = 8,
    raw_data = 9,
    double_data = 10,
    external_data = 13,
    data_location = 14
};
enum class ValueInfo : Tag { name = 1, type = 2 };
enum class Type : Tag { tensor_type = 1 };
enum class TensorType : Tag { elem_type = 1, shape = 2 };
enum class TensorShape : Tag { dim = 1 };
enum class Dimension : Tag { dim_value = 1, dim_param = 2 };

/// TensorProto.DataType
enum class DataType { float32 = 1, int32 = 6, int64 = 7, boolean = 9, float64 = 11 };

/// AttributeProto.AttributeType
enum class AttributeType { f = 1, i = 2, s = 3, t = 4, floats = 6, ints = 7 };

} // namespace fovea::onnx::proto
