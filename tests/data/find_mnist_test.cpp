#include <cstdlib>
#include <optional>
#include <string>
#include <utility>

#include <fovea/data/find_mnist.hpp>
#include <fovea/data/gzip.hpp>

#include "catch.hpp"
#include "support/small_mnist.hpp"

using namespace fovea;

namespace {

#ifndef _WIN32
/// Sets an environment variable, or takes it away, until the end of the scope.
class Environment {
public:
    Environment(std::string name, const char* value) : name_(std::move(name)) {
        if (const char* const before = std::getenv(name_.c_str())) before_ = before;
        set(value);
    }
    ~Environment() { set(before_ ? before_->c_str() : nullptr); }
    Environment(const Environment&) = delete;
    Environment& operator=(const Environment&) = delete;

private:
    void set(const char* value) const {
        if (value)
            setenv(name_.c_str(), value, 1);
        else
            unsetenv(name_.c_str());
    }

    std::string name_;
    std::optional<std::string> before_;
};
#endif

} // namespace

TEST_CASE("find_mnist: the order of the search", "[data]") {
    const SmallMnist asked;
    const SmallMnist fovea_data("mnist/");
    const SmallMnist cache("", true);
    const SmallMnist fashion("", true);
    mnist::Search search{asked.path(), fovea_data.path(), cache.path(), fashion.path()};

    CHECK(mnist::find(search).source == "Data: " + asked.path().string() + " (--data)");
    search.directory.clear();
    CHECK(mnist::find(search).source == "Data: " + fovea_data.path().string() + " (FOVEA_DATA)");
    search.fovea_data.clear();
    CHECK(mnist::find(search).source == "Data: MNIST in " + cache.path().string());
    search.cache.clear();
    const auto [train, test, source] = mnist::find(search);
    CHECK(source == "WARNING: no MNIST found; training on Fashion-MNIST in " + fashion.path().string() + " instead");
    CHECK(train.size() == 20);
    CHECK(test.size() == 10);
}

TEST_CASE("find_mnist: without anything that can be read, the library's own digits", "[data]") {
    // Packed Fashion-MNIST is left alone by a program without zlib.
    struct WithoutGzip {
        idx::Unpacker before = std::exchange(idx::gzip_unpacker, nullptr);
        ~WithoutGzip() { idx::gzip_unpacker = before; }
    } scope;
    const SmallMnist fashion("", true);
    const TemporaryDirectory empty;
    const auto [train, test, source] = mnist::find(mnist::Search{{}, {}, empty.path(), fashion.path()});
    CHECK(source == "WARNING: no MNIST found; training on digits drawn by fovea itself instead");
    CHECK(train.images.shape() == Shape{60000, 28, 28, 1});
    CHECK(test.images.shape() == Shape{10000, 28, 28, 1});
    CHECK(Tensor<std::uint8_t>(test.images.slice(7, 8)) == synthetic_digits(1, 0, 60007).images);
}

TEST_CASE("find_mnist: what the user asked for is not passed over", "[data]") {
    const SmallMnist cache;
    const TemporaryDirectory empty;
    const std::string missing = (empty.path() / "missing").string();
    REQUIRE_THROWS_MATCHES(mnist::find(mnist::Search{missing, {}, cache.path(), {}}), DataError,
                           says("--data is " + missing + ", but mnist: there is no directory " + missing));
    REQUIRE_THROWS_MATCHES(mnist::find(mnist::Search{{}, missing, cache.path(), {}}), DataError,
                           says("FOVEA_DATA is " + missing + ", but mnist: there is no directory " + missing));
    REQUIRE_THROWS_MATCHES(
        mnist::find(mnist::Search{{}, empty.path(), cache.path(), {}}), DataError,
        says("FOVEA_DATA is " + empty.path().string() + ", but mnist: expected train-images-idx3-ubyte, "));
}

TEST_CASE("find_mnist: an unfinished download is not MNIST, a damaged one is an error", "[data]") {
    const SmallMnist cache;
    const SmallMnist fashion;
    const mnist::Search search{{}, {}, cache.path(), fashion.path()};
    SECTION("unfinished") {
        cache.remove("t10k-images-idx3-ubyte");
        CHECK_THAT(mnist::find(search).source, contains("Fashion-MNIST"));
    }
    SECTION("damaged") {
        cache.write("t10k-images-idx3-ubyte", images_file(9));
        REQUIRE_THROWS_MATCHES(mnist::find(search), DataError, says("t10k-images-idx3-ubyte has 9 images but "));
    }
}

#ifndef _WIN32
TEST_CASE("find_mnist: the usual places follow the environment", "[data]") {
    const Environment data("FOVEA_DATA", "/some/data");
    const Environment home("HOME", "/home/somebody");
    const Environment cache("XDG_CACHE_HOME", nullptr);
    const auto usual = mnist::Search::usual("/asked/for");
    CHECK(usual.directory == "/asked/for");
    CHECK(usual.fovea_data == "/some/data");
    CHECK(usual.cache == "/home/somebody/.cache/fovea/mnist");
    CHECK(usual.fashion_mnist == "/usr/share/datasets/fashion-mnist");
    {
        const Environment elsewhere("XDG_CACHE_HOME", "/var/cache/somebody");
        CHECK(mnist::Search::usual_cache() == "/var/cache/somebody/fovea/mnist");
    }
    {
        const Environment unset("FOVEA_DATA", nullptr);
        CHECK(mnist::Search::usual().fovea_data.empty());
    }
    {
        const Environment homeless("HOME", nullptr);
        CHECK(mnist::Search::usual_cache().empty());
    }
}
#endif
