#pragma once
// What stb includes, ahead of it: it is included into a namespace.
#include <math.h>
#include <stdlib.h>

/// stb_easy_font: letters of a few straight strokes, as static functions in a namespace of their own.
#pragma push_macro("INCLUDE_STB_EASY_FONT_H")
#undef INCLUDE_STB_EASY_FONT_H

#if defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Weverything"
#elif defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wcast-align"
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wextra"
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wsign-compare"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wunused-function"
#elif defined(_MSC_VER)
#pragma warning(push, 0)
#pragma warning(disable : 4505) // functions that nobody calls
#endif

namespace fovea::image::stb {
#if __has_include(<stb_easy_font.h>)
#include <stb_easy_font.h>
#else
#include <stb/stb_easy_font.h>
#endif
} // namespace fovea::image::stb

#if defined(__clang__)
#pragma clang diagnostic pop
#elif defined(__GNUC__)
#pragma GCC diagnostic pop
#elif defined(_MSC_VER)
#pragma warning(pop)
#endif

#undef INCLUDE_STB_EASY_FONT_H
#pragma pop_macro("INCLUDE_STB_EASY_FONT_H")
