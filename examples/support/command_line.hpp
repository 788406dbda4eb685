#pragma once
#include <cstdint>
#include <cstdlib>

#include <CLI/CLI.hpp>
#include <fovea/core/parallel.hpp>
#include <fovea/core/random.hpp>

/// Throws fovea::ValueError for an option that does not fit; `--help` prints and ends the program.
inline void parse(CLI::App& app, int argc, char** argv) {
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& help) {
        std::exit(app.exit(help));
    } catch (const CLI::ParseError& error) {
        throw fovea::ValueError(error.what());
    }
}

/// CLI11 makes the largest integer of any that is larger still.
inline void require_range(const char* option, std::int64_t value, std::int64_t least, std::int64_t most) {
    fovea::require<fovea::ValueError>(least <= value && value <= most, option, " must be from ", least, " to ", most,
                                      ", got ", value);
}

/// What --threads and --seed say.
inline void set_threads_and_seed(int threads, std::int64_t seed) {
    require_range("--threads", threads, 1, 1024);
    require_range("--seed", seed, 0, (std::int64_t{1} << 62));
    fovea::set_threads(threads);
    fovea::set_random_seed(static_cast<std::uint64_t>(seed));
}
