/// Trains the article's network on drawn digits, augmented, for some steps, and another one on float and double, and prints a hash of their
/// weights, which must be the same whatever the compiler, its flags, the instruction set and the number of threads.
///
///     weights_hash [STEPS]
#include <cstdio>
#include <cstdlib>

#include <fovea/core/hash.hpp>
#include <fovea/fovea.hpp>

using namespace fovea;

namespace {

std::uint64_t of_article(Index steps) {
    using enum Activation;
    Sequential model{Input{28, 28, 1},
                     Conv2D{.filters = 32, .kernel_size = {3, 3}, .activation = relu},
                     MaxPooling2D{.pool_size = {2, 2}},
                     Conv2D{.filters = 64, .kernel_size = {3, 3}, .activation = relu},
                     MaxPooling2D{.pool_size = {2, 2}},
                     Conv2D{.filters = 64, .kernel_size = {3, 3}, .activation = relu},
                     Flatten{},
                     Dense{.units = 64, .activation = relu},
                     Dense{.units = 10, .activation = softmax}};
    model.compile({.optimizer = Adam{}, .loss = Loss::sparse_categorical_crossentropy});
    const Augment augmentations{RandomRotation{.degrees = 10}, RandomZoom{0.1}, RandomPerspective{.factor = 0.5},
                                RandomElasticTransform{}};
    model.fit(augment(synthetic_digits(64 * steps, 1), augmentations), {.batch_size = 64, .verbose = 0});
    return model.weights_hash();
}

/// What the article's network does not reach: Winograd's gradients, depthwise convolutions, normalization, double.
template <class T>
std::uint64_t of_others(Index steps) {
    using enum Activation;
    Sequential<T> model{Input{28, 28, 1},
                        Conv2D{.filters = 24, .kernel_size = 3, .strides = 2, .padding = Padding::same},
                        BatchNormalization{},
                        ActivationLayer{gelu},
                        Conv2D{.filters = 24, .kernel_size = 3, .padding = Padding::same},
                        DepthwiseConv2D{.kernel_size = 3, .activation = silu},
                        LayerNormalization{},
                        GlobalAveragePooling2D{},
                        Dense{.units = 10, .activation = softmax}};
    model.compile({.optimizer = Adam{}, .loss = Loss::sparse_categorical_crossentropy});
    model.fit(synthetic_digits(16 * steps, 1), {.batch_size = 16, .verbose = 0});
    return model.weights_hash();
}

} // namespace

int main(int argc, char** argv) {
    const Index steps = argc > 1 ? std::atoi(argv[1]) : 10;
    const std::array<std::uint64_t, 3> hashes{of_article(steps), of_others<float>(steps), of_others<double>(steps)};
    std::printf("%016llx\n", static_cast<unsigned long long>(detail::fnv1a(std::as_bytes(std::span(hashes)))));
}
