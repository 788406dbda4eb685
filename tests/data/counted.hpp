#pragma once
#include <numeric>
#include <span>
#include <vector>

#include <fovea/data/dataset.hpp>

// Small data sets for the tests of what data sets are made of.
namespace counted_data {

using namespace fovea;

/// Images of one pixel, 0, 1, 2 ..., whose labels are that modulo 3.
inline Dataset counted(Index size, int first = 0) {
    Dataset set{Tensor<std::uint8_t>(Shape{size, 1, 1, 1}), Tensor<std::int32_t>(Shape{size}), "counted"};
    for (Index i = 0; i < size; ++i) {
        set.images[i] = static_cast<std::uint8_t>(first + static_cast<int>(i));
        set.labels[i] = static_cast<std::int32_t>(i % 3);
    }
    return set;
}

/// A program's own source: place / 255 and label 7, in float alone.
struct OwnSource {
    Index size() const { return 5; }
    Shape sample_shape() const { return {1, 1, 1}; }
    void read(std::span<const Index> which, View<float> x, View<std::int32_t> labels) const {
        for (std::size_t i = 0; i < which.size(); ++i) {
            if (!x.empty()) x[static_cast<Index>(i)] = static_cast<float>(which[i]) / 255.0F;
            if (!labels.empty()) labels[static_cast<Index>(i)] = 7;
        }
    }
};

struct OwnInDouble {
    Index size() const { return 4; }
    Shape sample_shape() const { return {1}; }
    void read(std::span<const Index> which, View<double> x) const {
        for (std::size_t i = 0; i < which.size(); ++i) x[static_cast<Index>(i)] = static_cast<double>(which[i]);
    }
};

struct Contents {
    std::vector<int> values; ///< 255 times the first number of each sample
    std::vector<std::int32_t> labels;
    bool operator==(const Contents&) const = default;
};

/// Everything, read in one piece.
template <class T = float>
Contents contents(const Data<T>& data) {
    std::vector<Index> which(static_cast<std::size_t>(data.size()));
    std::iota(which.begin(), which.end(), Index{0});
    Tensor<T> x(data.sample_shape().prepend(data.size()));
    Contents all;
    all.labels.resize(data.targets_are_labels() ? which.size() : 0);
    View<std::int32_t> labels;
    if (!all.labels.empty()) labels = {all.labels.data(), Shape{data.size()}};
    data.read(which, x, labels, {});
    for (Index i = 0; i < data.size(); ++i) all.values.push_back(static_cast<int>(x.row(i)[0] * 255 + T{0.5}));
    return all;
}

} // namespace counted_data
