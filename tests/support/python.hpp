#pragma once
#include <cstdlib>
#include <filesystem>
#include <string>

#include <fovea/core/error.hpp>

/// Whether there is a Python with the packages that fovea is compared with: what FOVEA_PYTHON names.
inline bool has_python() { return std::getenv("FOVEA_PYTHON") != nullptr; }

/// Runs a script of tests/ on a folder, told what to do there if it does several things; whether it is content.
inline bool python_is_content(const std::string& script, const std::filesystem::path& folder,
                              const std::string& verb = "") {
    const std::string command = fovea::text('"', std::getenv("FOVEA_PYTHON"), "\" \"" FOVEA_TEST_DIRECTORY "/", script,
                                            "\" ", verb, " \"", folder.string(), '"');
    return std::system(command.c_str()) == 0;
}
