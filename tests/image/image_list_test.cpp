#include <fovea/image/image_list.hpp>

#include "catch.hpp"
#include "support/temporary_directory.hpp"

using namespace fovea;

namespace {

/// Empty files: a list only looks at names.
void touch(const TemporaryDirectory& directory, const std::vector<std::string>& names) {
    for (const std::string& name : names) directory.write(name, "");
}

} // namespace

TEST_CASE("list_folder: names in the order of their bytes, whatever the directory's order is", "[image]") {
    const TemporaryDirectory directory;
    touch(directory, {"b/10.png", "b/9.JPG", "b/x/1.bmp", "a/z.tga", "a/A.ppm", "B/q.pgm", "a/notes.md", "a/.z.png",
                      "b/.cache/1.png", ".git/1.png", "top.png"});
    const ImageList list = list_folder(directory.path());
    CHECK(list.class_names == std::vector<std::string>{"B", "a", "b"});
    CHECK(list.files == std::vector<std::string>{"B/q.pgm", "a/A.ppm", "a/z.tga", "b/10.png", "b/9.JPG", "b/x/1.bmp"});
    CHECK(list.labels == std::vector<std::int32_t>{0, 1, 1, 2, 2, 2});
    CHECK(list.size() == 6);
    CHECK(list.path(5) == directory.path() / "b/x/1.bmp");
    const ImageList two = list_folder(directory.path(), {"b", "B"});
    CHECK(two.labels == std::vector<std::int32_t>{0, 0, 0, 1});
    CHECK(two.class_names == std::vector<std::string>{"b", "B"});
}

TEST_CASE("list_folder: a missing folder, a single class, an empty class", "[image]") {
    const TemporaryDirectory directory;
    const std::string path = directory.path().string();
    REQUIRE_THROWS_MATCHES(list_folder(directory.path() / "no"), DataError,
                           says("ImageFolder: there is no directory " + (directory.path() / "no").string()));
    REQUIRE_THROWS_MATCHES(
        list_folder(directory.path()), DataError,
        says("ImageFolder: " + path + " has no subfolder, expected one for each of two or more classes"));
    touch(directory, {"cat/1.png"});
    REQUIRE_THROWS_MATCHES(list_folder(directory.path()), DataError,
                           says(path + " has the one subfolder cat, expected one for each of two or more classes"));
    REQUIRE_THROWS_MATCHES(list_folder(directory.path() / "cat/1.png"), DataError, says("1.png is not a directory"));
    std::filesystem::create_directory(directory.path() / "dog");
    REQUIRE_THROWS_MATCHES(list_folder(directory.path()), DataError,
                           says("ImageFolder: the class dog is empty: there are no pictures (.png, .jpg, .jpeg, .bmp, "
                                ".tga, .pgm, .ppm) in " +
                                (directory.path() / "dog").string()));
    REQUIRE_THROWS_MATCHES(list_folder(directory.path(), {"cat", "cow"}), DataError,
                           says("there is no directory " + (directory.path() / "cow").string()));
}

TEST_CASE("list_folder: progress, now and then and at the end", "[image]") {
    const TemporaryDirectory directory;
    for (int i = 0; i < 1500; ++i) touch(directory, {"a/" + std::to_string(i) + ".png"});
    for (int i = 0; i < 1100; ++i) touch(directory, {"b/" + std::to_string(i) + ".png"});
    std::vector<std::pair<Index, Index>> seen;
    list_folder(directory.path(), {}, [&](Index done, Index total) { seen.emplace_back(done, total); });
    CHECK(seen == std::vector<std::pair<Index, Index>>{{1024, 0}, {2524, 0}, {2600, 2600}});
}

TEST_CASE("list_csv: a heading, quotes, spaces, commas in names, Windows' line ends", "[image]") {
    const TemporaryDirectory directory;
    const auto table =
        directory.write("labels.csv", "name,class\r\n\"a, b.png\" , dog\r\n\r\nx/y.jpg,\"cat\"\r\nz.bmp,dog");
    const ImageList list = list_csv(table);
    CHECK(list.directory == directory.path());
    CHECK(list.files == std::vector<std::string>{"a, b.png", "x/y.jpg", "z.bmp"});
    CHECK(list.class_names == std::vector<std::string>{"cat", "dog"});
    CHECK(list.labels == std::vector<std::int32_t>{1, 0, 1});
}

TEST_CASE("list_csv: lines that are wrong are named", "[image]") {
    const TemporaryDirectory directory;
    const auto of = [&](const std::string& text) { return list_csv(directory.write("labels.csv", text)); };
    const std::string name = (directory.path() / "labels.csv").string();
    REQUIRE_THROWS_MATCHES(of("a.png,x\nb.png,\n"), DataError, says(name + ":2: expected file,class, got \"b.png,\""));
    REQUIRE_THROWS_MATCHES(of("a.png,x\n,y\n"), DataError, says(name + ":2: expected file,class, got \",y\""));
    REQUIRE_THROWS_MATCHES(of("a.png,x\n\n\nb.png\n"), DataError,
                           says(name + ":4: expected file,class, got \"b.png\""));
    REQUIRE_THROWS_MATCHES(of(""), DataError, says(name + ": expected two or more classes, found 0"));
    REQUIRE_THROWS_MATCHES(of("a.png,x\nb.png,x"), DataError, says(name + ": expected two or more classes, found 1"));
    REQUIRE_THROWS_MATCHES(list_csv(directory.path() / "no.csv"), DataError, says("no.csv: the file cannot be opened"));
    REQUIRE_THROWS_MATCHES(list_csv(directory.path()), DataError, says(""));
}
