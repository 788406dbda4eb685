#pragma once
#include <string>
#include <type_traits>

#include <protozero/pbf_builder.hpp>

#include <fovea/core/error.hpp>
#include <fovea/onnx/file.hpp>
#include <fovea/onnx/proto.hpp>
#include <fovea/version.hpp>

/// ONNX files as bytes.
namespace fovea::onnx {

namespace detail {

template <class Message>
using Builder = protozero::pbf_builder<Message>;

template <class E>
std::int32_t number(E value) {
    return static_cast<std::int32_t>(value);
}

inline void write_constant(Builder<proto::Tensor> out, const Constant& constant) {
    using enum proto::Tensor;
    out.add_packed_int64(dims, constant.dims.begin(), constant.dims.end());
    if (const auto* const floats = std::get_if<Floats>(&constant.elements)) {
        out.add_int32(data_type, number(proto::DataType::float32));
        out.add_packed_float(float_data, floats->begin(), floats->end());
    } else {
        const auto& integers = std::get<Integers>(constant.elements);
        out.add_int32(data_type, number(proto::DataType::int64));
        out.add_packed_int64(int64_data, integers.begin(), integers.end());
    }
    if (!constant.name.empty()) out.add_string(name, constant.name);
}

inline void write_attribute(Builder<proto::Attribute> out, const Attribute& attribute) {
    using enum proto::Attribute;
    using Kind = proto::AttributeType;
    out.add_string(name, attribute.name);
    const Kind kind = std::visit(
        [&](const auto& value) {
            using V = std::decay_t<decltype(value)>;
            if constexpr (std::is_same_v<V, float>)
                return out.add_float(f, value), Kind::f;
            else if constexpr (std::is_same_v<V, std::int64_t>)
                return out.add_int64(i, value), Kind::i;
            else if constexpr (std::is_same_v<V, std::string>)
                return out.add_bytes(s, value), Kind::s;
            else if constexpr (std::is_same_v<V, Floats>)
                return out.add_packed_float(floats, value.begin(), value.end()), Kind::floats;
            else if constexpr (std::is_same_v<V, Integers>)
                return out.add_packed_int64(ints, value.begin(), value.end()), Kind::ints;
            else
                return write_constant(Builder<proto::Tensor>(out, t), value), Kind::t;
        },
        attribute.value);
    out.add_int32(type, number(kind));
}

inline void write_node(Builder<proto::Node> out, const Node& node) {
    using enum proto::Node;
    for (const std::string& input_name : node.inputs) out.add_string(input, input_name);
    for (const std::string& output_name : node.outputs) out.add_string(output, output_name);
    out.add_string(name, node.name);
    out.add_string(op_type, node.op);
    if (!node.domain.empty()) out.add_string(domain, node.domain);
    for (const Attribute& a : node.attributes) write_attribute(Builder<proto::Attribute>(out, attribute), a);
}

/// All are of float32; a free extent is that of the batch.
inline void write_value(Builder<proto::ValueInfo> out, const Value& value) {
    out.add_string(proto::ValueInfo::name, value.name);
    Builder<proto::Type> type(out, proto::ValueInfo::type);
    Builder<proto::TensorType> tensor(type, proto::Type::tensor_type);
    tensor.add_int32(proto::TensorType::elem_type, number(proto::DataType::float32));
    Builder<proto::TensorShape> shape(tensor, proto::TensorType::shape);
    for (const std::int64_t extent : value.dims) {
        Builder<proto::Dimension> dimension(shape, proto::TensorShape::dim);
        if (extent < 0)
            dimension.add_string(proto::Dimension::dim_param, "batch");
        else
            dimension.add_int64(proto::Dimension::dim_value, extent);
    }
}

} // namespace detail

/// Throws ValueError for more than the 2 GiB that a protobuf message can have.
inline std::string to_bytes(const File& file) {
    using namespace detail;
    std::string bytes;
    {
        // The version of the format itself that goes with opset 17.
        constexpr std::int64_t ir_version = 8;
        Builder<proto::Model> out(bytes);
        out.add_int64(proto::Model::ir_version, ir_version);
        out.add_string(proto::Model::producer_name, "fovea");
        out.add_string(proto::Model::producer_version, std::string(version));
        {
            Builder<proto::Graph> graph(out, proto::Model::graph);
            for (const Node& node : file.nodes) write_node(Builder<proto::Node>(graph, proto::Graph::node), node);
            graph.add_string(proto::Graph::name, file.name);
            for (const Constant& constant : file.constants)
                write_constant(Builder<proto::Tensor>(graph, proto::Graph::initializer), constant);
            for (const Value& value : file.inputs)
                write_value(Builder<proto::ValueInfo>(graph, proto::Graph::input), value);
            for (const Value& value : file.outputs)
                write_value(Builder<proto::ValueInfo>(graph, proto::Graph::output), value);
        }
        Builder<proto::OperatorSet> opset(out, proto::Model::opset_import);
        opset.add_string(proto::OperatorSet::domain, "");
        opset.add_int64(proto::OperatorSet::version, file.opset);
        opset.commit();
        for (const auto& [key, value] : file.metadata) {
            Builder<proto::Entry> entry(out, proto::Model::metadata_props);
            entry.add_string(proto::Entry::key, key);
            entry.add_string(proto::Entry::value, value);
        }
    }
    require<ValueError>(bytes.size() < (std::size_t{1} << 31), "export_onnx: a file has less than 2 GiB, got ",
                        bytes.size(), " bytes");
    return bytes;
}

} // namespace fovea::onnx
