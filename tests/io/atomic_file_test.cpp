#include <fovea/io/atomic_file.hpp>

#include "io/safetensors_files.hpp"
#include "support/size_limit.hpp"
#include "support/temporary_directory.hpp"

#include "catch.hpp"

using namespace fovea;
using safetensors_files::content;

namespace {

std::ptrdiff_t files_in(const std::filesystem::path& folder) {
    return std::distance(std::filesystem::directory_iterator(folder), {});
}

} // namespace

TEST_CASE("AtomicFile: the name stands for the old contents until commit, and for the new from then on") {
    const TemporaryDirectory folder;
    const auto path = folder.write("file", "old");
    AtomicFile file(path);
    file.write("new ");
    file.write("contents");
    CHECK(content(path) == "old");
    CHECK(files_in(folder.path()) == 2);
    file.commit();
    CHECK(content(path) == "new contents");
    CHECK(files_in(folder.path()) == 1);
}

TEST_CASE("AtomicFile: what is given up leaves nothing") {
    const TemporaryDirectory folder;
    const auto path = folder.write("file", "old");
    { AtomicFile(path).write("new"); }
    { AtomicFile(folder.path() / "other").write("new"); }
    CHECK(content(path) == "old");
    CHECK(files_in(folder.path()) == 1);
}

TEST_CASE("AtomicFile: two writers of one file do not meet") {
    const TemporaryDirectory folder;
    const auto path = folder.path() / "file";
    AtomicFile one(path);
    AtomicFile two(path);
    one.write("one");
    two.write("two");
    two.commit();
    CHECK(content(path) == "two");
    one.commit();
    CHECK(content(path) == "one");
}

TEST_CASE("AtomicFile: binary contents, and none") {
    const TemporaryDirectory folder;
    const std::string bytes("\0\r\n\xFF\x1A", 5);
    write_atomically(folder.path() / "bytes", bytes);
    CHECK(content(folder.path() / "bytes") == bytes);
    write_atomically(folder.path() / "empty", "");
    CHECK(std::filesystem::file_size(folder.path() / "empty") == 0);
}

TEST_CASE("AtomicFile: permissions stay") {
    namespace fs = std::filesystem;
    const TemporaryDirectory folder;
    const auto path = folder.write("file", "old");
    fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
    const fs::perms before = fs::status(path).permissions();
    write_atomically(path, "new");
    CHECK(fs::status(path).permissions() == before);
}

TEST_CASE("AtomicFile: places that cannot be written") {
    const TemporaryDirectory folder;
    CHECK_THROWS_MATCHES(AtomicFile(folder.path() / "missing" / "file"), DataError,
                         says("file: cannot be written: No such file or directory"));
    CHECK_THROWS_MATCHES(AtomicFile(folder.path()), DataError, says(": expected a file, it is a directory"));
    if (std::filesystem::exists("/dev/null"))
        CHECK_THROWS_MATCHES(AtomicFile("/dev/null"), DataError, says("/dev/null: expected a regular file"));
    CHECK(files_in(folder.path()) == 0);
}

#if !defined(_WIN32)
TEST_CASE("AtomicFile: a disk that is full loses nothing") {
    const TemporaryDirectory folder;
    const auto path = folder.write("file", "old");
    {
        const SizeLimit limit(10000);
        CHECK_THROWS_MATCHES(write_atomically(path, std::string(20000, 'x')), DataError,
                             says("file: cannot be written: File too large"));
    }
    CHECK(content(path) == "old");
    CHECK(files_in(folder.path()) == 1);
}
#endif
