#pragma once
// What stb includes, ahead of it: it is included into a namespace.
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#if defined(__SSE2__) || defined(_M_X64)
#include <emmintrin.h>
#endif
#if defined(_MSC_VER)
#include <intrin.h>
#endif

#include <cstddef>

/// stb_image and stb_image_write, as static functions in a namespace of their own and with settings of their own. A program may have
/// its own copies, of another version too, in other files or in the same, ahead of this one or behind.
namespace fovea::image::detail {

/// The longest side that is read: JPEG has no longer ones, and PNG hardly.
inline constexpr int longest_side = 65535;

/// No picture may be larger when decoded. Pillow takes a picture of more pixels than this, in RGB, for an attack, too.
inline constexpr std::size_t most_decoded_bytes = std::size_t{1} << 28;

/// The largest single block that stb may ask for: 16 bits a number, and inflated data that grow by doubling.
inline constexpr std::size_t most_allocated_bytes = 4 * most_decoded_bytes;

/// Zeros, since stb goes on reading where a file has ended, and what it then shows should not be somebody else's memory.
inline void* stb_allocate(std::size_t size) { return size <= most_allocated_bytes ? calloc(1, size) : nullptr; }

inline void* stb_reallocate(void* old, std::size_t old_size, std::size_t size) {
    if (size > most_allocated_bytes) return nullptr;
    auto* const larger = static_cast<unsigned char*>(realloc(old, size));
    if (larger != nullptr && size > old_size) memset(larger + old_size, 0, size - old_size);
    return larger;
}

} // namespace fovea::image::detail

