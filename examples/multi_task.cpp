// One trunk for two questions: which digit, and turned by how many quarters? Against a network for each.
//
// Accuracy on MNIST: mean of three seeds, and the range. Neither question gains here: together they get what they get alone or a
// little less, from half the parameters and half the work.
//
//              alone                    together
//     digit    0.868 (0.854 to 0.884)   0.865 (0.858 to 0.875)
//     turn     0.971 (0.969 to 0.974)   0.961 (0.955 to 0.968)
//     parameters              113,038                   56,974
//
//     for s in 1 2 3; do ./multi_task --data DIR --seed $s; done      # DIR has MNIST's four files; 8 s each on one core
#include <cinttypes>
#include <cstdio>
#include <iostream>

#include <fovea/fovea.hpp>

#include "support/example_options.hpp"
#include "support/quarter_turns.hpp"

using namespace fovea;

/// The trunk with a head for each of the names, "digit" and "turn".
Model<float> network(const std::vector<std::string>& heads) {
    using enum Activation;
    Graph graph;
    const auto x = graph.input({28, 28, 1});
    const Chain trunk{
        Conv2D{.filters = 16, .kernel_size = 3, .activation = relu},
        MaxPooling2D{},
        Conv2D{.filters = 32, .kernel_size = 3, .activation = relu},
        MaxPooling2D{},
        Flatten{},
        Dense{.units = 64, .activation = relu},
    };
    const auto features = trunk(x);
    std::vector<Node<float>> outputs;
    for (const std::string& head : heads)
        outputs.push_back(Dense{.units = head == "digit" ? 10 : 4, .activation = softmax, .name = head}(features));
    Model<float> model({x}, outputs);
    model.compile({
        .optimizer = Adam{},
        .losses = std::vector<AnyLoss<float>>(heads.size(), Loss::sparse_categorical_crossentropy),
        .output_metrics = std::vector<std::vector<AnyMetric<float>>>(heads.size(), {Metric::accuracy}),
    });
    return model;
}

int main(int argc, char** argv) try {
    const auto options = ExampleOptions{.epochs = 8, .samples = 5000, .test_samples = 5000}.read(
        argc, argv, "Trains one network for two tasks, and one for each.");
    const auto [train, test] = options.load();
    const auto [images, turns] = quarter_turns(train);
    const auto [test_images, test_turns] = quarter_turns(test, train.size());
    const FitOptions<float> how{.epochs = options.epochs, .verbose = options.verbose};

    Model digit = network({"digit"});
    digit.fit(images, how);
    Model turn = network({"turn"});
    turn.fit(images.images, turns, how);
    Model both = network({"digit", "turn"});
    both.fit(Data<float>(images).add_target(turns), how);

    const auto result = both.evaluate(Data<float>(test_images).add_target(test_turns), {.verbose = 0});
    std::printf("Digit, alone: %.4f\n", digit.evaluate(test_images, {.verbose = 0}).metric);
    std::printf("Digit, together: %.4f\n", result["digit_accuracy"]);
    std::printf("Turn, alone: %.4f\n", turn.evaluate(test_images.images, test_turns, {.verbose = 0}).metric);
    std::printf("Turn, together: %.4f\n", result["turn_accuracy"]);
    std::printf("Parameters of two networks: %td\n", digit.count_params() + turn.count_params());
    std::printf("Parameters of one: %td\n", both.count_params());
    std::printf("Weights hash: %016" PRIx64 "\n", both.weights_hash());
} catch (const Error& error) {
    std::cerr << "multi_task: " << error.what() << '\n';
    return 1;
}
