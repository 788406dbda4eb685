#include <fovea/io/safetensors_header.hpp>

#include "catch.hpp"

using namespace fovea;
using safetensors::format_header;
using safetensors::parse_header;

namespace {

void header_refused(const std::string& text, std::uint64_t data_bytes, const std::string& why) {
    INFO(text.substr(0, 200));
    CHECK_THROWS_MATCHES(parse_header(text, data_bytes, "w.safetensors"), DataError, says("w.safetensors: " + why));
}

/// One tensor "a" with these fields, and eight bytes of data.
void entry_refused(const std::string& fields, const std::string& why) {
    header_refused("{\"a\":{" + fields + "}}", 8, "tensor \"a\": " + why);
}

} // namespace

TEST_CASE("safetensors header: tensors in the order of their data, and metadata") {
    const auto header = parse_header(R"({"b": {"shape": [], "data_offsets": [24, 28], "dtype": "F32"},
        "__metadata__": {"format": "pt", "x": ""}, "a": {"dtype":"BF16","shape":[2,3,2],"data_offsets":[0,24]}}   )",
                                     28, "file");
    REQUIRE(header.entries.size() == 2);
    CHECK(header.entries[0].name == "a");
    CHECK(header.entries[0].dtype == "BF16");
    CHECK(header.entries[0].shape == std::vector<std::uint64_t>{2, 3, 2});
    CHECK(header.entries[0].begin == 0);
    CHECK(header.entries[0].end == 24);
    CHECK(header.entries[1].name == "b");
    CHECK(header.entries[1].shape.empty());
    CHECK(header.metadata == safetensors::Metadata{{"format", "pt"}, {"x", ""}});
    CHECK(parse_header("{}", 0, "file").entries.empty());
}

TEST_CASE("safetensors header: sizes of all types of elements") {
    const auto accepted = [](const std::string& dtype, int elements, int bytes) {
        INFO(dtype);
        const auto header = parse_header("{\"a\":{\"dtype\":\"" + dtype + "\",\"shape\":[" + std::to_string(elements) +
                                             "],\"data_offsets\":[0," + std::to_string(bytes) + "]}}",
                                         static_cast<std::uint64_t>(bytes), "file");
        CHECK(header.entries.size() == 1);
    };
    for (const char* dtype : {"BOOL", "U8", "I8", "F8_E5M2", "F8_E4M3", "F8_E8M0"}) accepted(dtype, 3, 3);
    for (const char* dtype : {"I16", "U16", "F16", "BF16"}) accepted(dtype, 3, 6);
    for (const char* dtype : {"I32", "U32", "F32"}) accepted(dtype, 3, 12);
    for (const char* dtype : {"I64", "U64", "F64", "C64"}) accepted(dtype, 3, 24);
    accepted("F4", 4, 2);
    accepted("F6_E2M3", 4, 3);
    accepted("F6_E3M2", 4, 3);
    header_refused(R"({"a":{"dtype":"F4","shape":[3],"data_offsets":[0,2]}})", 2, "tensor \"a\": F4 and its shape [3]");
}

TEST_CASE("safetensors header: what is no such JSON") {
    header_refused("", 0, "expected a safetensors file, whose header begins with '{'");
    header_refused("[]", 0, "expected a safetensors file, whose header begins with '{'");
    header_refused(" {}", 0, "expected a safetensors file, whose header begins with '{'");
    header_refused("{", 0, "the header is not JSON in UTF-8: it is wrong near its byte 2");
    header_refused("{}x", 0, "the header is not JSON in UTF-8: it is wrong near its byte 3");
    header_refused(std::string("{}\0", 3), 0, "the header is not JSON in UTF-8: it is wrong near its byte 3");
    header_refused("{\"a\xFF\":1}", 0, "the header is not JSON in UTF-8: it is wrong near its byte 4");
    header_refused("{\"\xC0\xAF\":1}", 0, "the header is not JSON in UTF-8");     // an overlong slash
    header_refused("{\"\xED\xA0\x80\":1}", 0, "the header is not JSON in UTF-8"); // half of a surrogate pair
    header_refused("{\"a\":{}/**/}", 0, "the header is not JSON in UTF-8");
    header_refused("{\"a\":NaN}", 0, "the header is not JSON in UTF-8");
    header_refused("{\"a\":1e999}", 0, "the header has a number that is too large");
}

