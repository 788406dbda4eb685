#include <algorithm>
#include <string>
#include <utility>

#include <fovea/data/gzip.hpp>
#include <fovea/data/idx.hpp>

#include "catch.hpp"
#include "support/idx_files.hpp"
#include "support/temporary_directory.hpp"

using namespace fovea;

namespace {

/// Reads `bytes` as a file of its own, raw or as gzip; says what the error says behind the file's name.
std::string complaint(const Bytes& bytes, int axes, bool packed) {
    const TemporaryDirectory directory;
    const auto path = directory.write(packed ? "file.gz" : "file", packed ? gzip(bytes) : bytes);
    try {
        idx::read(path, axes);
        return "nothing";
    } catch (const DataError& error) {
        const std::string message = error.what();
        REQUIRE(message.substr(0, path.string().size()) == path.string());
        return message.substr(path.string().size());
    }
}

/// Notes, until the end of its scope, where packed elements are unpacked to.
struct UnpackingWatch {
    inline static idx::Unpacker unpacker = nullptr;
    inline static std::size_t most_room = 0;
    inline static const std::byte* last_place = nullptr;

    static std::size_t unpack(std::span<const std::byte> packed, std::size_t skip, std::span<std::byte> out,
                              const std::string& name) {
        most_room = std::max(most_room, out.size());
        last_place = out.data();
        return unpacker(packed, skip, out, name);
    }

    UnpackingWatch() {
        unpacker = std::exchange(idx::gzip_unpacker, &unpack);
        most_room = 0;
        last_place = nullptr;
    }
    ~UnpackingWatch() { idx::gzip_unpacker = unpacker; }
    UnpackingWatch(const UnpackingWatch&) = delete;
    UnpackingWatch& operator=(const UnpackingWatch&) = delete;
};

} // namespace

TEST_CASE("idx: images, labels and other ranks are read, raw and gzip", "[data]") {
    const TemporaryDirectory directory;
    const bool packed = GENERATE(false, true);
    const auto write = [&](const Bytes& bytes) { return directory.write("file", packed ? gzip(bytes) : bytes); };

    const Tensor<std::uint8_t> images = idx::read_images(write(images_file(3, 2, 5)));
    CHECK(images.shape() == Shape{3, 2, 5});
    for (Index i = 0; i < images.size(); ++i) REQUIRE(images[i] == i % 8);

    CHECK(idx::read_labels(write(labels_file(5))) == Tensor<std::uint8_t>{0, 1, 2, 3, 4});
    CHECK(idx::read(write(idx_file(0x802, {2, 3}, 6))) == Tensor<std::uint8_t>{{0, 1, 2}, {3, 4, 5}});
    CHECK(idx::read(write(idx_file(0x804, {2, 1, 1, 3}, 6))).shape() == Shape{2, 1, 1, 3});
}

TEST_CASE("idx: large extents need all four bytes of the header", "[data]") {
    const Bytes bytes = idx_file(0x801, {70000}, 70000);
    CHECK(idx::parse(bytes, "bytes").shape() == Shape{70000});
}

TEST_CASE("idx: a missing file", "[data]") {
    const TemporaryDirectory directory;
    const auto path = directory.path() / "train-images-idx3-ubyte";
    REQUIRE_THROWS_MATCHES(idx::read(path), DataError, says(path.string() + ": there is no such file"));
}

TEST_CASE("idx: a folder instead of a file", "[data]") {
    const TemporaryDirectory directory;
    REQUIRE_THROWS_MATCHES(idx::read(directory.path()), DataError,
                           says(directory.path().string() + ": expected a file, it is a directory"));
}

TEST_CASE("idx: an empty file", "[data]") {
    const bool packed = GENERATE(false, true);
    CHECK(complaint({}, 3, packed) ==
          (packed ? ": expected an IDX header of 16 bytes, the file has 0" : ": expected an IDX file, it is empty"));
}

TEST_CASE("idx: a file of 8 bytes", "[data]") {
    Bytes bytes = images_file(1);
    bytes.resize(8);
    CHECK(complaint(bytes, 3, GENERATE(false, true)) == ": expected an IDX header of 16 bytes, the file has 8");
}

