#include <fovea/image/file.hpp>

#include "catch.hpp"
#include "support/temporary_directory.hpp"

using namespace fovea;
using image::detail::read_file;
using image::detail::write_file;

TEST_CASE("read_file: the whole file, into a buffer that keeps its room", "[image]") {
    const TemporaryDirectory directory;
    const auto long_file = directory.write("long", std::string(100'000, 'x') + "end");
    const auto short_file = directory.write("short", std::string("a\0\r\nb", 5));
    std::vector<std::byte> buffer;
    const auto long_bytes = read_file(long_file, buffer);
    CHECK(long_bytes.size() == 100'003);
    CHECK(long_bytes.back() == std::byte{'d'});
    const std::byte* const place = buffer.data();
    const auto short_bytes = read_file(short_file, buffer);
    CHECK(std::vector(short_bytes.begin(), short_bytes.end()) ==
          std::vector{std::byte{'a'}, std::byte{0}, std::byte{'\r'}, std::byte{'\n'}, std::byte{'b'}});
    CHECK(short_bytes.data() == place);
    CHECK(read_file(directory.write("empty", ""), buffer).empty());
}

TEST_CASE("read_file: what cannot be read, and why", "[image]") {
    const TemporaryDirectory directory;
    std::vector<std::byte> buffer;
    const auto missing = directory.path() / "missing.png";
    REQUIRE_THROWS_MATCHES(read_file(missing, buffer), DataError, says(missing.string() + ": there is no such file"));
    REQUIRE_THROWS_MATCHES(read_file(directory.path(), buffer), DataError,
                           says(directory.path().string() + ": expected a file, it is a directory"));
    const auto large = directory.write("large.png", "x");
    std::filesystem::resize_file(large, image::detail::most_file_bytes + 1); // a hole, no bytes on the disk
    REQUIRE_THROWS_MATCHES(read_file(large, buffer), DataError,
                           says("the file has 1073741825 bytes, more than the 1073741824 that are read"));
    CHECK(buffer.empty()); // nothing was allocated for any of them
}

TEST_CASE("write_file: what is there is replaced", "[image]") {
    const TemporaryDirectory directory;
    const auto path = directory.write("file", "something longer");
    const std::string text = "new";
    write_file(path, std::as_bytes(std::span(text)));
    std::vector<std::byte> buffer;
    CHECK(read_file(path, buffer).size() == 3);
    const auto nowhere = directory.path() / "no" / "file";
    REQUIRE_THROWS_MATCHES(write_file(nowhere, {}), DataError,
                           says(nowhere.string() + ": the file cannot be opened for writing"));
#ifdef __linux__
    const std::vector<std::byte> much(1 << 20);
    if (std::filesystem::exists("/dev/full"))
        REQUIRE_THROWS_MATCHES(write_file("/dev/full", much), DataError, says("/dev/full: the file cannot be written"));
#endif
}
