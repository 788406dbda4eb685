#pragma once
#include <optional>
#include <string>

#include <fovea/data/dataset.hpp>

/// The command line that the examples share. Each has defaults of its own:
///
///     const auto options = ExampleOptions{.epochs = 5, .samples = 4000}.read(argc, argv, "Trains ...");
struct ExampleOptions {
    fovea::Index epochs = 5;
    fovea::Index samples = 4000;          ///< to train on
    fovea::Index test_samples = 2000;     ///< that no training sees
    std::optional<std::string> data = ""; ///< empty: wherever mnist::find finds some; none: the example draws its own
    std::optional<std::string> pgm = {};  ///< where to write a picture; none: the example has none
    int verbose = 0;

    /// These, but for what the command line says; sets the number of threads and the seed at once. Throws fovea::ValueError for an
    /// option that makes no sense; `--help` prints `what` the example does and ends the program.
    ExampleOptions read(int argc, char** argv, const std::string& what) const;

    /// The first `samples` and `test_samples` images of MNIST, or of what there is in its place, and says so. Throws
    /// fovea::ValueError if there are not so many, fovea::DataError as mnist::find does.
    fovea::Splits load() const;
};