// The program's settings are put aside, and taken up again at the end.
#pragma push_macro("STBI_ASSERT")
#pragma push_macro("STBI_FREE")
#pragma push_macro("STBI_INCLUDE_STB_IMAGE_H")
#pragma push_macro("STBI_MALLOC")
#pragma push_macro("STBI_MAX_DIMENSIONS")
#pragma push_macro("STBI_NO_BMP")
#pragma push_macro("STBI_NO_FAILURE_STRINGS")
#pragma push_macro("STBI_NO_GIF")
#pragma push_macro("STBI_NO_HDR")
#pragma push_macro("STBI_NO_JPEG")
#pragma push_macro("STBI_NO_LINEAR")
#pragma push_macro("STBI_NO_PIC")
#pragma push_macro("STBI_NO_PNG")
#pragma push_macro("STBI_NO_PNM")
#pragma push_macro("STBI_NO_PSD")
#pragma push_macro("STBI_NO_STDIO")
#pragma push_macro("STBI_NO_TGA")
#pragma push_macro("STBI_NO_THREAD_LOCALS")
#pragma push_macro("STBI_NO_ZLIB")
#pragma push_macro("STBI_ONLY_BMP")
#pragma push_macro("STBI_ONLY_JPEG")
#pragma push_macro("STBI_ONLY_PNG")
#pragma push_macro("STBI_ONLY_TGA")
#pragma push_macro("STBI_REALLOC")
#pragma push_macro("STBI_REALLOC_SIZED")
#pragma push_macro("STBI_SUPPORT_ZLIB")
#pragma push_macro("STBI_WRITE_NO_STDIO")
#pragma push_macro("STBIDEF")
#pragma push_macro("STBIW_ASSERT")
#pragma push_macro("STBIW_FREE")
#pragma push_macro("STBIW_MALLOC")
#pragma push_macro("STBIW_REALLOC")
#pragma push_macro("STBIW_REALLOC_SIZED")
#pragma push_macro("STBIW_ZLIB_COMPRESS")
#pragma push_macro("STBIWDEF")
#pragma push_macro("STB_IMAGE_IMPLEMENTATION")
#pragma push_macro("STB_IMAGE_STATIC")
#pragma push_macro("STB_IMAGE_WRITE_IMPLEMENTATION")
#pragma push_macro("STB_IMAGE_WRITE_STATIC")
#pragma push_macro("INCLUDE_STB_IMAGE_WRITE_H")
#pragma push_macro("FAST_BITS")
#pragma push_macro("STBI_NOTUSED")
#pragma push_macro("STBI_SIMD_ALIGN")
#pragma push_macro("STBI_SSE2")
#pragma push_macro("STBI_THREAD_LOCAL")
#pragma push_macro("STBI__X64_TARGET")
#pragma push_macro("STBI__X86_TARGET")
#pragma push_macro("stbi__de_iphone_flag")
#pragma push_macro("stbi__err")
#pragma push_macro("stbi__errpf")
#pragma push_macro("stbi__errpuc")
#pragma push_macro("stbi__unpremultiply_on_load")
#pragma push_macro("stbi__vertically_flip_on_load")
#pragma push_macro("stbi_inline")
#pragma push_macro("stbi_lrot")
#pragma push_macro("stbi__resample_row_h_2")
#pragma push_macro("STBI_NO_SIMD")
#pragma push_macro("STBI_NEON")
#undef STBI_ASSERT
#undef STBI_FREE
#undef STBI_INCLUDE_STB_IMAGE_H
#undef STBI_MALLOC
#undef STBI_MAX_DIMENSIONS
#undef STBI_NO_BMP
#undef STBI_NO_FAILURE_STRINGS
#undef STBI_NO_GIF
#undef STBI_NO_HDR
#undef STBI_NO_JPEG
#undef STBI_NO_LINEAR
#undef STBI_NO_PIC
#undef STBI_NO_PNG
#undef STBI_NO_PNM
#undef STBI_NO_PSD
#undef STBI_NO_STDIO
#undef STBI_NO_TGA
#undef STBI_NO_THREAD_LOCALS
#undef STBI_NO_ZLIB
#undef STBI_ONLY_BMP
#undef STBI_ONLY_JPEG
#undef STBI_ONLY_PNG
#undef STBI_ONLY_TGA
#undef STBI_REALLOC
#undef STBI_REALLOC_SIZED
#undef STBI_SUPPORT_ZLIB
#undef STBI_WRITE_NO_STDIO
#undef STBIDEF
#undef STBIW_ASSERT
#undef STBIW_FREE
#undef STBIW_MALLOC
#undef STBIW_REALLOC
#undef STBIW_REALLOC_SIZED
#undef STBIW_ZLIB_COMPRESS
#undef STBIWDEF
#undef STB_IMAGE_IMPLEMENTATION
#undef STB_IMAGE_STATIC
#undef STB_IMAGE_WRITE_IMPLEMENTATION
#undef STB_IMAGE_WRITE_STATIC
#undef INCLUDE_STB_IMAGE_WRITE_H
#undef FAST_BITS
#undef STBI_NOTUSED
#undef STBI_SIMD_ALIGN
#undef STBI_SSE2
#undef STBI_THREAD_LOCAL
#undef STBI__X64_TARGET
#undef STBI__X86_TARGET
#undef stbi__de_iphone_flag
#undef stbi__err
#undef stbi__errpf
#undef stbi__errpuc
#undef stbi__unpremultiply_on_load
#undef stbi__vertically_flip_on_load
#undef stbi_inline
#undef stbi_lrot
#undef stbi__resample_row_h_2
#undef STBI_NO_SIMD
#undef STBI_NEON

#define STB_IMAGE_IMPLEMENTATION
#define STBI_INCLUDE_STB_IMAGE_H // leaves out the declarations: as extern "C" they would name the program's functions
#define STBIDEF static
#define STBI_ONLY_BMP
#define STBI_ONLY_JPEG
#define STBI_ONLY_PNG
#define STBI_ONLY_TGA
#define STBI_NO_LINEAR
#define STBI_NO_STDIO
#define STBI_ASSERT(condition) ((void)0) // what a hostile file does must not end the program
#define STBI_FREE(memory) free(memory)
#define STBI_MALLOC(size) ::fovea::image::detail::stb_allocate(size)
#define STBI_MAX_DIMENSIONS ::fovea::image::detail::longest_side
#define STBI_REALLOC(memory, size) realloc(memory, size)
#define STBI_REALLOC_SIZED(memory, old_size, size) ::fovea::image::detail::stb_reallocate(memory, old_size, size)

