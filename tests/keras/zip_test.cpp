#include <string>

#include <fovea/keras/zip.hpp>

#include "keras/keras_files.hpp"

#include "catch.hpp"

using namespace fovea;

TEST_CASE("zip_of, ZipReader: what goes in comes out, and the same goes in as the same bytes") {
    const TemporaryDirectory folder;
    const std::string all_bytes = [] {
        std::string bytes;
        for (int i = 0; i < 70'000; ++i) bytes += static_cast<char>(i * 7 + i / 256);
        return bytes;
    }();
    const std::string archive = keras::zip_of({{"empty", ""}, {"folder/some", all_bytes}});
    CHECK(archive == keras::zip_of({{"empty", ""}, {"folder/some", all_bytes}}));
    CHECK(archive.find(all_bytes) != std::string::npos); // not compressed
    const keras::ZipReader reader(folder.write("a.zip", archive));
    CHECK(reader.size() == archive.size());
    CHECK(reader.read("empty", 0).empty());
    CHECK(reader.read("folder/some", all_bytes.size()) == all_bytes);
    CHECK_THROWS_MATCHES(reader.read("folder/some", all_bytes.size() - 1), DataError, says("at most 69999 are read"));
    CHECK_THROWS_MATCHES(reader.read("other", 100), DataError, says("other: there is no such entry"));
}

TEST_CASE("ZipReader: archives that Python's zipfile has packed") {
    const TemporaryDirectory folder;
    const std::string packed = safetensors_files::bytes_of(keras_files::recorded("nested"));
    const keras::ZipReader reader(folder.write("packed.zip", packed));
    const std::string model = reader.read("model.keras", 1 << 20);
    CHECK(model.size() > 4 * packed.size());
    const keras::ZipReader inner(folder.write("model.keras", model));
    CHECK(inner.read("metadata.json", 1000).find("\"keras_version\": \"3.15.1\"") != std::string::npos);

    // One bit of what is packed.
    std::string damaged = packed;
    damaged[packed.size() / 2] ^= 1;
    const keras::ZipReader other(folder.write("damaged.zip", damaged));
    CHECK_THROWS_AS(other.read("model.keras", 1 << 20), DataError);
}
