/// Trains the article's network on drawn digits, augmented, for some steps and prints the hash of its weights, which must be the same whatever
/// the compiler, its flags, the instruction set and the number of threads.
///
///     weights_hash [STEPS]
#include <cstdio>
#include <cstdlib>

#include <fovea/fovea.hpp>

using namespace fovea;

int main(int argc, char** argv) {
    constexpr Activation relu = Activation::relu;
    const int steps = argc > 1 ? std::atoi(argv[1]) : 10;
    Sequential model{Input{28, 28, 1},
                     Conv2D{.filters = 32, .kernel_size = {3, 3}, .activation = relu},
                     MaxPooling2D{.pool_size = {2, 2}},
                     Conv2D{.filters = 64, .kernel_size = {3, 3}, .activation = relu},
                     MaxPooling2D{.pool_size = {2, 2}},
                     Conv2D{.filters = 64, .kernel_size = {3, 3}, .activation = relu},
                     Flatten{},
                     Dense{.units = 64, .activation = relu},
                     Dense{.units = 10, .activation = Activation::softmax}};
    model.compile({.optimizer = Adam{}, .loss = Loss::sparse_categorical_crossentropy});
    const Augment augmentations{RandomRotation{.degrees = 10}, RandomZoom{0.1}, RandomPerspective{.factor = 0.5},
                                RandomElasticTransform{}};
    model.fit(augment(synthetic_digits(64 * steps, 1), augmentations), {.batch_size = 64, .verbose = 0});
    std::printf("%016llx\n", static_cast<unsigned long long>(model.weights_hash()));
}