TEST_CASE("safetensors header: what is nested in another way") {
    const std::string nested = "the header is not that of a safetensors file: it is nested in another way";
    header_refused("{\"a\":[1]}", 0, nested);
    header_refused("{\"a\":{\"shape\":[[1]]}}", 0, nested);
    header_refused("{\"a\":{\"shape\":[{}]}}", 0, nested);
    header_refused("{\"a\":{\"b\":{}}}", 0, nested);
    std::string deep = "{\"a\":{\"b\":";
    deep.append(1000000, '[');
    header_refused(deep, 0, nested);
    std::string wide = "{\"a\":{\"shape\":[0";
    for (int i = 0; i < 1000000; ++i) wide += ",0";
    header_refused(wide, 0, "the header has a list of more than 64 numbers");
}

TEST_CASE("safetensors header: names that come twice") {
    const std::string a = R"("a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]})";
    header_refused("{" + a + "," + a + "}", 1, "the header has the name \"a\" twice");
    header_refused(R"({"a":{"dtype":"U8","dtype":"I8","shape":[1],"data_offsets":[0,1]}})", 1,
                   "the header has the name \"dtype\" twice");
    header_refused(R"({"__metadata__":{"b":"1","b":"2"}})", 0, "the header has the name \"b\" twice");
    header_refused(R"({"\u0061":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)" + a + "}", 1,
                   "the header has the name \"a\" twice");
    CHECK_NOTHROW(parse_header("{" + a + R"(,"shape":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}})", 1, "file"));
}

TEST_CASE("safetensors header: metadata that are no texts") {
    header_refused(R"({"__metadata__":"a"})", 0, "expected an object \"__metadata__\"");
    header_refused(R"({"__metadata__":{"a":1}})", 0, "expected a text for \"a\" in \"__metadata__\"");
}

TEST_CASE("safetensors header: fields that are missing or of another kind") {
    header_refused("{\"a\":1}", 0, "tensor \"a\": expected an object with dtype, shape and data_offsets");
    entry_refused(R"("shape":[2],"data_offsets":[0,8])", "expected a text \"dtype\"");
    entry_refused(R"("dtype":1,"shape":[2],"data_offsets":[0,8])", "expected a text \"dtype\"");
    entry_refused(R"("dtype":"F32","data_offsets":[0,8])", "expected a list \"shape\"");
    entry_refused(R"("dtype":"F32","shape":2,"data_offsets":[0,8])", "expected a list \"shape\"");
    entry_refused(R"("dtype":"F32","shape":[2])", "expected a list \"data_offsets\"");
    entry_refused(R"("dtype":"F32","shape":[2],"data_offsets":[0])", "expected 2 data_offsets, got 1");
    entry_refused(R"("dtype":"F32","shape":[2],"data_offsets":[0,4,8])", "expected 2 data_offsets, got 3");
    entry_refused(R"("dtype":"f32","shape":[2],"data_offsets":[0,8])", "the dtype \"f32\" is unknown");
    entry_refused(R"("dtype":"","shape":[2],"data_offsets":[0,8])", "the dtype \"\" is unknown");
    for (const char* number : {"-1", "1.0", "1e0", "\"1\"", "null", "true", "18446744073709551616"}) {
        const std::string got = std::string("expected whole numbers from 0 to 2^64 - 1 in \"");
        entry_refused(std::string("\"dtype\":\"F32\",\"shape\":[") + number + "],\"data_offsets\":[0,8]",
                      got + "shape");
        entry_refused(std::string("\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,") + number + "]",
                      got + "data_offsets");
    }
}

