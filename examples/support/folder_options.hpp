#pragma once
#include <string>

#include <fovea/augment/augment.hpp>
#include <fovea/image/color.hpp>

#include "resumable.hpp"

/// The command line of train_folder.cpp. It is read in folder_options.cpp.
struct FolderOptions : Resumable {
    std::string data; ///< folder with a subfolder for each class
    fovea::Index image_size = 64;
    fovea::image::ColorMode color_mode = fovea::image::ColorMode::rgb;
    fovea::Index cache_bytes = 0;
    double validation_split = 0.2;
    fovea::Index epochs = 10;
    fovea::Index batch_size = 32;
    fovea::Augment augmentation;
    std::string sheet; ///< where to draw some of the pictures; empty: nowhere
    std::string model = "model.safetensors";
    int verbose = 1;

    /// Sets the number of threads and the seed at once. Throws fovea::ValueError for an option that makes no sense, and for
    /// a folder with checkpoints without --resume; `--help` prints and ends the program.
    FolderOptions(int argc, char** argv);
};