#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STB_IMAGE_WRITE_STATIC
#define STBI_WRITE_NO_STDIO
#define STBIW_ASSERT(condition) ((void)0)

#if defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Weverything"
#elif defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wextra"
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wsign-compare"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wunused-but-set-variable"
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#elif defined(_MSC_VER)
#pragma warning(push, 0)
#pragma warning(disable : 4505) // functions that nobody calls
#endif

namespace fovea::image::stb {

// What the implementation needs of the declarations.
enum { STBI_default = 0, STBI_grey = 1, STBI_grey_alpha = 2, STBI_rgb = 3, STBI_rgb_alpha = 4 };
typedef unsigned char stbi_uc;
typedef unsigned short stbi_us;
struct stbi_io_callbacks {
    int (*read)(void* user, char* data, int size);
    void (*skip)(void* user, int n);
    int (*eof)(void* user);
};

/// A row of chroma made twice as wide, in libjpeg's way. In place of stb's, which mistakes the last two numbers for each other: stb's
/// definition has a bracket behind the name and gets another one, its use has none.
static stbi_uc* stbi__resample_row_h_2(stbi_uc* out, stbi_uc* row, stbi_uc*, int width, int) {
    for (int i = 0; i < width; ++i) {
        const bool left = i > 0 && width > 2; // two numbers and one are only repeated
        const bool right = i + 1 < width && width > 2;
        out[2 * i] = left ? static_cast<stbi_uc>((3 * row[i] + row[i - 1] + 1) >> 2) : row[i];
        out[2 * i + 1] = right ? static_cast<stbi_uc>((3 * row[i] + row[i + 1] + 2) >> 2) : row[i];
    }
    return out;
}
#define stbi__resample_row_h_2(...) stbi__resample_row_h_2_of_stb(__VA_ARGS__)

#if __has_include(<stb_image.h>)
#include <stb_image.h>
#include <stb_image_write.h>
#else
#include <stb/stb_image.h>
#include <stb/stb_image_write.h>
#endif
} // namespace fovea::image::stb

#if defined(__clang__)
#pragma clang diagnostic pop
#elif defined(__GNUC__)
#pragma GCC diagnostic pop
#elif defined(_MSC_VER)
#pragma warning(pop)
#endif

