#include <cstdlib>

#include <fovea/data/gzip.hpp>
#include <fovea/data/load_dataset.hpp>

#include "catch.hpp"
#include "support/environment.hpp"
#include "support/small_mnist.hpp"

using namespace fovea;

TEST_CASE("load_dataset: MNIST and Fashion-MNIST are those that were published", "[data]") {
    const char* const data = std::getenv("FOVEA_DATA");
    if (data == nullptr) {
        WARN("skipped: FOVEA_DATA is not set");
        return;
    }
    const Splits mnist = load_dataset("mnist");
    CHECK(mnist.test.labels[0] == 7);
    CHECK(mnist.train.size() == 60000);
    if (std::filesystem::exists(fashion_mnist::debian_directory))
        CHECK(load_dataset("fashion_mnist", fashion_mnist::debian_directory).train.labels[0] == 9);
    REQUIRE_THROWS_MATCHES(load_dataset("fashion_mnist", data), DataError,
                           says("its SHA-256 is ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db, "
                                "expected c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888"));
}

TEST_CASE("load_dataset: what is not as published is refused", "[data]") {
    const SmallMnist small;
    REQUIRE_THROWS_MATCHES(load_dataset("mnist", small.path()), DataError,
                           says((small.path() / "train-images-idx3-ubyte").string() +
                                ": this is not what was published, its SHA-256 is "));

    const TemporaryDirectory directory;
    const Bytes record(3073);
    for (const char number : {'1', '2', '3', '4', '5'})
        directory.write(std::string("data_batch_") + number + ".bin", record);
    directory.write("test_batch.bin", record);
    CHECK(cifar10::load(directory.path()).train.size() == 5);
    // With Python's hashlib.
    REQUIRE_THROWS_MATCHES(load_dataset("cifar10", directory.path()), DataError,
                           says((directory.path() / "data_batch_1.bin").string() +
                                ": this is not what was published, its SHA-256 is "
                                "5fbf904d9c5cb6f356cb9eb1ee1d1511051088e1f08551ccbe753e4334fa6d9f, "
                                "expected cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5"));
    const std::array<std::string_view, 6> sums{"5fbf904d9c5cb6f356cb9eb1ee1d1511051088e1f08551ccbe753e4334fa6d9f",
                                               "5fbf904d9c5cb6f356cb9eb1ee1d1511051088e1f08551ccbe753e4334fa6d9f",
                                               "5fbf904d9c5cb6f356cb9eb1ee1d1511051088e1f08551ccbe753e4334fa6d9f",
                                               "5fbf904d9c5cb6f356cb9eb1ee1d1511051088e1f08551ccbe753e4334fa6d9f",
                                               "5fbf904d9c5cb6f356cb9eb1ee1d1511051088e1f08551ccbe753e4334fa6d9f",
                                               "none"};
    REQUIRE_THROWS_MATCHES(cifar10::load(directory.path(), sums), DataError, says("test_batch.bin: this is not"));

    directory.write("cifar-100-binary/train.bin", Bytes(3074));
    directory.write("cifar-100-binary/test.bin", Bytes(3074));
    CHECK(cifar100::load(directory.path()).train.size() == 1);
    REQUIRE_THROWS_MATCHES(load_dataset("cifar100", directory.path()), DataError,
                           says("train.bin: this is not what was published, its SHA-256 is "
                                "ff61f3a87b9944d67e053a3c595c810ad1b65ff6c4fdddac0a165ad839d42111, expected f31298fc"));
}

TEST_CASE("load_dataset: names and places that there are not", "[data]") {
    REQUIRE_THROWS_MATCHES(load_dataset("imagenet"), ValueError,
                           says("expected mnist, fashion_mnist, cifar10 or cifar100, got imagenet"));
    const TemporaryDirectory empty;
    REQUIRE_THROWS_MATCHES(load_dataset("mnist", empty.path()), DataError, says("found none of them"));
    const EnvironmentVariable data("FOVEA_DATA", empty.path().c_str());
    const EnvironmentVariable cache("XDG_CACHE_HOME", (empty.path() / "cache").c_str());
    REQUIRE_THROWS_MATCHES(load_dataset("cifar10"), DataError,
                           says("load_dataset: there is no cifar10 in " + (empty.path() / "cifar10").string() + ", " +
                                (empty.path() / "cache/fovea/cifar10").string() +
                                "; cmake -DDATASET=cifar10 -P cmake/DownloadDataset.cmake downloads it"));
}
