#pragma once
#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <protozero/exception.hpp>
#include <protozero/pbf_message.hpp>

#include <fovea/core/error.hpp>
#include <fovea/core/shape.hpp>
#include <fovea/onnx/file.hpp>
#include <fovea/onnx/proto.hpp>

/// Protobuf fields, and the tensors of ONNX files. Nothing is allocated that is larger than the bytes that it is read from.
namespace fovea::onnx {

namespace detail {

using protozero::pbf_wire_type;

template <class Message>
using Reader = protozero::pbf_message<Message>;

/// Throws unless the field is of this kind, for protozero takes it at its word.
template <class Message>
void expect(const Reader<Message>& in, pbf_wire_type kind) {
    require<DataError>(in.wire_type() == kind, "a field has the wrong type");
}

template <class Message>
std::int64_t integer(Reader<Message>& in) {
    expect(in, pbf_wire_type::varint);
    return in.get_int64();
}

template <class Message>
std::string text_of(Reader<Message>& in) {
    expect(in, pbf_wire_type::length_delimited);
    return in.get_string();
}

template <class Inner, class Message>
Reader<Inner> message(Reader<Message>& in) {
    expect(in, pbf_wire_type::length_delimited);
    return Reader<Inner>(in.get_message());
}

/// One more integer, or a packed row of them.
template <class Message>
void append(Reader<Message>& in, Integers& values) {
    if (in.wire_type() == pbf_wire_type::varint) return values.push_back(in.get_int64());
    expect(in, pbf_wire_type::length_delimited);
    for (const std::int64_t value : in.get_packed_int64()) values.push_back(value);
}

template <class Message>
void append(Reader<Message>& in, Floats& values) {
    if (in.wire_type() == pbf_wire_type::fixed32) return values.push_back(in.get_float());
    expect(in, pbf_wire_type::length_delimited);
    for (const float value : in.get_packed_float()) values.push_back(value);
}

/// Little-endian numbers one behind the other, as V.
template <class Raw, class V>
void append_raw(std::string_view bytes, V& values) {
    require<DataError>(bytes.size() % sizeof(Raw) == 0, "raw_data of ", bytes.size(), " bytes is no row of numbers");
    values.reserve(bytes.size() / sizeof(Raw));
    for (std::size_t i = 0; i < bytes.size(); i += sizeof(Raw)) {
        std::uint64_t bits = 0;
        for (std::size_t b = 0; b < sizeof(Raw); ++b)
            bits |= std::uint64_t{static_cast<unsigned char>(bytes[i + b])} << (8 * b);
        using Unsigned = std::conditional_t<sizeof(Raw) == 4, std::uint32_t, std::uint64_t>;
        values.push_back(static_cast<typename V::value_type>(std::bit_cast<Raw>(static_cast<Unsigned>(bits))));
    }
}

/// Throws unless `dims` are those of a tensor with so many elements.
inline void check_count(const Constant& constant, std::size_t elements) {
    std::int64_t count = 1;
    for (const std::int64_t extent : constant.dims) {
        const bool fits = extent >= 0 && (extent == 0 || count <= std::int64_t(elements) / extent);
        require<DataError>(fits, "tensor \"", constant.name, "\" has ", elements,
                           " elements, its dims say another number");
        count *= extent;
    }
    require<DataError>(std::cmp_equal(count, elements), "tensor \"", constant.name, "\" has ", elements,
                       " elements, its dims say ", count);
}

inline Constant read_constant(Reader<proto::Tensor> in) {
    using enum proto::Tensor;
    Constant constant;
    std::int64_t kind = 0;
    Floats floats;
    Integers integers;
    std::string raw;
    bool external = false;
    while (in.next()) {
        switch (in.tag()) {
        case dims:
            append(in, constant.dims);
            break;
        case data_type:
            kind = integer(in);
            break;
        case float_data:
            append(in, floats);
            break;
        case int32_data:
        case int64_data:
            append(in, integers);
            break;
        case double_data:
            if (in.wire_type() == pbf_wire_type::fixed64) {
                floats.push_back(static_cast<float>(in.get_double()));
            } else {
                expect(in, pbf_wire_type::length_delimited);
                for (const double value : in.get_packed_double()) floats.push_back(static_cast<float>(value));
            }
            break;
        case proto::Tensor::name:
            constant.name = text_of(in);
            break;
        case raw_data:
            raw = text_of(in);
            break;
        case data_location:
            external = integer(in) != 0;
            break;
        case external_data:
            external = true;
            in.skip();
            break;
        default:
            in.skip();
        }
    }
    using proto::DataType;
    const auto is = [&](DataType type) { return kind == static_cast<std::int64_t>(type); };
    require<DataError>(!external, "tensor \"", constant.name, "\" lies in another file, which is not read");
    require<DataError>(constant.dims.size() <= Shape::max_rank, "tensor \"", constant.name, "\" has ",
                       constant.dims.size(), " axes, at most ", Shape::max_rank, " are possible");
    if (is(DataType::float32))
        append_raw<float>(raw, floats);
    else if (is(DataType::float64))
        append_raw<double>(raw, floats);
    else if (is(DataType::int64))
        append_raw<std::int64_t>(raw, integers);
    else if (is(DataType::int32))
        append_raw<std::int32_t>(raw, integers);
    else if (is(DataType::boolean))
        for (const char value : raw) integers.push_back(value);
    else
        throw DataError(text("tensor \"", constant.name, "\" is of data_type ", kind,
                             "; known are 1 (float), 6 (int32), 7 (int64), 9 (bool) and 11 (double)"));
    const bool real = is(DataType::float32) || is(DataType::float64);
    check_count(constant, real ? floats.size() : integers.size());
    if (real)
        constant.elements = std::move(floats);
    else
        constant.elements = std::move(integers);
    return constant;
}

} // namespace detail

} // namespace fovea::onnx
