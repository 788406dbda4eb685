#include <fovea/image/draw_text.hpp>
#include <fovea/image/load.hpp>
#include <fovea/image/save.hpp>

// The program's stb, behind fovea's, whose settings it must not take over.
#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_ONLY_PNG
#if defined(__GNUC__)
#pragma GCC diagnostic ignored "-Wunused-function"
#endif
#include <stb_easy_font.h>
#include <stb_image.h>

#if defined(STBI_MALLOC) && defined(STBI_ONLY_JPEG)
#error "fovea left a setting behind"
#endif

bool program_behind_reads_only_png() {
    using namespace fovea;
    const Tensor<std::uint8_t> picture(Shape{2, 3, 3}, 7);
    const auto reads = [&](image::Format format) {
        const std::vector<std::byte> file = image::encode(picture, format);
        const auto* bytes = reinterpret_cast<const stbi_uc*>(file.data());
        int width = 0, height = 0, channels = 0;
        stbi_uc* const pixels =
            stbi_load_from_memory(bytes, static_cast<int>(file.size()), &width, &height, &channels, 0);
        stbi_image_free(pixels);
        return pixels != nullptr;
    };
    return reads(image::Format::png) && !reads(image::Format::jpeg) && !reads(image::Format::bmp);
}
