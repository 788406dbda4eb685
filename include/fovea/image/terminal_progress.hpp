#pragma once
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>

#if defined(_WIN32)
#include <io.h>
#else
#include <unistd.h>
#endif

#include <fovea/image/image_list.hpp>

namespace fovea::image::detail {

inline bool stderr_is_terminal() {
#if defined(_WIN32)
    return _isatty(2) != 0;
#else
    return isatty(STDERR_FILENO) != 0;
#endif
}

/// A line on stderr that counts pictures, from the first second on, ten times a second. None if stderr is no terminal.
inline ImageProgress terminal_progress(const std::string& name) {
    if (!stderr_is_terminal()) return {};
    using Clock = std::chrono::steady_clock;
    return
        [name, drawn = Clock::now() + std::chrono::milliseconds(900), shown = false](Index done, Index total) mutable {
            const bool last = done == total;
            if (last ? !shown : Clock::now() - drawn < std::chrono::milliseconds(100)) return;
            drawn = Clock::now();
            shown = !last;
            const std::string of = total > 0 ? text(" of ", total) : "";
            std::fprintf(stderr, "\r%s: %td%s pictures%s", name.c_str(), done, of.c_str(), last ? "\n" : "");
            std::fflush(stderr);
        };
}

} // namespace fovea::image::detail
