#pragma once
#include <string>
#include <vector>

#include <fovea/core/shape.hpp>

/// The command line of predict_image.cpp. It is read in predict_image_options.cpp.
struct PredictImageOptions {
    std::string model;
    std::vector<std::string> pictures;
    fovea::Index top = 3;
    bool digit = false;

    /// Throws fovea::ValueError for an option that makes no sense; `--help` prints and ends the program.
    PredictImageOptions(int argc, char** argv);
};
