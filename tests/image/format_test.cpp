#include <string>

#include <fovea/image/format.hpp>

#include "catch.hpp"

using namespace fovea::image;

TEST_CASE("format_of_name: the usual extensions in any case", "[image]") {
    CHECK(format_of_name("a/b.png") == Format::png);
    CHECK(format_of_name("b.JPG") == Format::jpeg);
    CHECK(format_of_name("b.Jpeg") == Format::jpeg);
    CHECK(format_of_name("b.bmp") == Format::bmp);
    CHECK(format_of_name("b.tga") == Format::tga);
    CHECK(format_of_name("b.pgm") == Format::pnm);
    CHECK(format_of_name("b.ppm") == Format::pnm);
    CHECK_FALSE(format_of_name("b.gif").has_value());
    CHECK_FALSE(format_of_name("png").has_value());
    CHECK_FALSE(format_of_name(".png").has_value());
}

TEST_CASE("format_of_bytes: signatures, and the header of TGA", "[image]") {
    const auto format = [](std::string bytes) {
        bytes.resize(18);
        return format_of_bytes(std::as_bytes(std::span(bytes)));
    };
    CHECK(format("\x89PNG\r\n") == Format::png);
    CHECK(format("\xFF\xD8\xFF\xE0") == Format::jpeg);
    CHECK(format("BM") == Format::bmp);
    CHECK(format("P6\n") == Format::pnm);
    CHECK_FALSE(format("P4\n").has_value());
    CHECK_FALSE(format("GIF89a").has_value());
    std::string tga(18, '\0');
    tga[2] = 2;
    tga[16] = 24;
    CHECK(format(tga) == Format::tga);
    tga[16] = 23;
    CHECK_FALSE(format(tga).has_value());
    CHECK_FALSE(format_of_bytes(std::as_bytes(std::span("B", 1))).has_value());
}
