#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fovea/onnx/read_constant.hpp>

/// ONNX files from bytes.
namespace fovea::onnx {

namespace detail {

/// Those of other types, such as graphs, become an empty text, which nobody asks for.
inline Attribute read_attribute(Reader<proto::Attribute> in) {
    using enum proto::Attribute;
    Attribute attribute;
    float real = 0;
    std::int64_t whole = 0;
    std::string word;
    Floats reals;
    Integers wholes;
    std::optional<Constant> constant;
    std::int64_t kind = 0;
    std::int64_t seen = 0;
    while (in.next()) {
        const auto is = [&](proto::AttributeType type) { seen = static_cast<std::int64_t>(type); };
        switch (in.tag()) {
        case proto::Attribute::name:
            attribute.name = text_of(in);
            break;
        case f:
            expect(in, pbf_wire_type::fixed32);
            real = in.get_float();
            is(proto::AttributeType::f);
            break;
        case i:
            whole = integer(in);
            is(proto::AttributeType::i);
            break;
        case s:
            word = text_of(in);
            is(proto::AttributeType::s);
            break;
        case t:
            constant = read_constant(message<proto::Tensor>(in));
            is(proto::AttributeType::t);
            break;
        case floats:
            append(in, reals);
            is(proto::AttributeType::floats);
            break;
        case ints:
            append(in, wholes);
            is(proto::AttributeType::ints);
            break;
        case type:
            kind = integer(in);
            break;
        default:
            in.skip();
        }
    }
    switch (static_cast<proto::AttributeType>(kind != 0 ? kind : seen)) {
    case proto::AttributeType::f:
        attribute.value = real;
        break;
    case proto::AttributeType::i:
        attribute.value = whole;
        break;
    case proto::AttributeType::floats:
        attribute.value = std::move(reals);
        break;
    case proto::AttributeType::ints:
        attribute.value = std::move(wholes);
        break;
    case proto::AttributeType::t:
        require<DataError>(constant.has_value(), "the attribute \"", attribute.name, "\" has no tensor");
        attribute.value = std::move(*constant);
        break;
    default:
        attribute.value = std::move(word);
    }
    return attribute;
}

inline Node read_node(Reader<proto::Node> in) {
    using enum proto::Node;
    Node node;
    while (in.next()) {
        switch (in.tag()) {
        case input:
            node.inputs.push_back(text_of(in));
            break;
        case output:
            node.outputs.push_back(text_of(in));
            break;
        case name:
            node.name = text_of(in);
            break;
        case op_type:
            node.op = text_of(in);
            break;
        case attribute:
            node.attributes.push_back(read_attribute(message<proto::Attribute>(in)));
            break;
        case domain:
            node.domain = text_of(in);
            break;
        default:
            in.skip();
        }
    }
    return node;
}

inline std::int64_t read_extent(Reader<proto::Dimension> in) {
    std::int64_t extent = -1;
    while (in.next()) {
        if (in.tag() == proto::Dimension::dim_value)
            extent = integer(in);
        else
            in.skip();
    }
    return extent;
}

/// Goes into the message of a field, past all others.
template <class Inner, class Message, class F>
void each(Reader<Message> in, Message tag, F&& use) {
    while (in.next()) {
        if (in.tag() == tag)
            use(message<Inner>(in));
        else
            in.skip();
    }
}

inline Value read_value(Reader<proto::ValueInfo> in) {
    Value value;
    const auto read_shape = [&](Reader<proto::TensorShape> shape) {
        each<proto::Dimension>(shape, proto::TensorShape::dim, [&](Reader<proto::Dimension> dimension) {
            value.dims.push_back(read_extent(dimension));
        });
    };
    const auto read_type = [&](Reader<proto::TensorType> type) {
        while (type.next()) {
            if (type.tag() == proto::TensorType::shape)
                read_shape(message<proto::TensorShape>(type));
            else if (type.tag() == proto::TensorType::elem_type)
                value.type = integer(type);
            else
                type.skip();
        }
    };
    while (in.next()) {
        if (in.tag() == proto::ValueInfo::name)
            value.name = text_of(in);
        else if (in.tag() == proto::ValueInfo::type)
            each<proto::TensorType>(message<proto::Type>(in), proto::Type::tensor_type, read_type);
        else
            in.skip();
    }
    return value;
}

inline void read_graph(Reader<proto::Graph> in, File& file) {
    using enum proto::Graph;
    while (in.next()) {
        switch (in.tag()) {
        case proto::Graph::node:
            file.nodes.push_back(read_node(message<proto::Node>(in)));
            break;
        case name:
            file.name = text_of(in);
            break;
        case initializer:
            file.constants.push_back(read_constant(message<proto::Tensor>(in)));
            break;
        case input:
            file.inputs.push_back(read_value(message<proto::ValueInfo>(in)));
            break;
        case output:
            file.outputs.push_back(read_value(message<proto::ValueInfo>(in)));
            break;
        case sparse_initializer:
            throw DataError("sparse tensors are not read");
        default:
            in.skip();
        }
    }
}

inline void read_operator_set(Reader<proto::OperatorSet> in, File& file) {
    std::string domain;
    std::int64_t version = 0;
    while (in.next()) {
        if (in.tag() == proto::OperatorSet::domain)
            domain = text_of(in);
        else if (in.tag() == proto::OperatorSet::version)
            version = integer(in);
        else
            in.skip();
    }
    if (domain.empty() || domain == "ai.onnx") file.opset = version;
}

inline std::pair<std::string, std::string> read_entry(Reader<proto::Entry> in) {
    std::pair<std::string, std::string> entry;
    while (in.next()) {
        if (in.tag() == proto::Entry::key)
            entry.first = text_of(in);
        else if (in.tag() == proto::Entry::value)
            entry.second = text_of(in);
        else
            in.skip();
    }
    return entry;
}

} // namespace detail

/// Throws DataError for what is no ONNX file, is damaged, or has tensors that fovea does not read.
inline File from_bytes(std::string_view bytes) {
    using namespace detail;
    File file;
    bool has_graph = false;
    try {
        Reader<proto::Model> in(bytes.data(), bytes.size());
        while (in.next()) {
            switch (in.tag()) {
            case proto::Model::graph:
                has_graph = true;
                read_graph(message<proto::Graph>(in), file);
                break;
            case proto::Model::opset_import:
                read_operator_set(message<proto::OperatorSet>(in), file);
                break;
            case proto::Model::metadata_props:
                file.metadata.insert(read_entry(message<proto::Entry>(in)));
                break;
            default:
                in.skip();
            }
        }
    } catch (const protozero::exception&) {
        throw DataError("is no ONNX file, or damaged");
    }
    require<DataError>(has_graph, "is no ONNX file: it has no graph");
    return file;
}

} // namespace fovea::onnx
