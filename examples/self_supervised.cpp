// What a trunk learns from 10,000 images of MNIST without labels, and what it is worth where only 100 of them have one. "Frozen" trains
// a softmax on the trunk's features, "all trained" goes on through all layers; that of a random trunk is training on 100 labels alone.
//
//     self_supervised --seeds 3
//
//     Percent: mean (least to largest)
//                   frozen               all trained
//     random trunk  76.3 (75.3 to 77.4)  84.0 (80.8 to 86.3)
//     rotation      76.8 (75.0 to 79.4)  84.9 (83.2 to 87.7)
//     contrast      92.3 (90.9 to 93.3)  88.4 (87.0 to 89.2)
//
// Rotation gains with some seeds and loses with others. Contrast gains 8 points over training on the labels alone, and
// 4 of them are lost if training goes on through all layers.
#include <iostream>
#include <numeric>

#include <fovea/data/gzip.hpp>
#include <fovea/fovea.hpp>

#include "support/drawn_copies.hpp"
#include "support/study.hpp"

using namespace fovea;

namespace {

/// Turned by none to three quarters, and by how many is the label (Gidaris et al. 2018).
DrawnCopy turned(Index sample) {
    constexpr std::array<std::array<double, 4>, 4> turns{{{1, 0, 0, 1}, {0, 1, -1, 0}, {-1, 0, 0, -1}, {0, -1, 1, 0}}};
    return {sample / 4, sample % 4, turns[static_cast<std::size_t>(sample % 4)]};
}

/// One of two views of an image, which is the label (SimCLR, Chen et al. 2020): turned, slanted, stretched and moved at random.
DrawnCopy view(Index sample, const std::vector<Index>& order, std::uint32_t epoch) {
    const random::Stream draws{random_seed(), random::Purpose::augment, static_cast<std::uint32_t>(sample), epoch};
    const auto within = [&](double most, std::uint64_t number) {
        return rounded(most * (2 * draws.uniform(number) - 1));
    };
    const Index image = order[static_cast<std::size_t>(sample / 2)];
    return {image,
            image,
            {1 + within(0.3, 0), within(0.3, 1), within(0.3, 2), 1 + within(0.3, 3)},
            {within(3, 4), within(3, 5)}};
}

Model<float> new_trunk() {
    using enum Activation;
    Graph graph;
    auto x = graph.input({28, 28, 1});
    auto h = MaxPooling2D{}(Conv2D{.filters = 8, .kernel_size = {3, 3}, .activation = relu, .name = "edges"}(x));
    h = MaxPooling2D{}(Conv2D{.filters = 16, .kernel_size = {3, 3}, .activation = relu, .name = "parts"}(h));
    return {{x}, {Dense{.units = 128, .activation = relu, .name = "features"}(Flatten{}(h))}};
}

/// On the test images, with a softmax on the features: trained on few labels alone, or all layers with it.
double accuracy(const Model<float>& trunk, bool frozen, const Data<float>& few, const Dataset& test) {
    const auto graph = trunk.graph();
    Model model{graph.inputs(), {Dense{.units = 10, .activation = Activation::softmax}(graph["features"])}};
    for (const char* layer : {"edges", "parts", "features"}) model.layer(layer).trainable = !frozen;
    model.compile({.optimizer = Adam{.learning_rate = 0.005},
                   .loss = Loss::sparse_categorical_crossentropy,
                   .metrics = {Metric::accuracy}});
    model.fit(few, {.epochs = 200, .batch_size = 10, .verbose = 0});
    return model.evaluate(test, {.verbose = 0})["accuracy"];
}

} // namespace

int main(int argc, char** argv) try {
    const StudyOptions options(argc, argv, {"Learns from images without labels.", 10000, 10});
    const Splits digits = options.load();
    const Dataset& train = digits.train;
    const Dataset& test = digits.test;
    ResultTable table({"frozen", "all trained"});
    for (const std::uint64_t seed : options.seeds) {
        set_random_seed(seed);
        std::vector<Index> order(static_cast<std::size_t>(train.size()));
        std::iota(order.begin(), order.end(), 0);
        random::shuffle(order, {.seed = seed});
        const auto few = subset(train, std::vector<Index>(order.begin(), order.begin() + 100));
        const auto add = [&](const char* name, const Model<float>& trunk) {
            table.add(name, {accuracy(trunk, true, few, test), accuracy(trunk, false, few, test)});
        };
        add("random trunk", new_trunk());

        auto graph = new_trunk().graph();
        Model rotation{graph.inputs(), {Dense{.units = 4, .activation = Activation::softmax}(graph["features"])}};
        rotation.compile({.optimizer = Adam{}, .loss = Loss::sparse_categorical_crossentropy});
        rotation.fit(DrawnCopies{train.images, 4, turned},
                     {.epochs = options.epochs / 2, .batch_size = 128, .verbose = 0});
        add("rotation", rotation);

        graph = new_trunk().graph();
        const auto hidden = Dense{.units = 128, .activation = Activation::relu}(graph["features"]);
        Model contrast{graph.inputs(), {Dense{.units = 64}(hidden)}};
        contrast.compile({.optimizer = Adam{}, .loss = ContrastiveNTXent{}});
        for (Index epoch = 0; epoch < options.epochs; ++epoch) {
            const auto number = static_cast<std::uint32_t>(epoch);
            random::shuffle(order, {.seed = seed, .step = number + 1});
            const auto views = [&](Index sample) { return view(sample, order, number); };
            contrast.fit(
                DrawnCopies{train.images, 2, views},
                {.epochs = epoch + 1, .batch_size = 256, .shuffle = false, .verbose = 0, .initial_epoch = epoch});
        }
        add("contrast", contrast);
    }
    table.print();
    table.expect("Contrast beats a random trunk",
                 table.mean("contrast", "frozen") > table.mean("random trunk", "frozen"));
    return table.as_expected() ? 0 : 1;
} catch (const Error& error) {
    std::cerr << "self_supervised: " << error.what() << '\n';
    return 1;
}
