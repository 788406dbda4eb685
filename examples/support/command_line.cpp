#include "command_line.hpp"

#include <cstdint>
#include <cstdlib>
#include <optional>
#include <vector>

#include <CLI/CLI.hpp>
#include <fovea/core/parallel.hpp>
#include <fovea/core/random.hpp>

using fovea::Index;

CommandLine::CommandLine(const std::string& description) : app_(std::make_unique<CLI::App>(description)) {
    app_->option_defaults()->always_capture_default();
}

CommandLine::~CommandLine() = default;

template <class T>
void CommandLine::add_option(const std::string& name, T& value, const std::string& what) {
    app_->add_option(name, value, what);
}

template <class T>
void CommandLine::add_required(const std::string& name, T& value, const std::string& what) {
    app_->add_option(name, value, what)->required();
}

void CommandLine::add_flag(const std::string& name, bool& value, const std::string& what) {
    app_->add_flag(name, value, what);
}

void CommandLine::parse(int argc, char** argv) {
    try {
        app_->parse(argc, argv);
    } catch (const CLI::Success& help) {
        std::exit(app_->exit(help));
    } catch (const CLI::ParseError& error) {
        throw fovea::ValueError(error.what());
    }
}

template void CommandLine::add_option(const std::string&, Index&, const std::string&);
template void CommandLine::add_option(const std::string&, int&, const std::string&);
template void CommandLine::add_option(const std::string&, double&, const std::string&);
template void CommandLine::add_option(const std::string&, bool&, const std::string&);
template void CommandLine::add_option(const std::string&, std::string&, const std::string&);
template void CommandLine::add_option(const std::string&, std::optional<Index>&, const std::string&);
template void CommandLine::add_option(const std::string&, std::optional<double>&, const std::string&);
template void CommandLine::add_required(const std::string&, std::string&, const std::string&);
template void CommandLine::add_required(const std::string&, std::vector<std::string>&, const std::string&);

// CLI11 makes the largest integer of any that is larger still.
void require_range(const char* option, Index value, Index least, Index most) {
    fovea::require<fovea::ValueError>(least <= value && value <= most, option, " must be from ", least, " to ", most,
                                      ", got ", value);
}

void set_threads_and_seed(int threads, Index seed) {
    require_range("--threads", threads, 1, 1024);
    require_range("--seed", seed, 0, Index{1} << 62);
    fovea::set_threads(threads);
    fovea::set_random_seed(static_cast<std::uint64_t>(seed));
}
