#pragma once
#include <string>

#include <fovea/core/shape.hpp>

#include "resumable.hpp"

/// The command line of resnet_cifar10.cpp. It is read in resnet_options.cpp.
struct ResnetOptions : Resumable {
    std::string data; ///< folder with train/ and test/
    fovea::Index epochs = 10;
    int verbose = 1;

    /// Sets the number of threads and the seed at once. Throws fovea::ValueError for an option that makes no sense; `--help` prints
    /// and ends the program.
    ResnetOptions(int argc, char** argv);
};
