#include <algorithm>
#include <cstdlib>
#include <string>
#include <utility>

#include <fovea/data/gzip.hpp>
#include <fovea/data/mnist.hpp>

#include "catch.hpp"
#include "support/hash.hpp"
#include "support/small_mnist.hpp"

using namespace fovea;

namespace {

void check_small(const Splits& splits) {
    const auto& [train, test] = splits;
    CHECK(train.images.shape() == Shape{20, 28, 28, 1});
    CHECK(train.labels.shape() == Shape{20});
    CHECK(test.images.shape() == Shape{10, 28, 28, 1});
    CHECK(test.labels.shape() == Shape{10});
    CHECK(train.images(1, 0, 5, 0) == 5); // 784 is a multiple of 8
    CHECK(train.labels[15] == 7);
    CHECK(train.size() == 20);
    CHECK(train.sample_shape() == Shape{28, 28, 1});
}

} // namespace

TEST_CASE("mnist: under all names, raw and packed, in the folder or in its mnist folder", "[data]") {
    const bool packed = GENERATE(false, true);
    const char separator = GENERATE('-', '.');
    const std::string folder = GENERATE("", "mnist/");
    check_small(mnist::load(SmallMnist(folder, packed, separator).path()));
}

TEST_CASE("mnist: packed images are unpacked to where they stay", "[data]") {
    static idx::Unpacker unpacker;
    static const std::byte* images;
    struct Watch {
        Watch() {
            unpacker = std::exchange(idx::gzip_unpacker, [](std::span<const std::byte> packed, std::size_t skip,
                                                            std::span<std::byte> out, const std::string& name) {
                if (out.size() == 20 * 28 * 28) images = out.data();
                return unpacker(packed, skip, out, name);
            });
        }
        ~Watch() { idx::gzip_unpacker = unpacker; }
    } scope;
    const Splits splits = mnist::load(SmallMnist("", true).path());
    CHECK(std::as_bytes(splits.train.images.span()).data() == images);
}

TEST_CASE("mnist: a folder that is not there", "[data]") {
    const TemporaryDirectory directory;
    const auto path = directory.path() / "data";
    REQUIRE_THROWS_MATCHES(mnist::load(path), DataError, says("mnist: there is no directory " + path.string()));
}

TEST_CASE("mnist: a file instead of a folder", "[data]") {
    const SmallMnist files;
    const auto path = files.path() / "train-images-idx3-ubyte";
    REQUIRE_THROWS_MATCHES(mnist::load(path), DataError, says("mnist: there is no directory " + path.string()));
}

TEST_CASE("mnist: each of the four files missing", "[data]") {
    const SmallMnist files;
    const std::string stem = GENERATE("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1");
    files.remove(stem + "-ubyte");
    REQUIRE_THROWS_MATCHES(mnist::load(files.path()), DataError,
                           says("mnist: expected " + stem + "-ubyte, " + stem + "-ubyte.gz, "));
    REQUIRE_THROWS_MATCHES(mnist::load(files.path()), DataError,
                           says(" in " + files.path().string() + ", found none of them"));
}

TEST_CASE("mnist: a folder in a file's place", "[data]") {
    const SmallMnist files;
    files.remove("t10k-labels-idx1-ubyte");
    std::filesystem::create_directory(files.path() / "t10k-labels-idx1-ubyte");
    REQUIRE_THROWS_MATCHES(mnist::load(files.path()), DataError,
                           says("t10k-labels-idx1-ubyte: expected a file, it is a directory"));
}

TEST_CASE("mnist: more images than labels", "[data]") {
    const SmallMnist files;
    const auto labels = files.write("train-labels-idx1-ubyte", labels_file(19));
    const auto images = files.path() / "train-images-idx3-ubyte";
    REQUIRE_THROWS_MATCHES(mnist::load(files.path()), DataError,
                           says(images.string() + " has 20 images but " + labels.string() + " has 19 labels"));
}

