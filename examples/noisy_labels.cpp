// A tenth or a fifth of MNIST's training labels are wrong. Which ones, and what is it worth to leave them out?
//
//     noisy_labels --seeds 3
//
//     Percent: mean (least to largest)
//                          accuracy             3 x the epochs       precision            recall
//     all right            96.1 (95.2 to 96.7)  97.1 (97.0 to 97.2)
//     10 % wrong           95.4 (95.0 to 96.0)  89.4 (88.6 to 90.3)
//     10 % wrong, cleaned  95.0 (94.7 to 95.6)  95.9 (95.4 to 96.2)  87.8 (87.2 to 88.1)  92.7 (91.1 to 94.1)
//     20 % wrong           94.2 (93.2 to 95.0)  83.9 (83.3 to 84.7)
//     20 % wrong, cleaned  94.6 (94.2 to 94.9)  94.9 (94.7 to 95.2)  90.6 (89.1 to 91.7)  94.1 (93.8 to 94.6)
//
// Precision and recall are those of the labels that are left out. Training that stops early hardly suffers from wrong labels, and cleaning
// gains nothing there: it also leaves out some that are right. Trained three times as long, it gains 6 and 11 points.
#include <iostream>

#include <fovea/data/gzip.hpp>
#include <fovea/fovea.hpp>

#include "support/study.hpp"

using namespace fovea;

namespace {

Sequential<> compiled_model() {
    using enum Activation;
    Sequential model{
        Input{28, 28, 1},
        Conv2D{.filters = 8, .kernel_size = {3, 3}, .activation = relu},
        MaxPooling2D{},
        Conv2D{.filters = 16, .kernel_size = {3, 3}, .activation = relu},
        MaxPooling2D{},
        Flatten{},
        Dense{.units = 64, .activation = relu},
        Dense{.units = 10, .activation = softmax},
    };
    model.compile({.optimizer = Adam{}, .loss = Loss::sparse_categorical_crossentropy, .metrics = {Metric::accuracy}});
    return model;
}

/// On the test images: after so many epochs, and after three times as many.
std::vector<double> accuracies(const Data<float>& train, const Dataset& test, Index epochs) {
    Sequential model = compiled_model();
    model.fit(train, {.epochs = epochs, .verbose = 0});
    const double early = model.evaluate(test, {.verbose = 0})["accuracy"];
    model.fit(train, {.epochs = 3 * epochs, .verbose = 0, .initial_epoch = epochs});
    return {early, model.evaluate(test, {.verbose = 0})["accuracy"]};
}

/// p (samples, classes): what models that were trained on the other three quarters say of each sample.
Tensor<float> out_of_fold(const Dataset& set, Index epochs) {
    Tensor<float> p(Shape{set.size(), 10});
    for (Index fold = 0; fold < 4; ++fold) {
        std::vector<Index> inside, outside;
        for (Index i = 0; i < set.size(); ++i) (i % 4 == fold ? outside : inside).push_back(i);
        Sequential model = compiled_model();
        model.fit(subset(set, inside), {.epochs = epochs, .verbose = 0});
        const Tensor<float> found = model.predict(subset(set, outside));
        for (Index i = 0; i < found.size(); ++i) p(outside[static_cast<std::size_t>(i / 10)], i % 10) = found[i];
    }
    return p;
}

/// Confident learning (Northcutt et al. 2021): a sample counts for the class of its largest p, among those whose p reaches the mean that
/// the class has where it is the label. The part of a label's samples that count for other classes is how many are wrong, and
/// those are the ones with the smallest p of the label ("prune by class").
std::vector<bool> find_wrong(const Tensor<float>& p, const Tensor<std::int32_t>& labels) {
    std::vector<std::vector<Index>> samples(10);
    for (Index i = 0; i < labels.size(); ++i) samples[static_cast<std::size_t>(labels[i])].push_back(i);
    std::vector<double> threshold(10);
    for (std::size_t c = 0; c < 10; ++c)
        for (const Index i : samples[c]) threshold[c] += p(i, c) / static_cast<double>(samples[c].size());

    std::vector<bool> wrong(static_cast<std::size_t>(labels.size()));
    for (std::size_t label = 0; label < 10; ++label) {
        double counted = 0, elsewhere = 0;
        for (const Index i : samples[label]) {
            std::size_t best = 10;
            for (std::size_t c = 0; c < 10; ++c)
                if (p(i, c) >= threshold[c] && (best == 10 || p(i, c) > p(i, best))) best = c;
            counted += best < 10 ? 1 : 0;
            elsewhere += best < 10 && best != label ? 1 : 0;
        }
        std::sort(samples[label].begin(), samples[label].end(),
                  [&](Index a, Index b) { return p(a, label) < p(b, label); });
        const double count = static_cast<double>(samples[label].size()) * elsewhere / counted;
        for (std::size_t n = 0; n < static_cast<std::size_t>(count); ++n)
            wrong[static_cast<std::size_t>(samples[label][n])] = true;
    }
    return wrong;
}

} // namespace

int main(int argc, char** argv) try {
    const StudyOptions options(argc, argv, {"Finds wrong labels by confident learning.", 4000, 12});
    const auto [train, test] = options.load();
    ResultTable table({"accuracy", "3 x the epochs", "precision", "recall"});
    for (const std::uint64_t seed : options.seeds) {
        set_random_seed(seed);
        table.add("all right", accuracies(train, test, options.epochs));
        for (const double share : {0.1, 0.2}) {
            const Dataset noisy = flip_labels(train, share, seed);
            const std::string name = text(100 * share, " % wrong");
            table.add(name, accuracies(noisy, test, options.epochs));

            const std::vector<bool> suspected = find_wrong(out_of_fold(noisy, options.epochs), noisy.labels);
            std::vector<Index> kept;
            double wrong = 0, found = 0;
            for (Index i = 0; i < noisy.size(); ++i) {
                const bool is_wrong = noisy.labels[i] != train.labels[i],
                           is_suspected = suspected[static_cast<std::size_t>(i)];
                if (!is_suspected) kept.push_back(i);
                wrong += is_wrong ? 1 : 0;
                found += is_wrong && is_suspected ? 1 : 0;
            }
            std::vector<double> results = accuracies(subset(noisy, kept), test, options.epochs);
            results.push_back(found / static_cast<double>(suspected.size() - kept.size()));
            results.push_back(found / wrong);
            table.add(name + ", cleaned", results);
        }
    }
    table.print();
    table.expect("What is left out is wrong at least twice as often as all are, and at least half of what is wrong",
                 table.mean("20 % wrong, cleaned", "precision") > 0.4 &&
                     table.mean("20 % wrong, cleaned", "recall") > 0.5);
    table.expect("Cleaning pays in long training",
                 table.mean("20 % wrong, cleaned", "3 x the epochs") > table.mean("20 % wrong", "3 x the epochs"));
    return table.as_expected() ? 0 : 1;
} catch (const Error& error) {
    std::cerr << "noisy_labels: " << error.what() << '\n';
    return 1;
}
