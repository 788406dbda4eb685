#include "mnist_options.hpp"

#include <iostream>

#include <fovea/data/find_mnist.hpp>
#include <fovea/fovea.hpp>
#include <fovea/io/model_file.hpp>
#include <fovea/optimizers/all.hpp>

#include "command_line.hpp"

using namespace fovea;

MnistOptions::MnistOptions(int argc, char** argv) {
    std::string optimizer_name = "adam";
    std::optional<double> learning_rate;
    int thread_count = threads();
    Index seed = 0;

    CommandLine line("Trains the article's convolutional network on MNIST.");
    line.add_option("--data", data, "Folder with MNIST's four files; else FOVEA_DATA, then the user's cache");
    line.add_option("--epochs", epochs, "How often to go through the training images");
    line.add_option("--batch-size", batch_size, "Images to a training step");
    line.add_option("--optimizer", optimizer_name, "sgd, adam, adamw, muon or another of Keras's");
    line.add_option("--learning-rate", learning_rate, "The optimizer's own default if left out");
    line.add_option("--threads", thread_count, "Changes the time that training takes and nothing else");
    line.add_option("--seed", seed, "Of the weights and the order of the images");
    line.add_option("--verbose", verbose, "0: silent, 1: progress line, 2: one line an epoch");
    line.add_option("--train-images", train_images, "Train on only so many of the first images");
    line.add_option("--save", file_, "File for the trained network, which predict_image reads");
    add_to(line);
    line.parse(argc, argv);

    require_range("--epochs", epochs, 1, 1'000'000);
    require_range("--batch-size", batch_size, 1, 1'000'000);
    require_range("--verbose", verbose, 0, 2);
    require_range("--train-images", train_images.value_or(1), 1, 1'000'000);
    optimizer = optimizer_from_name<float>(optimizer_name, learning_rate);
    set_threads_and_seed(thread_count, seed);
    open();
}

Splits MnistOptions::load() const {
    auto [train, test, source] = mnist::find(data);
    if (train_images) train = train.take(*train_images);
    const std::string frame = source.starts_with("WARNING") ? std::string(80, '!') + '\n' : "";
    std::cout << frame << source << '\n'
              << frame << train.size() << " training images, " << test.size() << " test images; " << optimizer.name()
              << " with learning rate " << optimizer.learning_rate() << ", seed " << random_seed() << ", " << threads()
              << " threads\n\n";
    return {std::move(train), std::move(test)};
}

void MnistOptions::save(const Model<float>& model) const {
    if (!file_.empty()) model.save(file_);
}
