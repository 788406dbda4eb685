// Layers that have learnt the digits 0 to 4, reused for 5 to 9 where few of these are labelled.
//
// Accuracy on MNIST's 5 to 9: mean of three seeds, and the range. Reuse gains, the more the fewer images there are; fine-tuning the
// reused layers adds nothing to that.
//
//     images a class   from scratch             frozen layers            fine-tuned
//                 10   0.798 (0.790 to 0.813)   0.841 (0.829 to 0.853)   0.842 (0.830 to 0.848)
//                 30   0.877 (0.874 to 0.881)   0.898 (0.894 to 0.903)   0.896 (0.891 to 0.902)
//                100   0.934 (0.932 to 0.937)   0.945 (0.942 to 0.950)   0.945 (0.937 to 0.955)
//
//     for s in 1 2 3; do ./transfer_learning --data DIR --seed $s; done      # DIR has MNIST's four files; 8 s each on one core
#include <cinttypes>
#include <cstdio>
#include <iostream>

#include <fovea/fovea.hpp>

#include "support/classes.hpp"
#include "support/example_options.hpp"

using namespace fovea;

Sequential<float> network() {
    using enum Activation;
    return Sequential{
        Input{28, 28, 1},
        Conv2D{.filters = 16, .kernel_size = 3, .activation = relu, .name = "edges"},
        MaxPooling2D{},
        Conv2D{.filters = 32, .kernel_size = 3, .activation = relu, .name = "strokes"},
        MaxPooling2D{},
        Flatten{},
        Dense{.units = 64, .activation = relu, .name = "features"},
        Dense{.units = 10, .activation = softmax},
    };
}

void train(Model<float>& model, const Data<float>& set, double learning_rate, const FitOptions<float>& how) {
    model.compile({
        .optimizer = Adam{.learning_rate = learning_rate},
        .loss = Loss::sparse_categorical_crossentropy,
        .metrics = {Metric::accuracy},
    });
    model.fit(set, how);
}

int main(int argc, char** argv) try {
    const auto options = ExampleOptions{.epochs = 3, .samples = 20'000, .test_samples = 4000}.read(
        argc, argv, "Learns the digits 5 to 9 from few images, with and without layers trained on 0 to 4.");
    const auto [all, test] = options.load();

    Sequential trained = network();
    train(trained, classes(all, 0, 5), 1e-3, {.epochs = options.epochs, .batch_size = 64, .verbose = options.verbose});

    const auto unseen = classes(test, 5, 10);
    const auto report = [&](const char* what, Index images, const Model<float>& model) {
        const auto [loss, accuracy] = model.evaluate(unseen, {.verbose = 0});
        std::printf("%s, %d a class: %.4f\n", what, static_cast<int>(images), accuracy);
    };
    for (const Index images : {10, 30, 100}) {
        const auto few = classes(all, 5, 10, images);
        const FitOptions<float> how{.epochs = 30, .batch_size = 10, .verbose = options.verbose};

        Sequential scratch = network(); // both ways take as many steps
        train(scratch, few, 1e-3, how);
        train(scratch, few, 1e-4, how);
        report("From scratch", images, scratch);

        const auto graph = trained.graph(); // cut in front of "features", which tell 0 to 4 apart and little else
        const Chain head{
            Dense{.units = 64, .activation = Activation::relu, .name = "new_features"},
            Dense{.units = 10, .activation = Activation::softmax, .name = "new_digits"},
        };
        Model model{graph.inputs(), {head(graph["flatten"])}};
        for (const char* layer : {"edges", "strokes"}) model.layer(layer).trainable = false;
        train(model, few, 1e-3, how);
        report("Frozen layers", images, model);

        for (const char* layer : {"edges", "strokes"}) model.layer(layer).trainable = true;
        train(model, few, 1e-4, how);
        report("Fine-tuned", images, model);
        std::printf("Weights hash, %d a class: %016" PRIx64 "\n", static_cast<int>(images), model.weights_hash());
    }
} catch (const Error& error) {
    std::cerr << "transfer_learning: " << error.what() << '\n';
    return 1;
}
