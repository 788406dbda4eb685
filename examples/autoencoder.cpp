// A convolutional autoencoder: images through a code of 32 numbers and back, plain and from noisy images to clean ones.
//
// Mean squared error of pixels from 0 to 1, on MNIST: mean of three seeds, and the range.
//
//                           mean image   32 principal components     autoencoder
//     plain                     0.0643                    0.0175     0.0062 (0.0061 to 0.0063)
//     noise of deviation 0.5    0.0643   0.0277 (0.0277 to 0.0278)   0.0145 (0.0144 to 0.0146)
//
//     for s in 1 2 3; do ./autoencoder --data DIR --seed $s; done      # DIR has MNIST's four files; 35 s each on one core
//     ./autoencoder --data DIR --pgm digits.pgm     # rows: test images, components, autoencoder; noisy, components, autoencoder
#include <cinttypes>
#include <cstdio>
#include <iostream>

#include <fovea/fovea.hpp>

#include "support/example_options.hpp"
#include "support/pictures.hpp"
#include "support/principal_components.hpp"

using namespace fovea;

Sequential<float> autoencoder(Index code) {
    using enum Activation;
    return Sequential{
        Input{28, 28, 1},
        Conv2D{.filters = 16, .kernel_size = 3, .activation = relu, .strides = 2, .padding = Padding::same},
        Conv2D{.filters = 32, .kernel_size = 3, .activation = relu, .strides = 2, .padding = Padding::same},
        Flatten{},
        Dense{.units = code, .name = "code"},
        Dense{.units = 7 * 7 * 32, .activation = relu},
        Reshape{{7, 7, 32}},
        Conv2DTranspose{.filters = 16, .kernel_size = 3, .activation = relu, .strides = 2, .padding = Padding::same},
        Conv2DTranspose{.filters = 1, .kernel_size = 3, .activation = sigmoid, .strides = 2, .padding = Padding::same},
    };
}

int main(int argc, char** argv) try {
    const auto options = ExampleOptions{.epochs = 10, .samples = 10'000, .test_samples = 2000, .pgm = ""}.read(
        argc, argv, "Sends images through a code of 32 numbers, against as many principal components.");
    const Splits digits = options.load();
    const Tensor<float> train = numbers(digits.train.images);
    const Tensor<float> test = numbers(digits.test.images);

    constexpr Index code = 32;
    const PrincipalComponents mean(train, 0);
    const PrincipalComponents components(train, code);
    std::printf("Mean image: %.4f\n", mean_squared_error(mean.reconstruct(test), test));

    std::vector<Tensor<float>> pictures{test};
    for (const double noise : {0.0, 0.5}) {
        const Tensor<float> noisy_train = with_noise(train, noise, 0);
        const Tensor<float> noisy_test = with_noise(test, noise, 1);
        Sequential model = autoencoder(code);
        model.compile({.optimizer = Adam{.learning_rate = 2e-3}, .loss = Loss::mean_squared_error});
        model.fit(noisy_train, train, {.epochs = options.epochs, .verbose = options.verbose});

        const Tensor<float> linear = components.reconstruct(noisy_test);
        const Tensor<float> learnt = model.predict(noisy_test);
        std::printf("Principal components, noise %.1f: %.4f\n", noise, mean_squared_error(linear, test));
        std::printf("Autoencoder, noise %.1f: %.4f\n", noise, mean_squared_error(learnt, test));
        std::printf("Weights hash, noise %.1f: %016" PRIx64 "\n", noise, model.weights_hash());
        if (noise > 0) pictures.push_back(noisy_test);
        pictures.insert(pictures.end(), {linear, learnt});
    }
    if (!options.pgm->empty()) write_pgm(*options.pgm, pictures, 16);
} catch (const Error& error) {
    std::cerr << "autoencoder: " << error.what() << '\n';
    return 1;
}
