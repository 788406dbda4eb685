// Where is the digit, and which one is it? A box of four numbers, by regression, and a class, from one network.
//
// On MNIST's digits among scraps of others: mean of three seeds, and the range.
//
//                                     mean box                    found
//     IoU with the true box           0.300 (0.298 to 0.303)      0.694 (0.690 to 0.696)
//     squared error of its sides      0.0176 (0.0175 to 0.0178)   0.0016 (0.0015 to 0.0016)
//     accuracy of the digit                                       0.854 (0.838 to 0.867)
//
//     for s in 1 2 3; do ./regression_heads --data DIR --seed $s; done      # DIR has MNIST's four files; 27 s each on one core
#include <cinttypes>
#include <cstdio>
#include <iostream>

#include <fovea/fovea.hpp>

#include "support/example_options.hpp"
#include "support/located_digits.hpp"
#include "support/pictures.hpp"

using namespace fovea;

int main(int argc, char** argv) try {
    using enum Activation;
    const auto options = ExampleOptions{.epochs = 10, .samples = 15'000, .test_samples = 2000}.read(
        argc, argv, "Finds a digit among scraps of others, and says which it is.");
    const Splits digits = options.load();
    const LocatedDigits train = locate_digits(digits.train);
    const LocatedDigits test = locate_digits(digits.test, digits.train.size());

    Graph graph;
    const auto x = graph.input({LocatedDigits::extent, LocatedDigits::extent, 1});
    const Chain trunk{
        Conv2D{.filters = 16, .kernel_size = 3, .activation = relu},
        MaxPooling2D{},
        Conv2D{.filters = 32, .kernel_size = 3, .activation = relu},
        MaxPooling2D{},
        Conv2D{.filters = 32, .kernel_size = 3, .activation = relu},
        MaxPooling2D{},
        Flatten{},
    };
    const auto features = trunk(x);
    const auto box = Chain{
        Dense{.units = 64, .activation = relu},
        Dense{.units = 4, .name = "box"},
    }(features);
    const auto digit = Chain{
        Dense{.units = 64, .activation = relu},
        Dense{.units = 10, .activation = softmax, .name = "digit"},
    }(features);

    Model model{{x}, {box, digit}};
    model.compile({
        .optimizer = Adam{},
        .losses = {Loss::mean_squared_error, Loss::sparse_categorical_crossentropy},
        .loss_weights = {30, 1}, // errors of a few pixels in 48 have small squares
        .output_metrics = {{}, {Metric::accuracy}},
    });
    model.fit(Data<float>(train.set.images, train.boxes).add_target(train.set.labels),
              {.epochs = options.epochs, .verbose = options.verbose});

    const Tensor<float> guess = mean_box(train.boxes, test.set.size());
    const Tensor<float> found = model.predict_outputs(test.set.images).front();
    const auto result =
        model.evaluate(Data<float>(test.set.images, test.boxes).add_target(test.set.labels), {.verbose = 0});
    std::printf("Box IoU, mean box: %.4f\n", mean_box_iou(guess, test.boxes));
    std::printf("Box IoU, found: %.4f\n", mean_box_iou(found, test.boxes));
    std::printf("Squared error, mean box: %.5f\n", mean_squared_error(guess, test.boxes));
    std::printf("Squared error, found: %.5f\n", result["box_loss"]);
    std::printf("Digit: %.4f\n", result["digit_accuracy"]);
    std::printf("Weights hash: %016" PRIx64 "\n", model.weights_hash());
} catch (const Error& error) {
    std::cerr << "regression_heads: " << error.what() << '\n';
    return 1;
}
