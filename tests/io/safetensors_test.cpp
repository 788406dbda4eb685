#include <limits>

#include <fovea/io/safetensors.hpp>

#include "io/safetensors_files.hpp"
#include "support/temporary_directory.hpp"

#include "catch.hpp"

using namespace fovea;
using namespace safetensors_files;

namespace {

void file_refused(const TemporaryDirectory& folder, const std::string& bytes, const std::string& why) {
    const auto path = folder.write("w.safetensors", bytes);
    CHECK_THROWS_MATCHES(safetensors::File(path), DataError, says("w.safetensors: " + why));
}

} // namespace

TEST_CASE("safetensors: a file that Python's package has written") {
    const TemporaryDirectory folder;
    safetensors::File file(folder.write("mixed", recorded("mixed")));
    CHECK(file.entries().size() == 7);
    CHECK(file.metadata().empty());
    CHECK(file.tensor<float>("float") == Tensor<float>{{1, -2, 0.5F}, {1e-30F, 3e38F, -0.0F}});
    CHECK(std::signbit(file.tensor<float>("float")[5]));
    CHECK(file.tensor<double>("double").shape() == Shape{});
    CHECK(file.tensor<double>("double")[0] == 0.1);
    CHECK(file.tensor<std::int64_t>("long") ==
          Tensor<std::int64_t>{std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()});
    CHECK(file.tensor<std::int32_t>("int") == Tensor<std::int32_t>{{{-7}}});
    CHECK(file.tensor<std::uint8_t>("bytes") == Tensor<std::uint8_t>{0, 127, 255});
    CHECK(file.tensor<float>("empty").shape() == Shape{0, 4});
    CHECK(file.tensor<float>("a \"quoted\" ä \\ \t") == Tensor<float>{1, 2});

    safetensors::File half(folder.write("half", recorded("half")));
    CHECK(half.metadata() == safetensors::Metadata{{"a", "b"}});
    CHECK(half.tensor<float>("float") == Tensor<float>{4});
    CHECK(half.find("half")->dtype == "F16");
    CHECK(safetensors::File(folder.write("nothing", recorded("nothing"))).entries().empty());
}

TEST_CASE("safetensors: written are the bytes that Python's package writes") {
    const TemporaryDirectory folder;
    const auto path = folder.path() / "file";
    const Tensor<float> numbers{{1, -2, 0.5F}, {1e-30F, 3e38F, -0.0F}};
    const Tensor<double> scalar(Shape{}, 0.1);
    const Tensor<std::int64_t> longs{std::numeric_limits<std::int64_t>::min(),
                                     std::numeric_limits<std::int64_t>::max()};
    const Tensor<std::int32_t> ints{{{-7}}};
    const Tensor<std::uint8_t> bytes{0, 127, 255};
    const Tensor<float> empty(Shape{0, 4});
    const Tensor<float> two{1, 2};
    safetensors::write(path, {{"float", numbers},
                              {"double", scalar},
                              {"long", longs},
                              {"int", ints},
                              {"bytes", bytes},
                              {"empty", empty},
                              {"a \"quoted\" ä \\ \t", two}});
    CHECK(content(path) == recorded("mixed"));
    safetensors::write(path, {});
    CHECK(content(path) == recorded("nothing"));
}

TEST_CASE("safetensors: written are the bytes that the format asks for") {
    const TemporaryDirectory folder;
    const auto path = folder.path() / "file";
    const Tensor<float> a{1, -2};
    const Tensor<double> b{0.5};
    safetensors::write(path, {{"a", a}, {"b", b}}, {{"format", "fovea"}});
    // The longer elements first; the header filled up from 142 to 144 bytes. 1 is 0x3F800000, -2 is 0xC0000000, 0.5 is 0x3FE0 << 48.
    CHECK(content(path) ==
          std::string("\x90\0\0\0\0\0\0\0", 8) +
              R"({"__metadata__":{"format":"fovea"},"b":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},)"
              R"("a":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}})" +
              std::string(2, ' ') + std::string("\0\0\0\0\0\0\xE0\x3F", 8) + std::string("\0\0\x80\x3F\0\0\0\xC0", 8));
}

TEST_CASE("safetensors: what is written is read, on elements that are not finite to the bit") {
    const TemporaryDirectory folder;
    const auto path = folder.path() / "file";
    const Tensor<float> odd{std::bit_cast<float>(0x7FC12345U), -std::numeric_limits<float>::infinity(),
                            std::numeric_limits<float>::denorm_min(), -0.0F};
    safetensors::write(path, {{"odd", odd}});
    const Tensor<float> read = safetensors::File(path).tensor<float>("odd");
    CHECK(std::equal(read.begin(), read.end(), odd.begin(), odd.end(), [](float a, float b) {
        return std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b);
    }));
}

