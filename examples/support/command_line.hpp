#pragma once
#include <memory>
#include <string>

#include <fovea/core/shape.hpp>

namespace CLI {
class App;
}

/// The command line of a program, read by CLI11, which command_line.cpp alone has to compile.
class CommandLine {
public:
    explicit CommandLine(const std::string& description);
    ~CommandLine();

    /// `value` is the default. Of one of the types Index, int, double, bool, std::string, std::optional of Index or double.
    template <class T>
    void add_option(const std::string& name, T& value, const std::string& what);

    /// One that must be there: a std::string, or a std::vector of them.
    template <class T>
    void add_required(const std::string& name, T& value, const std::string& what);

    void add_flag(const std::string& name, bool& value, const std::string& what);

    /// Throws fovea::ValueError for an option that does not fit; `--help` prints and ends the program.
    void parse(int argc, char** argv);

private:
    std::unique_ptr<CLI::App> app_;
};

void require_range(const char* option, fovea::Index value, fovea::Index least, fovea::Index most);

/// What --threads and --seed say.
void set_threads_and_seed(int threads, fovea::Index seed);
