// The program's stb, ahead of fovea's and with settings that fovea's must not take over.
#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STBI_ONLY_BMP
#define STBI_WRITE_NO_STDIO
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#endif
#include <stb_easy_font.h>
#include <stb_image.h>
#include <stb_image_write.h>
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

#include <fovea/image/draw_text.hpp>
#include <fovea/image/load.hpp>
#include <fovea/image/save.hpp>

bool program_behind_reads_only_png();

#ifndef STBI_ONLY_BMP
#error "fovea took away a setting of the program"
#endif

int main() {
    using namespace fovea;
    const Tensor<std::uint8_t> picture(Shape{2, 3, 3}, 7);
    const std::vector<std::byte> png = image::encode(picture, image::Format::png);
    const bool fovea_reads_png = image::decode(png) == picture;
    const auto* bytes = reinterpret_cast<const stbi_uc*>(png.data());
    int width = 0, height = 0, channels = 0;
    stbi_uc* const pixels = stbi_load_from_memory(bytes, static_cast<int>(png.size()), &width, &height, &channels, 0);
    const bool program_reads_png = pixels != nullptr;
    stbi_image_free(pixels);
    stb_easy_font_spacing(3); // of the program's letters, not of fovea's
    char letter[] = "a";
    const bool own_letters = stb_easy_font_width(letter) == image::detail::text_width(letter) + 3;
    return fovea_reads_png && !program_reads_png && own_letters && program_behind_reads_only_png() ? 0 : 1;
}