TEST_CASE("safetensors header: shapes and offsets that do not fit each other or the file") {
    entry_refused(R"("dtype":"F32","shape":[3],"data_offsets":[0,8])",
                  "F32 and its shape [3] do not make the 8 bytes that its data_offsets enclose");
    entry_refused(R"("dtype":"F64","shape":[2],"data_offsets":[0,8])", "F64 and its shape [2] do not make the 8 bytes");
    entry_refused(R"("dtype":"F32","shape":[2],"data_offsets":[8,0])",
                  "its data_offsets are 8 and 0, the file has 8 bytes of data");
    entry_refused(R"("dtype":"F32","shape":[4],"data_offsets":[0,16])",
                  "its data_offsets are 0 and 16, the file has 8 bytes of data");
    entry_refused(R"("dtype":"F32","shape":[1152921504606846976],"data_offsets":[0,4611686018427387904])",
                  "its data_offsets are 0 and 4611686018427387904, the file has 8 bytes of data");
    // 2^32 * 2^32 * 4 bytes are 0 modulo 2^64, and (2^61 + 1) * 8 bits are 8.
    entry_refused(R"("dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0])",
                  "F32 and its shape [4294967296,4294967296] do not make the 0 bytes");
    entry_refused(R"("dtype":"U8","shape":[2305843009213693953],"data_offsets":[0,1])", "U8 and its shape");
    entry_refused(R"("dtype":"F32","shape":[18446744073709551615],"data_offsets":[0,8])", "F32 and its shape");
}

TEST_CASE("safetensors header: data that overlap, or leave gaps") {
    const auto tensor = [](const char* name, int begin, int end) {
        return "\"" + std::string(name) + "\":{\"dtype\":\"U8\",\"shape\":[" + std::to_string(end - begin) +
               "],\"data_offsets\":[" + std::to_string(begin) + "," + std::to_string(end) + "]}";
    };
    header_refused("{" + tensor("a", 0, 5) + "," + tensor("b", 3, 8) + "}", 8,
                   "the data of \"b\" begin at byte 3, inside of those of another tensor");
    header_refused("{" + tensor("a", 0, 8) + "," + tensor("b", 0, 8) + "}", 8,
                   "the data of \"b\" begin at byte 0, inside of those of another tensor");
    header_refused("{" + tensor("a", 0, 3) + "," + tensor("b", 5, 8) + "}", 8,
                   "the data of \"b\" begin at byte 5, behind a gap");
    header_refused("{" + tensor("a", 1, 8) + "}", 8, "the data of \"a\" begin at byte 1, behind a gap");
    header_refused("{" + tensor("a", 0, 7) + "}", 8, "the tensors have 7 bytes of data, the file has 8");
    header_refused("{}", 8, "the tensors have 0 bytes of data, the file has 8");
    CHECK(parse_header("{" + tensor("b", 3, 8) + "," + tensor("a", 0, 3) + "," + tensor("c", 3, 3) + "}", 8, "file")
              .entries.size() == 3);
}

TEST_CASE("safetensors header: names of a hostile file are escaped and cut off in errors") {
    std::string name = "\\u001b[31m";
    name.append(1000, 'x');
    try {
        parse_header("{\"" + name + "\":1}", 0, "file");
        FAIL("no error");
    } catch (const DataError& error) {
        CHECK_THAT(error.what(), contains("tensor \"\\u001b[31mxxx"));
        CHECK(std::string(error.what()).size() < 300);
    }
}

TEST_CASE("safetensors header: written without spaces, but for those at the end") {
    CHECK(format_header({}) == "{}      ");
    CHECK(format_header({{{"a/b", "F32", {2, 3}, 0, 24}, {"c\"", "F64", {}, 24, 32}}, {{"k", "v"}, {"l", ""}}}) ==
          R"({"__metadata__":{"k":"v","l":""},"a/b":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},)"
          R"("c\"":{"dtype":"F64","shape":[],"data_offsets":[24,32]}}     )");
    CHECK_THROWS_MATCHES(format_header({{{"a\xFF", "F32", {}, 0, 4}}, {}}), ValueError, says("is not UTF-8"));
}