TEST_CASE("mnist: more labels than images", "[data]") {
    const SmallMnist files;
    files.write("t10k-labels-idx1-ubyte", labels_file(11));
    REQUIRE_THROWS_MATCHES(mnist::load(files.path()), DataError, says(" has 10 images but "));
    REQUIRE_THROWS_MATCHES(mnist::load(files.path()), DataError, says(" has 11 labels"));
}

TEST_CASE("mnist: a label that is no digit", "[data]") {
    const int label = GENERATE(10, 200, 255);
    const SmallMnist files;
    Bytes labels = labels_file(20);
    labels[8 + 17] = static_cast<std::byte>(label);
    files.write("train-labels-idx1-ubyte", labels);
    REQUIRE_THROWS_MATCHES(
        mnist::load(files.path()), DataError,
        says("train-labels-idx1-ubyte: expected labels from 0 to 9, label 17 is " + std::to_string(label)));
}

TEST_CASE("mnist: images and labels in each other's place", "[data]") {
    const SmallMnist files;
    files.write("train-images-idx3-ubyte", labels_file(20));
    REQUIRE_THROWS_MATCHES(
        mnist::load(files.path()), DataError,
        says("train-images-idx3-ubyte: expected an IDX file with the magic number 0x00000803 (images); it begins with "
             "0x00000801 (labels)"));
}

TEST_CASE("mnist: images of another size", "[data]") {
    const SmallMnist files;
    files.write("train-images-idx3-ubyte", images_file(20, 32, 28));
    REQUIRE_THROWS_MATCHES(mnist::load(files.path()), DataError,
                           says("train-images-idx3-ubyte: expected images of (28, 28), got (32, 28)"));
}

TEST_CASE("mnist: a damaged file in a set", "[data]") {
    const SmallMnist files("", true);
    Bytes packed = gzip(images_file(10));
    SECTION("cut short") {
        packed.resize(packed.size() / 2);
        files.write("t10k-images-idx3-ubyte.gz", packed);
        REQUIRE_THROWS_MATCHES(mnist::load(files.path()), DataError,
                               says("t10k-images-idx3-ubyte.gz: the gzip data are cut short"));
    }
    SECTION("another checksum") {
        packed[packed.size() - 8] ^= std::byte{1};
        files.write("t10k-images-idx3-ubyte.gz", packed);
        REQUIRE_THROWS_MATCHES(mnist::load(files.path()), DataError,
                               says("t10k-images-idx3-ubyte.gz: the gzip data are damaged"));
    }
}

TEST_CASE("mnist: the real files", "[data]") {
    const char* const directory = std::getenv("FOVEA_DATA");
    if (directory == nullptr) {
        // In continuous integration the files are there, so that missing them is a mistake.
        if (std::getenv("CI") != nullptr) FAIL("FOVEA_DATA is not set");
        WARN("skipped: FOVEA_DATA is not set");
        return;
    }
    const auto [train, test] = mnist::load(directory);
    CHECK(train.images.shape() == Shape{60000, 28, 28, 1});
    CHECK(test.images.shape() == Shape{10000, 28, 28, 1});
    CHECK(std::equal(train.labels.begin(), train.labels.begin() + 10,
                     Tensor<std::int32_t>{5, 0, 4, 1, 9, 2, 1, 3, 1, 4}.begin()));
    CHECK(std::equal(test.labels.begin(), test.labels.begin() + 10,
                     Tensor<std::int32_t>{7, 2, 1, 0, 4, 1, 4, 9, 5, 9}.begin()));
    // Worked out without fovea, from files whose SHA-256 is that of the published ones.
    CHECK(fnv1a(train.images) == 0xB6E6196608671562U);
    CHECK(fnv1a(train.labels) == 0xE3A35DEE662474A5U);
    CHECK(fnv1a(test.images) == 0x8614C3E55764D65FU);
    CHECK(fnv1a(test.labels) == 0xFCA1A11D31BD96BBU);
}
