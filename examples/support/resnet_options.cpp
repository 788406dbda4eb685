#include "resnet_options.hpp"

#include <fovea/core/parallel.hpp>

#include "command_line.hpp"

ResnetOptions::ResnetOptions(int argc, char** argv) {
    int threads = fovea::threads();
    fovea::Index seed = 0;
    CommandLine line("Trains ResNet-20 on CIFAR-10, read from pictures.");
    line.add_required("--data", data, "Folder with train/<class>/ and test/<class>/");
    line.add_option("--epochs", epochs, "How often to go through the training pictures");
    line.add_option("--seed", seed, "Of the weights, the order of the pictures and their augmentation");
    line.add_option("--threads", threads, "Changes the time that training takes and nothing else");
    line.add_option("--verbose", verbose, "0: silent, 1: progress line, 2: one line an epoch");
    add_to(line);
    line.parse(argc, argv);
    require_range("--epochs", epochs, 1, 1'000'000);
    require_range("--verbose", verbose, 0, 2);
    set_threads_and_seed(threads, seed);
    open();
}
