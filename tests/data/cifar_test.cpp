#include <fovea/data/cifar.hpp>

#include "catch.hpp"
#include "support/idx_files.hpp"
#include "support/temporary_directory.hpp"

using namespace fovea;

namespace {

/// One record: its labels, and planes whose pixels are `first`, `first` + 50 and `first` + 100, the first one of each 9 more.
Bytes cifar_record(const std::vector<int>& labels, int first) {
    Bytes bytes;
    for (const int label : labels) bytes.push_back(static_cast<std::byte>(label));
    for (int plane = 0; plane < 3; ++plane)
        for (int pixel = 0; pixel < 1024; ++pixel)
            bytes.push_back(static_cast<std::byte>(first + 50 * plane + (pixel == 0 ? 9 : 0)));
    return bytes;
}

Bytes both(Bytes first, const Bytes& second) {
    first.insert(first.end(), second.begin(), second.end());
    return first;
}

/// CIFAR-10 with two training images in the first file, one in each other, and one test image.
class SmallCifar {
public:
    explicit SmallCifar(const std::string& folder = "") : folder_(folder) {
        write("data_batch_1.bin", both(cifar_record({3}, 1), cifar_record({9}, 2)));
        for (int i = 2; i <= 5; ++i) write("data_batch_" + std::to_string(i) + ".bin", cifar_record({i}, 10 * i));
        write("test_batch.bin", cifar_record({0}, 7));
    }
    void write(const std::string& name, const Bytes& bytes) const { directory_.write(folder_ + name, bytes); }
    const std::filesystem::path& path() const { return directory_.path(); }

private:
    TemporaryDirectory directory_;
    std::string folder_;
};

} // namespace

TEST_CASE("cifar10: the six files, planes made channels", "[data]") {
    const SmallCifar cifar(GENERATE("", "cifar-10-batches-bin/"));
    const auto [train, test] = cifar10::load(cifar.path());
    CHECK(train.images.shape() == Shape{6, 32, 32, 3});
    CHECK(train.labels == Tensor<std::int32_t>{3, 9, 2, 3, 4, 5});
    CHECK(test.labels == Tensor<std::int32_t>{0});
    CHECK(Tensor<std::uint8_t>(train.images.row(1).row(0).slice(0, 2)) ==
          Tensor<std::uint8_t>{{11, 61, 111}, {2, 52, 102}});
    CHECK(train.images(5, 31, 31, 2) == 150);
    CHECK(cifar10::class_names[9] == "truck");
}

TEST_CASE("cifar10: files that are missing or damaged", "[data]") {
    const SmallCifar cifar;
    const std::string path = (cifar.path() / "data_batch_4.bin").string();
    SECTION("missing") {
        std::filesystem::remove(path);
        REQUIRE_THROWS_MATCHES(cifar10::load(cifar.path()), DataError, says(path + ": there is no such file"));
    }
    SECTION("cut short") {
        cifar.write("data_batch_4.bin", Bytes(3072));
        REQUIRE_THROWS_MATCHES(cifar10::load(cifar.path()), DataError,
                               says(path + ": expected records of 3073 bytes, the file has 3072"));
    }
    SECTION("empty") {
        cifar.write("data_batch_4.bin", {});
        REQUIRE_THROWS_MATCHES(cifar10::load(cifar.path()), DataError, says("the file has 0"));
    }
    SECTION("a label that there is not") {
        cifar.write("data_batch_4.bin", both(cifar_record({1}, 0), cifar_record({10}, 0)));
        REQUIRE_THROWS_MATCHES(cifar10::load(cifar.path()), DataError,
                               says(path + ": expected labels from 0 to 9, that of record 1 is 10"));
    }
}

TEST_CASE("cifar100: fine and coarse labels", "[data]") {
    const TemporaryDirectory directory;
    directory.write("cifar-100-binary/train.bin", both(cifar_record({19, 99}, 1), cifar_record({0, 7}, 2)));
    directory.write("cifar-100-binary/test.bin", cifar_record({4, 44}, 3));
    CHECK(cifar100::load(directory.path()).train.labels == Tensor<std::int32_t>{99, 7});
    CHECK(cifar100::load(directory.path(), cifar100::LabelMode::coarse).train.labels == Tensor<std::int32_t>{19, 0});
    CHECK(cifar100::load(directory.path()).test.images(0, 0, 1, 1) == 53);
    directory.write("cifar-100-binary/test.bin", cifar_record({20, 100}, 3));
    REQUIRE_THROWS_MATCHES(cifar100::load(directory.path()), DataError, says("expected labels from 0 to 99"));
}
