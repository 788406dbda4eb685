// The article's network, trained on MNIST: the Keras script of docs/article.md, line for line.
#include <cinttypes>
#include <cstdio>
#include <iostream>

#include <fovea/data/gzip.hpp>
#include <fovea/fovea.hpp>

#include "support/mnist_options.hpp"

using namespace fovea;

int main(int argc, char** argv) try {
    using enum Activation;
    const MnistOptions options(argc, argv);

    const auto [train, test] = options.load();
    Sequential model{
        Input{28, 28, 1},
        Conv2D{.filters = 32, .kernel_size = {3, 3}, .activation = relu},
        MaxPooling2D{.pool_size = {2, 2}},
        Conv2D{.filters = 64, .kernel_size = {3, 3}, .activation = relu},
        MaxPooling2D{.pool_size = {2, 2}},
        Conv2D{.filters = 64, .kernel_size = {3, 3}, .activation = relu},
        Flatten{},
        Dense{.units = 64, .activation = relu},
        Dense{.units = 10, .activation = softmax},
    };
    model.summary();

    model.compile({
        .optimizer = options.optimizer,
        .loss = Loss::sparse_categorical_crossentropy,
        .metrics = {Metric::accuracy},
    });
    model.fit(train, {.epochs = options.epochs,
                      .batch_size = options.batch_size,
                      .verbose = options.verbose,
                      .callbacks = options.callbacks,
                      .checkpoint = options.checkpoint});
    options.save(model);
    const auto [loss, accuracy] = model.evaluate(test, {.verbose = options.verbose});

    std::printf("Weights hash: %016" PRIx64 "\n", model.weights_hash());
    std::printf("Test accuracy: %.4f\n", accuracy);
} catch (const Interrupted& stop) {
    std::cerr << "\nmnist_cnn: " << stop.what() << "; with --resume it goes on\n";
    return 130;
} catch (const Error& error) {
    std::cerr << "mnist_cnn: " << error.what() << '\n';
    return 1;
}
