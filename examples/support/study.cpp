#include "study.hpp"

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <numeric>

#include <fovea/core/random.hpp>
#include <fovea/data/find_mnist.hpp>

#include "command_line.hpp"

using namespace fovea;

StudyOptions::StudyOptions(int argc, char** argv, const Defaults& defaults)
    : train_images(defaults.train_images), epochs(defaults.epochs) {
    int thread_count = threads();
    Index seed = 1;
    Index count = 3;

    CommandLine line(defaults.description);
    line.add_option(
        "--data", data,
        "Folder with MNIST's four files, or \"drawn\" for digits that fovea draws; else FOVEA_DATA, then the user's "
        "cache");
    line.add_option("--train-images", train_images, "Use only so many of the first training images");
    line.add_option("--test-images", test_images, "Use only so many of the first test images");
    line.add_option("--epochs", epochs, "How often each training goes through its images");
    line.add_option("--seed", seed, "The first one");
    line.add_option("--seeds", count, "How many, one behind the other");
    line.add_option("--threads", thread_count, "Changes the time that training takes and nothing else");
    line.parse(argc, argv);
    require_range("--train-images", train_images, 500, 1'000'000);
    require_range("--test-images", test_images, 100, 1'000'000);
    require_range("--epochs", epochs, 1, 1'000'000);
    require_range("--seeds", count, 1, 1000);
    set_threads_and_seed(thread_count, seed);
    seeds.resize(static_cast<std::size_t>(count));
    std::iota(seeds.begin(), seeds.end(), static_cast<std::uint64_t>(seed));
}

Splits StudyOptions::load() const {
    const auto [train, test, source] =
        data == "drawn" ? mnist::Found{synthetic_digits(train_images, 0),
                                       synthetic_digits(test_images, 0, train_images), "Digits that fovea draws"}
                        : mnist::find(data);
    Splits used{train.take(std::min(train_images, train.size())), test.take(std::min(test_images, test.size()))};
    std::cout << source << '\n'
              << used.train.size() << " training images, " << used.test.size() << " test images, " << seeds.size()
              << " seeds from " << seeds.front() << " on\n\n";
    return used;
}

namespace {

std::string padded(std::string words, std::size_t width) {
    words.resize(std::max(width, words.size()), ' ');
    return words;
}

std::string percent(double part) {
    char digits[32];
    std::snprintf(digits, sizeof digits, "%.1f", 100 * part);
    return digits;
}

} // namespace

void ResultTable::add(const std::string& row, const std::vector<double>& values) {
    require<ValueError>(values.size() <= columns_.size(), "ResultTable: ", columns_.size(), " columns, got ",
                        values.size(), " values");
    if (!values_.contains(row)) rows_.push_back(row);
    values_[row].resize(values.size());
    std::cout << row << ':';
    for (std::size_t c = 0; c < values.size(); ++c) {
        values_[row][c].push_back(values[c]);
        std::cout << "  " << columns_[c] << ' ' << percent(values[c]);
    }
    std::cout << std::endl;
}

double ResultTable::mean(const std::string& row, const std::string& column) const {
    const auto found = std::find(columns_.begin(), columns_.end(), column);
    const auto c = static_cast<std::size_t>(found - columns_.begin());
    require<ValueError>(values_.contains(row) && c < values_.at(row).size(), "ResultTable: there is no ", row, ", ",
                        column);
    const std::vector<double>& all = values_.at(row)[c];
    return std::accumulate(all.begin(), all.end(), 0.0) / static_cast<double>(all.size());
}

void ResultTable::print() const {
    std::size_t first = 0;
    for (const std::string& row : rows_) first = std::max(first, row.size());
    constexpr std::size_t width = 19;
    std::cout << "\nPercent: mean (least to largest)\n" << padded("", first);
    for (const std::string& column : columns_) std::cout << "  " << padded(column, width);
    std::cout << '\n';
    for (const std::string& row : rows_) {
        std::cout << padded(row, first);
        for (std::size_t c = 0; c < values_.at(row).size(); ++c) {
            const auto [least, most] = std::minmax_element(values_.at(row)[c].begin(), values_.at(row)[c].end());
            std::cout << "  "
                      << padded(percent(mean(row, columns_[c])) + " (" + percent(*least) + " to " + percent(*most) +
                                    ")",
                                width);
        }
        std::cout << '\n';
    }
    std::cout << '\n';
}

void ResultTable::expect(const std::string& what, bool is_so) {
    as_expected_ = as_expected_ && is_so;
    std::cout << what << ": " << (is_so ? "yes" : "NO") << '\n';
}

Dataset flip_labels(Dataset set, double share, std::uint64_t seed) {
    const random::Stream whether{.seed = seed, .number = 1};
    const random::Stream how_far{.seed = seed, .number = 2};
    for (Index i = 0; i < set.size(); ++i) {
        const auto sample = static_cast<std::uint64_t>(i);
        if (whether.uniform(sample) >= share) continue;
        set.labels[i] = (set.labels[i] + 1 + static_cast<std::int32_t>(how_far.below(sample, 9))) % 10;
    }
    return set;
}