TEST_CASE("safetensors: names that cannot be written, and places") {
    const TemporaryDirectory folder;
    const auto path = folder.write("file", "old");
    const Tensor<float> a{1};
    CHECK_THROWS_MATCHES(safetensors::write(path, {{"a", a}, {"a", a}}), ValueError,
                         says("safetensors: the name \"a\" is taken"));
    CHECK_THROWS_MATCHES(safetensors::write(path, {{"__metadata__", a}}), ValueError,
                         says("the name \"__metadata__\" is taken"));
    CHECK_THROWS_MATCHES(safetensors::write(path, {{"\xFF", a}}), ValueError, says("is not UTF-8"));
    CHECK_THROWS_MATCHES(safetensors::write(folder.path() / "missing" / "file", {{"a", a}}), DataError,
                         says("cannot be written"));
    CHECK(content(path) == "old");
}

TEST_CASE("safetensors: a tensor that is not there, or of another type or rank") {
    const TemporaryDirectory folder;
    safetensors::File file(folder.write(
        "w",
        safetensors_files::file(R"({"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},)"
                                R"("six":{"dtype":"F32","shape":[1,1,1,1,1,1],"data_offsets":[8,12]},)"
                                R"("large":{"dtype":"F32","shape":[0,9223372036854775808],"data_offsets":[12,12]}})",
                                std::string(12, '\0'))));
    CHECK(file.find("b") == nullptr);
    CHECK_THROWS_MATCHES(file.tensor<float>("b"), ValueError, says("w: there is no tensor \"b\" among its 3"));
    CHECK_THROWS_MATCHES(file.tensor<float>("a"), ValueError, says("w: tensor \"a\" was asked for as F32, it is F64"));
    CHECK_THROWS_MATCHES(file.tensor<float>("six"), ShapeError, says("at most 5 axes are possible, got 6"));
    CHECK_THROWS_MATCHES(file.tensor<float>("large"), ShapeError,
                         says("tensor \"large\" has an extent of 9223372036854775808"));
    CHECK(file.tensor<double>("a") == Tensor<double>{0});
}

TEST_CASE("safetensors: files that are none") {
    const TemporaryDirectory folder;
    CHECK_THROWS_MATCHES(safetensors::File(folder.path() / "nothing"), DataError,
                         says("nothing: there is no such file"));
    CHECK_THROWS_MATCHES(safetensors::File(folder.path()), DataError, says(": expected a file, it is a directory"));
    if (std::filesystem::exists("/dev/zero"))
        CHECK_THROWS_MATCHES(safetensors::File("/dev/zero"), DataError, says("/dev/zero: expected a regular file"));
    file_refused(folder, "", "expected a safetensors file of at least 8 bytes, it has 0");
    file_refused(folder, "1234567", "expected a safetensors file of at least 8 bytes, it has 7");
    file_refused(folder, length(0), "expected a safetensors file, whose header begins with '{'");
    file_refused(folder, length(1), "the header is said to have 1 bytes, the file has 0 behind its first 8");
    file_refused(folder, length(3) + "{}", "the header is said to have 3 bytes, the file has 2 behind its first 8");
    file_refused(folder, length(std::uint64_t{1} << 60) + "{}",
                 "the header is said to have 1152921504606846976 bytes, the file has 2 behind its first 8");
    file_refused(folder, std::string(8, '\xFF') + "{}", "the header is said to have 18446744073709551615 bytes");
    file_refused(folder, "<!DOCTYPE html>", "the header is said to have");
    file_refused(folder, file("{}", "x"), "the tensors have 0 bytes of data, the file has 1");
    file_refused(folder,
                 file(R"({"a":{"dtype":"F32","shape":[1152921504606846976],)"
                      R"("data_offsets":[0,4611686018427387904]}})",
                      "1234"),
                 "tensor \"a\": its data_offsets are 0 and 4611686018427387904, the file has 4 bytes of data");
}

TEST_CASE("safetensors: a header of more than 100 MB is not read") {
    const TemporaryDirectory folder;
    const auto path = folder.write("w.safetensors", length(100'000'001));
    std::filesystem::resize_file(path, 8 + 100'000'001); // a hole: takes no room on the disk
    CHECK_THROWS_MATCHES(safetensors::File(path), DataError,
                         says("the header has 100000001 bytes, more than the 100000000 that are read"));
}

TEST_CASE("safetensors: a file cut short, wherever the cut is") {
    const TemporaryDirectory folder;
    const std::string whole = recorded("mixed");
    for (std::size_t size = 0; size < whole.size(); ++size) {
        INFO(size);
        const auto path = folder.write("w", whole.substr(0, size));
        CHECK_THROWS_AS(safetensors::File(path), DataError);
    }
}

TEST_CASE("safetensors: a damaged byte, wherever it is, is an error or another number") {
    const TemporaryDirectory folder;
    const std::string whole = recorded("half");
    const std::size_t data = whole.size() - 10;
    for (std::size_t i = 0; i < whole.size(); ++i)
        for (const int flipped : {1, 2, 4, 8, 16, 32, 64, 128}) {
            std::string damaged = whole;
            damaged[i] = static_cast<char>(damaged[i] ^ flipped);
            const auto path = folder.write("w", damaged);
            try {
                safetensors::File file(path);
                for (const safetensors::Entry& entry : file.entries())
                    if (entry.dtype == "F32") file.tensor<float>(entry);
            } catch (const Error&) {
                if (i >= data) FAIL_CHECK("byte " << i << " is data");
            }
        }
}
