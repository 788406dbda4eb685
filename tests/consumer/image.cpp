#include <fovea/image/all.hpp>
#include <fovea/version.hpp>

#include <iostream>

int main() {
    using namespace fovea;
    const Tensor<std::uint8_t> picture(Shape{2, 3, 3}, 7);
    const Tensor<std::uint8_t> read = image::decode(image::encode(picture, image::Format::png));
    std::cout << "fovea " << version << " with pictures\n";
    return read == picture ? 0 : 1;
}
