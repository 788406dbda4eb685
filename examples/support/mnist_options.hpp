#pragma once
#include <optional>
#include <string>

#include <fovea/data/dataset.hpp>
#include <fovea/models/model.hpp>
#include <fovea/optimizers/optimizer.hpp>

#include "resumable.hpp"

/// The command line of mnist_cnn.cpp. It is read in mnist_options.cpp.
struct MnistOptions : Resumable {
    std::string data; ///< empty: wherever mnist::find finds some
    fovea::Index epochs = 5;
    fovea::Index batch_size = 64;
    fovea::AnyOptimizer<float> optimizer; ///< Adam
    std::optional<fovea::Index> train_images;
    int verbose = 1;

    /// Sets the number of threads and the seed at once. Throws fovea::ValueError for an option that makes no sense; `--help` prints
    /// and ends the program.
    MnistOptions(int argc, char** argv);

    /// MNIST, or what there is in its place, and says so. Throws fovea::DataError.
    fovea::Splits load() const;

    /// With --save, to the file that it names. Throws fovea::DataError.
    void save(const fovea::Model<float>& model) const;

private:
    std::string file_;
};
