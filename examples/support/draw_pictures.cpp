// draw_pictures DIR: a few pictures of 32x32 in DIR/train/<class>/ and DIR/test/<class>/, each class of a colour of its own, for examples that
// read a folder.
#include <filesystem>
#include <iostream>

#include <fovea/core/random.hpp>
#include <fovea/image/save.hpp>

using namespace fovea;

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
} catch (const std::exception& error) {
    std::cerr << "draw_pictures: " << error.what() << '\n';
    return 1;
}
