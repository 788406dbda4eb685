#include <algorithm>
#include <cstdlib>

#include <fovea/image/load.hpp>
#include <fovea/image/save.hpp>

#include "catch.hpp"
#include "reference/images.hpp"
#include "support/temporary_directory.hpp"

using namespace fovea;

namespace {

image::ColorMode mode_of(const std::string& pillow) {
    if (pillow == "L") return image::ColorMode::grayscale;
    if (pillow == "RGB") return image::ColorMode::rgb;
    return pillow == "RGBA" ? image::ColorMode::rgba : image::ColorMode::as_is; // LA
}

int largest_difference(const Tensor<std::uint8_t>& a, const Tensor<std::uint8_t>& b) {
    REQUIRE(a.shape() == b.shape());
    int largest = 0;
    for (Index i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
    return largest;
}

} // namespace

TEST_CASE("load: what Pillow decodes, from memory and from files", "[image]") {
    const TemporaryDirectory directory;
    for (const reference::RecordedFile& file : reference::read_images().files) {
        const auto path = directory.write(file.name, file.bytes);
        for (const auto& [mode, pixels] : file.pixels) {
            INFO(file.name << " as " << mode);
            CHECK(largest_difference(image::decode(file.bytes, mode_of(mode)), pixels) == 0);
            CHECK(image::load(path, mode_of(mode)) == image::decode(file.bytes, mode_of(mode)));
        }
        const image::Info info = image::inspect(path);
        CHECK(info.height == file.pixels.begin()->second.shape()[0]);
        CHECK(info.width == file.pixels.begin()->second.shape()[1]);
    }
}

TEST_CASE("load: channels as in the file, or as asked for", "[image]") {
    using image::ColorMode;
    const reference::RecordedImages recorded = reference::read_images();
    const auto channels = [&](const std::string& name, ColorMode mode) {
        return image::decode(recorded.file(name).bytes, mode).shape()[2];
    };
    CHECK(channels("png_L", ColorMode::as_is) == 1);
    CHECK(channels("png_LA", ColorMode::as_is) == 2);
    CHECK(channels("png_RGB", ColorMode::as_is) == 3);
    CHECK(channels("png_RGBA", ColorMode::as_is) == 4);
    CHECK(channels("jpeg_444", ColorMode::as_is) == 3);
    CHECK(channels("jpeg_L", ColorMode::as_is) == 1);
    for (const char* const name : {"png_LA", "jpeg_444", "pgm", "tga_RGBA"}) {
        CHECK(channels(name, ColorMode::grayscale) == 1);
        CHECK(channels(name, ColorMode::rgb) == 3);
        CHECK(channels(name, ColorMode::rgba) == 4);
    }
}

TEST_CASE("load: float is value / 255", "[image]") {
    const reference::RecordedImages recorded = reference::read_images();
    const auto& bytes = recorded.file("png_RGB").bytes;
    const Tensor<std::uint8_t> whole = image::decode(bytes);
    const Tensor<float> parts = image::decode<float>(bytes);
    REQUIRE(parts.shape() == whole.shape());
    for (Index i = 0; i < whole.size(); ++i) CHECK(parts[i] == static_cast<float>(whole[i]) / 255.0F);
}

TEST_CASE("load: the contents decide what a file is, not its name", "[image]") {
    const TemporaryDirectory directory;
    const reference::RecordedImages recorded = reference::read_images();
    const auto& png = recorded.file("png_RGB");
    CHECK(image::load(directory.write("photo.jpg", png.bytes)) == png.pixels.at("RGB"));
}

TEST_CASE("load: PGM and PPM as text, with other largest values, of two bytes", "[image]") {
    const auto decode = [](const std::string& file) { return image::decode(std::as_bytes(std::span(file))); };
    CHECK(decode("P2 # a comment\n3 # wide\n2 255\n1 2 3\n4 5 6") ==
          Tensor<std::uint8_t>(Shape{2, 3, 1}, {1, 2, 3, 4, 5, 6}));
    CHECK(decode("P3 1 1 15\n0 15 7") == Tensor<std::uint8_t>(Shape{1, 1, 3}, {0, 255, 119})); // 7 * 17
    CHECK(decode(std::string("P5 2 1 1\n\0\1", 11)) == Tensor<std::uint8_t>(Shape{1, 2, 1}, {0, 255}));
    CHECK(decode(std::string("P5 2 1 65535\n\xFF\xFF\x80\x00", 17)) ==
          Tensor<std::uint8_t>(Shape{1, 2, 1}, {255, 128})); // 32768 / 257 = 127.5
    REQUIRE_THROWS_MATCHES(decode("P2 1 1 7 8"), DataError, says("picture: a value is 8, the largest is 7"));
    REQUIRE_THROWS_MATCHES(decode("P2 1 1 70000 8"), DataError, says("a largest value from 1 to 65535, got 70000"));
    REQUIRE_THROWS_MATCHES(decode("P2 1 x 7 8"), DataError, says("expected a number up to 99999 near byte 5"));
}

TEST_CASE("load: files that are not there", "[image]") {
    const TemporaryDirectory directory;
    const auto path = directory.path() / "photo.png";
    REQUIRE_THROWS_MATCHES(image::load(path), DataError, says(path.string() + ": there is no such file"));
    REQUIRE_THROWS_MATCHES(image::load(directory.path()), DataError,
                           says(directory.path().string() + ": expected a file, it is a directory"));
    REQUIRE_THROWS_MATCHES(image::inspect(path), DataError, says("there is no such file"));
}
