#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

/// What an ONNX file holds, as far as fovea knows it.
namespace fovea::onnx {

using Integers = std::vector<std::int64_t>;
using Floats = std::vector<float>;

/// A tensor of known elements, row-major.
struct Constant {
    std::string name;
    Integers dims;
    std::variant<Floats, Integers> elements;

    bool operator==(const Constant&) const = default;
};

struct Attribute {
    std::string name;
    std::variant<float, std::int64_t, std::string, Floats, Integers, Constant> value;
};

struct Node {
    std::string op;
    std::string name;
    std::vector<std::string> inputs; ///< an empty name: left out
    std::vector<std::string> outputs;
    std::vector<Attribute> attributes;
    std::string domain = {}; ///< empty: ONNX's own operators
};

/// A tensor that comes from outside or goes there.
struct Value {
    std::string name;
    Integers dims;         ///< -1: any
    std::int64_t type = 1; ///< proto::DataType
};

struct File {
    std::int64_t opset = 0;
    std::string name;
    std::vector<Node> nodes;
    std::vector<Constant> constants;
    std::vector<Value> inputs;
    std::vector<Value> outputs;
    std::map<std::string, std::string> metadata;
};

} // namespace fovea::onnx
