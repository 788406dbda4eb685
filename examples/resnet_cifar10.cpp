// ResNet-20 (He et al. 2016, "Deep Residual Learning for Image Recognition", section 4.2) on CIFAR-10, read from a folder of pictures,
// train/<class>/*.jpg and test/<class>/*.jpg. Each epoch every picture is shifted by up to 4 pixels and perhaps mirrored.
//
//                     test accuracy   seconds an epoch, median and range
//     fovea           0.8099          71.5 (66 to 90)     # reading and decoding the pictures included
//     PyTorch 2.15    0.8080          86.3 (82 to 102)    # with all pictures decoded beforehand
//
// One run of each, one after the other, on the same 4 virtual cores:
//
//     resnet_cifar10 --data DIR --epochs 8 --verbose 2
//     python bench/peers/resnet_cifar10.py --data DIR --epochs 8 --threads 4      # the same recipe in PyTorch
#include <cinttypes>
#include <cstdio>
#include <iostream>

#include <fovea/fovea.hpp>
#include <fovea/image/image_folder.hpp>

#include "support/resnet_options.hpp"

using namespace fovea;

namespace {

/// A convolution and the normalization behind it. The decay of 1e-4 is that of He et al., who count half the square.
auto normalized(Index filters, Index kernel, Index strides) {
    return Chain{Conv2D{.filters = filters,
                        .kernel_size = kernel,
                        .strides = strides,
                        .padding = Padding::same,
                        .use_bias = false,
                        .kernel_initializer = Initializer::he_normal,
                        .kernel_regularizer = L2{0.5e-4}},
                 BatchNormalization{.momentum = 0.9, .epsilon = 1e-5}};
}

Sequential<float> resnet20() {
    using enum Activation;
    Sequential model{Input{32, 32, 3}, normalized(16, 3, 1), ActivationLayer{relu}};
    for (const Index filters : {16, 32, 64})
        for (int block = 0; block < 3; ++block) {
            const Index strides = block == 0 && filters > 16 ? 2 : 1;
            const Chain body{normalized(filters, 3, strides), ActivationLayer{relu}, normalized(filters, 3, 1)};
            if (strides > 1)
                model.add(Residual{body, normalized(filters, 1, strides)});
            else
                model.add(Residual{body});
            model.add(ActivationLayer{relu});
        }
    model.add(GlobalAveragePooling2D{});
    model.add(Dense{.units = 10, .activation = softmax, .kernel_regularizer = L2{0.5e-4}});
    return model;
}

/// Shifts by up to 4 pixels, with black from outside, and mirrors one in two. A function of seed, epoch and sample, as all that is random.
void shift_and_mirror(View<float> x, Index sample, Index epoch) {
    const random::Stream draw{random_seed(), random::Purpose::user, static_cast<std::uint32_t>(sample),
                              static_cast<std::uint32_t>(epoch)};
    const auto shift = [&](std::uint64_t number) { return static_cast<Index>(draw.below(number, 9)) - 4; };
    const Index down = shift(0), right = shift(1);
    const bool mirrored = draw.below(2, 2) == 1;
    const Tensor<float> before(x);
    const Index height = x.shape()[0], width = x.shape()[1];
    for (Index row = 0; row < height; ++row)
        for (Index column = 0; column < width; ++column)
            for (Index c = 0; c < x.shape()[2]; ++c) {
                const Index from_row = row + down, from = (mirrored ? width - 1 - column : column) + right;
                const bool inside = 0 <= from_row && from_row < height && 0 <= from && from < width;
                x(row, column, c) = inside ? before(from_row, from, c) : 0;
            }
}

} // namespace

int main(int argc, char** argv) try {
    const ResnetOptions options(argc, argv);
    const ImageFolder train(options.data + "/train", {.cache_bytes = 200 << 20});
    const ImageFolder test(options.data + "/test", {.cache_bytes = 40 << 20});

    const auto augmented = map(train, shift_and_mirror);

    Sequential model = resnet20();
    model.compile({
        .optimizer = SGD{.learning_rate = CosineDecay{.initial_learning_rate = 0.1,
                                                      .decay_steps = options.epochs * (train.size() / 128 + 1)},
                         .momentum = 0.9,
                         .nesterov = true},
        .loss = Loss::sparse_categorical_crossentropy,
        .metrics = {Metric::accuracy},
    });
    model.fit(augmented, {.epochs = options.epochs,
                          .batch_size = 128,
                          .verbose = options.verbose,
                          .callbacks = options.callbacks,
                          .checkpoint = options.checkpoint});
    const auto [loss, accuracy] = model.evaluate(test, {.batch_size = 128, .verbose = options.verbose});

    std::printf("Weights hash: %016" PRIx64 "\n", model.weights_hash());
    std::printf("Test accuracy: %.4f\n", accuracy);
} catch (const Interrupted& stop) {
    std::cerr << "\nresnet_cifar10: " << stop.what() << "; with --resume it goes on\n";
    return 130;
} catch (const Error& error) {
    std::cerr << "resnet_cifar10: " << error.what() << '\n';
    return 1;
}
