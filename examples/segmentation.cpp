// A small U-Net (Ronneberger et al. 2015) that says of each pixel what it belongs to; with and without what the U is for.
//
// On shapes that the example draws: mean of three seeds, and the range.
//
//                        pixel accuracy           mean IoU
//     nothing anywhere   0.861 (0.860 to 0.862)
//     without skips      0.952 (0.935 to 0.963)   0.669 (0.557 to 0.735)
//     with skips         0.973 (0.966 to 0.978)   0.773 (0.734 to 0.809)
//
//     for s in 1 2 3; do ./segmentation --seed $s; done      # 30 s each on one core
//     ./segmentation --pgm shapes.pgm                        # rows: images, masks, found with skips
#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <iostream>

#include <fovea/fovea.hpp>

#include "support/example_options.hpp"
#include "support/pictures.hpp"
#include "support/shapes.hpp"

using namespace fovea;

/// Two halvings down and two doublings up. `skips` hands the fine pixels of the way down to the way up.
Model<float> u_net(bool skips) {
    using enum Activation;
    const auto convolution = [](Index filters) {
        return Conv2D{.filters = filters, .kernel_size = 3, .activation = relu, .padding = Padding::same};
    };
    const auto up = [&](const Node<float>& coarse, const Node<float>& fine) {
        const auto larger = UpSampling2D{}(coarse);
        return skips ? Concatenate{}(larger, fine) : larger;
    };
    Graph graph;
    const auto x = graph.input({Shapes::extent, Shapes::extent, 1});
    const auto fine = convolution(8)(x);
    const auto middle = convolution(16)(MaxPooling2D{}(fine));
    const auto coarse = Chain{MaxPooling2D{}, convolution(32), convolution(32)}(middle);
    const auto up_middle = convolution(16)(up(coarse, middle));
    const auto up_fine = convolution(8)(up(up_middle, fine));
    const auto y = Conv2D{.filters = Shapes::classes, .kernel_size = 1, .activation = softmax}(up_fine);

    Model<float> model{{x}, {y}};
    model.compile({
        .optimizer = Adam{.learning_rate = 5e-3},
        .loss = Loss::sparse_categorical_crossentropy,
        .metrics = {Metric::accuracy, MeanIoU{.num_classes = Shapes::classes}},
    });
    return model;
}

int main(int argc, char** argv) try {
    const auto options = ExampleOptions{.epochs = 10, .samples = 1500, .test_samples = 500, .data = {}, .pgm = ""}.read(
        argc, argv, "Finds discs, squares and triangles, pixel by pixel.");
    const Shapes train = draw_shapes(options.samples);
    const Shapes test = draw_shapes(options.test_samples, options.samples);

    const auto nothing = std::count(test.masks.begin(), test.masks.end(), 0);
    std::printf("Pixel accuracy, nothing anywhere: %.4f\n",
                static_cast<double>(nothing) / static_cast<double>(test.masks.size()));
    for (const bool skips : {false, true}) {
        const char* const which = skips ? "with skips" : "without skips";
        Model model = u_net(skips);
        model.fit(train.images, train.masks, {.epochs = options.epochs, .batch_size = 8, .verbose = options.verbose});

        const auto result = model.evaluate(test.images, test.masks, {.verbose = 0});
        std::printf("Pixel accuracy, %s: %.4f\n", which, result["accuracy"]);
        std::printf("Mean IoU, %s: %.4f\n", which, result["mean_io_u"]);
        std::printf("Weights hash, %s: %016" PRIx64 "\n", which, model.weights_hash());
        if (skips && !options.pgm->empty()) {
            const Tensor<std::int32_t> found = most_likely(model.predict(test.images));
            write_pgm(*options.pgm, {numbers(test.images), shades(test.masks), shades(found)}, 16);
        }
    }
} catch (const Error& error) {
    std::cerr << "segmentation: " << error.what() << '\n';
    return 1;
}
