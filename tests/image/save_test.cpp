#include <cmath>
#include <cstdlib>
#include <limits>

#include <fovea/image/load.hpp>
#include <fovea/image/save.hpp>

#include "catch.hpp"
#include "reference/images.hpp"
#include "support/temporary_directory.hpp"

using namespace fovea;

TEST_CASE("save: what is written without loss is read again", "[image]") {
    const TemporaryDirectory directory;
    const auto kept = [&](const std::string& name, Index channels) {
        const Tensor<std::uint8_t> picture = reference::picture({7, 5, channels});
        const auto path = directory.path() / name;
        image::save(path, picture);
        CHECK(image::load(path) == picture);
    };
    for (const Index channels : {1, 2, 3, 4}) kept("picture.png", channels);
    for (const Index channels : {3, 4}) kept("picture.BMP", channels);
    kept("picture.pgm", 1);
    kept("picture.ppm", 3);
}

TEST_CASE("save: JPEG is as good as it is asked to be", "[image]") {
    const TemporaryDirectory directory;
    Tensor<std::uint8_t> picture(Shape{16, 16, 3});
    for (Index i = 0; i < picture.size(); ++i) picture[i] = static_cast<std::uint8_t>(8 * (i / 48) + i / 3 % 16);
    const auto worst = [&](int quality) {
        const auto path = directory.path() / "picture.jpg";
        image::save(path, picture, {.quality = quality});
        const Tensor<std::uint8_t> read = image::load(path);
        REQUIRE(read.shape() == picture.shape());
        int difference = 0;
        for (Index i = 0; i < picture.size(); ++i) difference = std::max(difference, std::abs(read[i] - picture[i]));
        return difference;
    };
    CHECK(worst(100) <= 4);
    CHECK(worst(5) > 4);
}

TEST_CASE("save: float from 0 to 1, and a picture without an axis of channels", "[image]") {
    const Tensor<float> picture{{0, 0.5F, 1}, {-3, 7, 0.25F}};
    CHECK(image::decode(image::encode(picture, image::Format::png)) ==
          Tensor<std::uint8_t>(Shape{2, 3, 1}, {0, 128, 255, 0, 255, 64}));
    const Tensor<float> bad(Shape{1, 1, 1}, std::numeric_limits<float>::quiet_NaN());
    REQUIRE_THROWS_MATCHES(image::encode(bad, image::Format::png), NumericError, says("(nan)"));
}

TEST_CASE("save: what cannot be written", "[image]") {
    const TemporaryDirectory directory;
    const Tensor<std::uint8_t> rgba(Shape{2, 2, 4});
    const auto at = [&](const char* name) { return directory.path() / name; };
    REQUIRE_THROWS_MATCHES(image::save(at("a.gif"), rgba), ValueError, says("a.gif: expected a name with .png"));
    REQUIRE_THROWS_MATCHES(image::save(at("a.tga"), rgba), ValueError, says("TGA is only read"));
    REQUIRE_THROWS_MATCHES(image::save(at("a.jpg"), rgba), ValueError, says("save: JPEG cannot hold 4 channels"));
    REQUIRE_THROWS_MATCHES(image::save(at("a.pgm"), rgba), ValueError, says("save: PNM cannot hold 4 channels"));
    REQUIRE_THROWS_MATCHES(image::save(at("no/a.png"), rgba), DataError, says("cannot be opened for writing"));
    REQUIRE_THROWS_MATCHES(image::save(at("a.png"), Tensor<std::uint8_t>(Shape{2, 2, 5})), ShapeError,
                           says("1 to 4 channels), got (2, 2, 5)"));
    REQUIRE_THROWS_MATCHES(image::save(at("a.png"), Tensor<std::uint8_t>(Shape{0, 2, 3})), DataError,
                           says("save: the picture has no pixels"));
    REQUIRE_THROWS_MATCHES(image::encode(Tensor<std::uint8_t>(Shape{2, 2, 3}), image::Format::jpeg, {.quality = 0}),
                           ValueError, says("a quality from 1 to 100, got 0"));
    CHECK(std::filesystem::is_empty(directory.path()));
}
