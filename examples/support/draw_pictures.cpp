// draw_pictures DIR: a few pictures of 32x32 in DIR/train/<class>/ and DIR/test/<class>/, each class of a colour of its own, for examples that
// read a folder; drawn digits in DIR/digits/<digit>/, and ten others as if photographed, DIR/paper/<digit>.png.
#include <filesystem>
#include <iostream>

#include <fovea/core/random.hpp>
#include <fovea/data/synthetic_digits.hpp>
#include <fovea/image/resize.hpp>
#include <fovea/image/save.hpp>

using namespace fovea;

namespace {

/// An image of 28x28, white on black, as ink on a sheet of paper of 400x300: ten times as large, and not in the middle. The paper is not
/// quite white nor everywhere the same.
Tensor<std::uint8_t> on_paper(const Tensor<std::uint8_t>& digit, std::uint32_t number) {
    const Tensor<std::uint8_t> ink = image::resize(digit, {280, 280});
    const random::Stream draw{1, random::Purpose::user, number, 1};
    Tensor<std::uint8_t> paper(Shape{300, 400, 1});
    for (Index y = 0; y < 300; ++y)
        for (Index x = 0; x < 400; ++x) {
            const Index i = y * 400 + x;
            const Index dark = y < 280 && x >= 100 && x < 380 ? ink(y, x - 100, 0) * 3 / 4 : 0;
            const auto grain = static_cast<Index>(draw.below(static_cast<std::uint64_t>(i), 16));
            paper[i] = static_cast<std::uint8_t>(200 + y / 10 - dark + grain);
        }
    return paper;
}

void draw_digits(const std::filesystem::path& folder) {
    const Dataset digits = synthetic_digits(600, 0);
    std::filesystem::create_directories(folder / "paper");
    for (Index i = 0; i < digits.size(); ++i) {
        const std::string label = std::to_string(digits.labels[i]);
        const Tensor<std::uint8_t> picture(digits.images.slice(i, i + 1).reshape({28, 28, 1}));
        std::filesystem::create_directories(folder / "digits" / label);
        if (i < 500)
            image::save(folder / "digits" / label / (std::to_string(i) + ".png"), picture);
        else
            image::save(folder / "paper" / (label + ".png"), on_paper(picture, static_cast<std::uint32_t>(i)));
    }
}

} // namespace

int main(int argc, char** argv) try {
    require<ValueError>(argc == 2, "expected one folder");
    std::uint32_t number = 0;
    for (const char* part : {"train", "test"})
        for (int kind = 0; kind < 10; ++kind) {
            const auto folder = std::filesystem::path(argv[1]) / part / ("class" + std::to_string(kind));
            std::filesystem::create_directories(folder);
            for (int i = 0; i < 16; ++i) {
                Tensor<std::uint8_t> picture(Shape{32, 32, 3});
                const random::Stream draw{1, random::Purpose::user, number++, 0};
                for (Index k = 0; k < picture.size(); ++k) {
                    const int tint = (kind + 1) * (k % 3 == 0 ? 25 : k % 3 == 1 ? 75 : 125) % 200;
                    picture[k] = static_cast<std::uint8_t>(static_cast<std::uint32_t>(tint) +
                                                           draw.below(static_cast<std::uint64_t>(k), 56));
                }
                image::save(folder / (std::to_string(i) + ".png"), picture);
            }
        }
    draw_digits(argv[1]);
} catch (const std::exception& error) {
    std::cerr << "draw_pictures: " << error.what() << '\n';
    return 1;
}