TEST_CASE("idx: a file without the last byte", "[data]") {
    Bytes bytes = images_file(10);
    bytes.pop_back();
    CHECK(complaint(bytes, 3, GENERATE(false, true)) ==
          ": the header says (10, 28, 28) = 7840 bytes, the file has 7839");
}

TEST_CASE("idx: a file cut in half", "[data]") {
    Bytes bytes = images_file(10);
    bytes.resize(16 + 3920);
    CHECK(complaint(bytes, 3, GENERATE(false, true)) ==
          ": the header says (10, 28, 28) = 7840 bytes, the file has 3920");
}

TEST_CASE("idx: a label file cut in half", "[data]") {
    Bytes bytes = labels_file(100);
    bytes.resize(8 + 50);
    CHECK(complaint(bytes, 1, GENERATE(false, true)) == ": the header says (100,) = 100 bytes, the file has 50");
}

TEST_CASE("idx: a file with extra bytes", "[data]") {
    Bytes bytes = images_file(10);
    bytes.resize(bytes.size() + 7);
    CHECK(complaint(bytes, 3, false) == ": the header says (10, 28, 28) = 7840 bytes, the file has 7847");
    CHECK(complaint(bytes, 3, true) == ": the header says (10, 28, 28) = 7840 bytes, the unpacked file has more");
}

TEST_CASE("idx: a wrong magic number", "[data]") {
    const bool packed = GENERATE(false, true);
    CHECK(complaint(idx_file(0x12345678, {1, 2, 3}, 6), 3, packed) ==
          ": expected an IDX file with the magic number 0x00000803 (images); it begins with 0x12345678");
    // 0x0D: floats
    CHECK(complaint(idx_file(0xD03, {1, 2, 3}, 24), 3, packed) ==
          ": expected an IDX file with the magic number 0x00000803 (images); it begins with 0x00000D03");
}

TEST_CASE("idx: a wrong magic number where any rank would do", "[data]") {
    const std::uint32_t magic = GENERATE(0x12345678U, 0xD03U, 0x800U, 0x805U, 0x1000803U);
    const Bytes bytes = idx_file(magic, {1, 2, 3, 1, 1}, 6);
    REQUIRE_THROWS_MATCHES(
        idx::parse(bytes, "bytes"), DataError,
        says("bytes: expected an IDX file of unsigned bytes with 1 to 4 axes, magic number 0x00000801 to 0x00000804"));
}

TEST_CASE("idx: labels given as images and the reverse", "[data]") {
    const bool packed = GENERATE(false, true);
    CHECK(complaint(labels_file(100), 3, packed) ==
          ": expected an IDX file with the magic number 0x00000803 (images); it begins with 0x00000801 (labels)");
    CHECK(complaint(images_file(2), 1, packed) ==
          ": expected an IDX file with the magic number 0x00000801 (labels); it begins with 0x00000803 (images)");
}

TEST_CASE("idx: a count far beyond the file", "[data]") {
    const Bytes bytes = idx_file(0x803, {0xFFFFFFFF, 28, 28}, 7840);
    CHECK(complaint(bytes, 3, false) ==
          ": the header says (4294967295, 28, 28) = 3367254359280 bytes, the file has 7840");
    CHECK(complaint(bytes, 3, true) ==
          ": the header says (4294967295, 28, 28) = 3367254359280 bytes, more than the 4294967296 that are read");
}

TEST_CASE("idx: extents whose product does not fit 64 bits", "[data]") {
    const std::string expected = ": the header says (2147483647, 2147483647, 2147483647) = more than 2^64 bytes, ";
    const Bytes bytes = idx_file(0x803, {0x7FFFFFFF, 0x7FFFFFFF, 0x7FFFFFFF}, 7840);
    CHECK(complaint(bytes, 3, false) == expected + "the file has 7840");
    CHECK(complaint(bytes, 3, true) == expected + "more than the 4294967296 that are read");
    // 2^16 * 2^16 * 2^16 * 2^16 = 2^64, which wraps around to 0.
    const Bytes wrapping = idx_file(0x804, {0x10000, 0x10000, 0x10000, 0x10000}, 0);
    CHECK(complaint(wrapping, 4, false) ==
          ": the header says (65536, 65536, 65536, 65536) = more than 2^64 bytes, the file has 0");
}

