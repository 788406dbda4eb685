#pragma once
#include <cmath>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include <fovea/io/safetensors.hpp>
#include <fovea/models/model.hpp>

#include "reference/reference.hpp"

/// What models make of numbers that everyone can make, to be compared in Python and with other models.
namespace outputs {

using fovea::Index;
using fovea::Model;
using fovea::Tensor;

inline std::vector<Tensor<float>> inputs_of(const Model<float>& model, Index samples) {
    std::vector<Tensor<float>> x;
    for (std::size_t i = 0; i < model.network().inputs(); ++i)
        x.push_back(reference::values<float>(model.network().input_shape(i).prepend(samples), 1 + i));
    return x;
}

inline std::vector<Tensor<float>> of(const Model<float>& model, const std::vector<Tensor<float>>& x) {
    fovea::Data<float> data(x.front());
    for (std::size_t i = 1; i < x.size(); ++i) data.add_input(x[i]);
    return model.predict_outputs(data);
}

/// A file of inputs x0, x1 ... and the outputs for them, y0, y1 ...
inline void put(const std::filesystem::path& path, const Model<float>& model, Index samples) {
    const std::vector<Tensor<float>> x = inputs_of(model, samples);
    const std::vector<Tensor<float>> y = of(model, x);
    std::vector<fovea::safetensors::Item> items;
    for (std::size_t i = 0; i < x.size(); ++i) items.emplace_back(fovea::text("x", i), x[i]);
    for (std::size_t i = 0; i < y.size(); ++i) items.emplace_back(fovea::text("y", i), y[i]);
    fovea::safetensors::write(path, std::move(items));
}

/// The largest difference; infinite for other shapes, and for NaN.
inline double worst_difference(const std::vector<Tensor<float>>& a, const std::vector<Tensor<float>>& b) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    if (a.size() != b.size()) return infinity;
    double worst = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (a[i].shape() != b[i].shape()) return infinity;
        for (Index j = 0; j < a[i].size(); ++j) {
            const double difference = std::abs(static_cast<double>(a[i][j]) - static_cast<double>(b[i][j]));
            if (!(difference <= worst)) worst = std::isnan(difference) ? infinity : difference;
        }
    }
    return worst;
}

/// Those of a file of this kind by their letter, x or y.
inline std::vector<Tensor<float>> in_file(const std::filesystem::path& path, char letter, std::size_t count) {
    fovea::safetensors::File file(path);
    std::vector<Tensor<float>> all;
    for (std::size_t i = 0; i < count; ++i) all.push_back(file.tensor<float>(fovea::text(letter, i)));
    return all;
}

/// How far the outputs of a model are from those in a file, for the inputs there.
inline double difference_to_file(const Model<float>& model, const std::filesystem::path& path) {
    const std::vector<Tensor<float>> y = of(model, in_file(path, 'x', model.network().inputs()));
    return worst_difference(y, in_file(path, 'y', y.size()));
}

} // namespace outputs
