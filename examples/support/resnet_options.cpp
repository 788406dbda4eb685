#include "resnet_options.hpp"

#include "command_line.hpp"

ResnetOptions::ResnetOptions(int argc, char** argv) {
    int threads = fovea::threads();
    std::int64_t seed = 0;
    CLI::App app("Trains ResNet-20 on CIFAR-10, read from pictures.");
    app.option_defaults()->always_capture_default();
    app.add_option("--data", data, "Folder with train/<class>/ and test/<class>/")->required();
    app.add_option("--epochs", epochs, "How often to go through the training pictures");
    app.add_option("--seed", seed, "Of the weights, the order of the pictures and their augmentation");
    app.add_option("--threads", threads, "Changes the time that training takes and nothing else");
    app.add_option("--verbose", verbose, "0: silent, 1: progress line, 2: one line an epoch");
    add_to(app);
    parse(app, argc, argv);
    require_range("--epochs", epochs, 1, 1'000'000);
    require_range("--verbose", verbose, 0, 2);
    set_threads_and_seed(threads, seed);
    open();
}