TEST_CASE("idx: a header that promises more than gzip data hold is not believed", "[data]") {
    // 2 GiB are announced; reading them must neither need them nor take long.
    const Bytes bytes = idx_file(0x803, {0x200000, 32, 32}, 100);
    const UnpackingWatch watch;
    CHECK(complaint(bytes, 3, true) == ": the header says (2097152, 32, 32) = 2147483648 bytes, the file has 100");
    // 258 bytes in 2 bits is the most that deflate can do.
    CHECK(watch.most_room == 1032 * gzip(bytes).size());
}

TEST_CASE("idx: data packed as tightly as gzip can are read", "[data]") {
    constexpr std::uint32_t count = 4'000'000;
    Bytes bytes = idx_file(0x801, {count}, 0);
    bytes.resize(bytes.size() + count); // zeros
    const Bytes packed = gzip(bytes);
    REQUIRE(packed.size() < count / 1000);
    CHECK(idx::parse(packed, "bytes") == Tensor<std::uint8_t>(Shape{count}));
}

TEST_CASE("idx: packed elements are unpacked to where they stay", "[data]") {
    const UnpackingWatch watch;
    const Tensor<std::uint8_t> images = idx::parse(gzip(images_file(3)), "bytes", 3);
    CHECK(images.shape() == Shape{3, 28, 28});
    CHECK(watch.last_place == std::as_bytes(images.span()).data());
    CHECK(watch.most_room == 3 * 28 * 28);
}

TEST_CASE("idx: gzip members that divide the header, or the header from the elements", "[data]") {
    const Bytes bytes = images_file(2);
    const std::ptrdiff_t at = GENERATE(0, 1, 10, 15, 16, 17, 20, 21, 16 + 2 * 28 * 28);
    Bytes packed = gzip(Bytes(bytes.begin(), bytes.begin() + at));
    const Bytes rest = gzip(Bytes(bytes.begin() + at, bytes.end()));
    packed.insert(packed.end(), rest.begin(), rest.end());
    CHECK(idx::parse(packed, "bytes") == idx::parse(bytes, "bytes"));
}

TEST_CASE("idx: an extent of zero", "[data]") {
    const bool packed = GENERATE(false, true);
    CHECK(complaint(idx_file(0x803, {60000, 0, 28}, 0), 3, packed) ==
          ": the header says (60000, 0, 28) = 0 bytes, but every extent must be at least 1");
    CHECK(complaint(idx_file(0x803, {0, 28, 28}, 0), 3, packed) ==
          ": the header says (0, 28, 28) = 0 bytes, but every extent must be at least 1");
    // Once the product was too large, a zero must still be seen.
    CHECK(complaint(idx_file(0x804, {0x7FFFFFFF, 0x7FFFFFFF, 0x7FFFFFFF, 0}, 0), 4, packed) ==
          ": the header says (2147483647, 2147483647, 2147483647, 0) = 0 bytes, but every extent must be at least 1");
}

TEST_CASE("idx: a file that is still packed, in a program without zlib", "[data]") {
    struct WithoutGzip {
        idx::Unpacker before = std::exchange(idx::gzip_unpacker, nullptr);
        ~WithoutGzip() { idx::gzip_unpacker = before; }
    } scope;
    CHECK(complaint(images_file(2), 3, true) ==
          " is gzip-compressed: include <fovea/data/gzip.hpp> and link fovea::zlib, or unpack it first");
}

TEST_CASE("idx: a file packed twice", "[data]") {
    CHECK(complaint(gzip(images_file(2)), 3, true) ==
          ": expected an IDX file with the magic number 0x00000803 (images); it begins with 0x1F8B0800");
}
