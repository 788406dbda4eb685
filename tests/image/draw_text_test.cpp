#include <fovea/image/draw_text.hpp>

#include "catch.hpp"

using namespace fovea;

namespace {

/// Rows of a text on a white picture: # where it is dark.
std::vector<std::string> drawn(const std::string& text, Index top = 0, Index left = 0, Index width = 14) {
    Tensor<std::uint8_t> picture(Shape{image::detail::text_height, width, 1}, 255);
    image::detail::draw_text(picture, top, left, text);
    std::vector<std::string> rows;
    for (Index row = 0; row < image::detail::text_height; ++row) {
        rows.emplace_back();
        for (Index column = 0; column < width; ++column) rows.back() += picture(row, column, 0) == 0 ? '#' : ' ';
    }
    return rows;
}

} // namespace

TEST_CASE("draw_text: letters that can be read", "[image]") {
    std::vector<std::string> expected{"#####  ####   ", //
                                      "  #       #   ", //
                                      "  #       #   ", //
                                      "  #      #    ", //
                                      "  #      #    ", //
                                      "  #     #     ", //
                                      "  #     #     "};
    expected.resize(12, std::string(14, ' '));
    CHECK(drawn("T7") == expected);
}

TEST_CASE("draw_text: outside of the picture nothing is drawn", "[image]") {
    const auto shifted = drawn("T7", 0, 3);
    const auto whole = drawn("T7");
    for (std::size_t row = 0; row < whole.size(); ++row) CHECK(shifted[row].substr(3) == whole[row].substr(0, 11));
    CHECK(drawn("T7", -100, 0) == std::vector<std::string>(12, std::string(14, ' ')));
    CHECK(drawn("T7", 100, 100) == std::vector<std::string>(12, std::string(14, ' ')));
    CHECK(drawn("T7", -3, -5)[0].substr(0, 9) == whole[3].substr(5));
    CHECK(drawn("") == std::vector<std::string>(12, std::string(14, ' ')));
}

TEST_CASE("draw_text: what has no letter is a question mark", "[image]") {
    CHECK(image::detail::drawable("K\xC3\xA4tzchen\n\x7F~") == "K?tzchen??~");
    std::string all;
    for (int c = 32; c < 127; ++c) all += static_cast<char>(c);
    CHECK(image::detail::drawable(all) == all);
    for (const char c : all) { // none needs more strokes than there is room for
        INFO(c);
        const auto once = drawn(std::string(1, c));
        const auto twice = drawn(std::string(2, c), 0, 0, 40);
        const auto wide = static_cast<std::size_t>(image::detail::text_width(std::string(1, c)));
        for (std::size_t row = 0; row < once.size(); ++row)
            CHECK(twice[row].substr(wide, wide) == once[row].substr(0, wide));
    }
}

TEST_CASE("draw_text: cut to a width", "[image]") {
    using image::detail::fitted_text;
    CHECK(fitted_text("cat", 100) == "cat");
    const std::string cut = fitted_text("golden retriever", 50);
    CHECK_THAT(cut, contains("golde"));
    CHECK(cut.ends_with(".."));
    CHECK(image::detail::text_width(cut) <= 50);
    CHECK(image::detail::text_width(fitted_text("golden retriever", 0)) > 0);
}
