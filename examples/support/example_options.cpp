#include "example_options.hpp"

#include <iostream>

#include <fovea/data/find_mnist.hpp>
#include <fovea/data/gzip.hpp>

#include "command_line.hpp"

using namespace fovea;

ExampleOptions ExampleOptions::read(int argc, char** argv, const std::string& what) const {
    ExampleOptions options = *this;
    int thread_count = threads();
    Index seed = 0;

    CommandLine line(what);
    if (data)
        line.add_option(
            "--data", *options.data,
            "Folder with MNIST's four files, or \"drawn\" for digits that fovea draws; else FOVEA_DATA, then "
            "the user's cache");
    line.add_option("--epochs", options.epochs, "How often to go through the training images");
    line.add_option("--samples", options.samples, "Images to train on");
    line.add_option("--test-samples", options.test_samples, "Images to test on");
    line.add_option("--seed", seed, "Of the weights, the order of the images and what is drawn");
    line.add_option("--threads", thread_count, "Changes the time that training takes and nothing else");
    line.add_option("--verbose", options.verbose, "0: silent, 1: progress line, 2: one line an epoch");
    if (pgm) line.add_option("--pgm", *options.pgm, "File for a picture of some test images and what becomes of them");
    line.parse(argc, argv);

    require_range("--epochs", options.epochs, 1, 1'000'000);
    require_range("--samples", options.samples, 1, 1'000'000);
    require_range("--test-samples", options.test_samples, 1, 1'000'000);
    require_range("--verbose", options.verbose, 0, 2);
    set_threads_and_seed(thread_count, seed);
    return options;
}

Splits ExampleOptions::load() const {
    if (data == "drawn") return {synthetic_digits(samples, 0), synthetic_digits(test_samples, 0, samples)};
    const auto [train, test, source] = mnist::find(data.value_or(""));
    std::cout << source << '\n';
    return {train.take(samples), test.take(test_samples)};
}