#undef STBI_ASSERT
#pragma pop_macro("STBI_ASSERT")
#undef STBI_FREE
#pragma pop_macro("STBI_FREE")
#undef STBI_INCLUDE_STB_IMAGE_H
#pragma pop_macro("STBI_INCLUDE_STB_IMAGE_H")
#undef STBI_MALLOC
#pragma pop_macro("STBI_MALLOC")
#undef STBI_MAX_DIMENSIONS
#pragma pop_macro("STBI_MAX_DIMENSIONS")
#undef STBI_NO_BMP
#pragma pop_macro("STBI_NO_BMP")
#undef STBI_NO_FAILURE_STRINGS
#pragma pop_macro("STBI_NO_FAILURE_STRINGS")
#undef STBI_NO_GIF
#pragma pop_macro("STBI_NO_GIF")
#undef STBI_NO_HDR
#pragma pop_macro("STBI_NO_HDR")
#undef STBI_NO_JPEG
#pragma pop_macro("STBI_NO_JPEG")
#undef STBI_NO_LINEAR
#pragma pop_macro("STBI_NO_LINEAR")
#undef STBI_NO_PIC
#pragma pop_macro("STBI_NO_PIC")
#undef STBI_NO_PNG
#pragma pop_macro("STBI_NO_PNG")
#undef STBI_NO_PNM
#pragma pop_macro("STBI_NO_PNM")
#undef STBI_NO_PSD
#pragma pop_macro("STBI_NO_PSD")
#undef STBI_NO_STDIO
#pragma pop_macro("STBI_NO_STDIO")
#undef STBI_NO_TGA
#pragma pop_macro("STBI_NO_TGA")
#undef STBI_NO_THREAD_LOCALS
#pragma pop_macro("STBI_NO_THREAD_LOCALS")
#undef STBI_NO_ZLIB
#pragma pop_macro("STBI_NO_ZLIB")
#undef STBI_ONLY_BMP
#pragma pop_macro("STBI_ONLY_BMP")
#undef STBI_ONLY_JPEG
#pragma pop_macro("STBI_ONLY_JPEG")
#undef STBI_ONLY_PNG
#pragma pop_macro("STBI_ONLY_PNG")
#undef STBI_ONLY_TGA
#pragma pop_macro("STBI_ONLY_TGA")
#undef STBI_REALLOC
#pragma pop_macro("STBI_REALLOC")
#undef STBI_REALLOC_SIZED
#pragma pop_macro("STBI_REALLOC_SIZED")
#undef STBI_SUPPORT_ZLIB
#pragma pop_macro("STBI_SUPPORT_ZLIB")
#undef STBI_WRITE_NO_STDIO
#pragma pop_macro("STBI_WRITE_NO_STDIO")
#undef STBIDEF
#pragma pop_macro("STBIDEF")
#undef STBIW_ASSERT
#pragma pop_macro("STBIW_ASSERT")
#undef STBIW_FREE
#pragma pop_macro("STBIW_FREE")
#undef STBIW_MALLOC
#pragma pop_macro("STBIW_MALLOC")
#undef STBIW_REALLOC
#pragma pop_macro("STBIW_REALLOC")
#undef STBIW_REALLOC_SIZED
#pragma pop_macro("STBIW_REALLOC_SIZED")
#undef STBIW_ZLIB_COMPRESS
#pragma pop_macro("STBIW_ZLIB_COMPRESS")
#undef STBIWDEF
#pragma pop_macro("STBIWDEF")
#undef STB_IMAGE_IMPLEMENTATION
#pragma pop_macro("STB_IMAGE_IMPLEMENTATION")
#undef STB_IMAGE_STATIC
#pragma pop_macro("STB_IMAGE_STATIC")
#undef STB_IMAGE_WRITE_IMPLEMENTATION
#pragma pop_macro("STB_IMAGE_WRITE_IMPLEMENTATION")
#undef STB_IMAGE_WRITE_STATIC
#pragma pop_macro("STB_IMAGE_WRITE_STATIC")
#undef INCLUDE_STB_IMAGE_WRITE_H
#pragma pop_macro("INCLUDE_STB_IMAGE_WRITE_H")
#undef FAST_BITS
#pragma pop_macro("FAST_BITS")
#undef STBI_NOTUSED
#pragma pop_macro("STBI_NOTUSED")
#undef STBI_SIMD_ALIGN
#pragma pop_macro("STBI_SIMD_ALIGN")
#undef STBI_SSE2
#pragma pop_macro("STBI_SSE2")
#undef STBI_THREAD_LOCAL
#pragma pop_macro("STBI_THREAD_LOCAL")
#undef STBI__X64_TARGET
#pragma pop_macro("STBI__X64_TARGET")
#undef STBI__X86_TARGET
#pragma pop_macro("STBI__X86_TARGET")
#undef stbi__de_iphone_flag
#pragma pop_macro("stbi__de_iphone_flag")
#undef stbi__err
#pragma pop_macro("stbi__err")
#undef stbi__errpf
#pragma pop_macro("stbi__errpf")
#undef stbi__errpuc
#pragma pop_macro("stbi__errpuc")
#undef stbi__unpremultiply_on_load
#pragma pop_macro("stbi__unpremultiply_on_load")
#undef stbi__vertically_flip_on_load
#pragma pop_macro("stbi__vertically_flip_on_load")
#undef stbi_inline
#pragma pop_macro("stbi_inline")
#undef stbi_lrot
#pragma pop_macro("stbi_lrot")
#undef stbi__resample_row_h_2
#pragma pop_macro("stbi__resample_row_h_2")
#undef STBI_NO_SIMD
#pragma pop_macro("STBI_NO_SIMD")
#undef STBI_NEON
#pragma pop_macro("STBI_NEON")
