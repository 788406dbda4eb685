#pragma once
#include <algorithm>
#include <cmath>
#include <fstream>
#include <string>
#include <vector>

#include <fovea/core/random.hpp>
#include <fovea/core/tensor.hpp>

/// Bytes as numbers from 0 to 1.
inline fovea::Tensor<float> numbers(const fovea::Tensor<std::uint8_t>& images) {
    return images.map([](std::uint8_t byte) { return static_cast<float>(byte) / 255; });
}

/// x + deviation * noise, the noise normal and another one for each `number`.
inline fovea::Tensor<float> with_noise(const fovea::Tensor<float>& x, double deviation, std::uint32_t number) {
    const fovea::random::Stream stream{fovea::random_seed(), fovea::random::Purpose::user, 2, number};
    fovea::Tensor<float> y(x.shape());
    for (fovea::Index i = 0; i < x.size(); ++i)
        y[i] = static_cast<float>(
            std::fma(deviation, stream.normal(static_cast<std::uint64_t>(i)), static_cast<double>(x[i])));
    return y;
}

inline double mean_squared_error(const fovea::Tensor<float>& y, const fovea::Tensor<float>& target) {
    double sum = 0;
    for (fovea::Index i = 0; i < y.size(); ++i) {
        const double difference = static_cast<double>(y[i]) - static_cast<double>(target[i]);
        sum = std::fma(difference, difference, sum);
    }
    return sum / static_cast<double>(y.size());
}

/// A grey picture in the format PGM: a row for each tensor, with its first `columns` images (samples, height, width, 1) side by side.
/// Throws fovea::DataError if the file cannot be written.
inline void write_pgm(const std::string& path, const std::vector<fovea::Tensor<float>>& rows, fovea::Index columns) {
    const fovea::Index height = rows.front().shape()[1];
    const fovea::Index width = rows.front().shape()[2];
    columns = std::min(columns, rows.front().shape()[0]);
    std::ofstream file(path, std::ios::binary);
    file << "P5\n" << columns * width << ' ' << static_cast<fovea::Index>(rows.size()) * height << "\n255\n";
    for (const fovea::Tensor<float>& images : rows)
        for (fovea::Index y = 0; y < height; ++y)
            for (fovea::Index column = 0; column < columns; ++column)
                for (fovea::Index x = 0; x < width; ++x) {
                    const float shade = std::clamp(images(column, y, x, fovea::Index{0}), 0.0F, 1.0F);
                    file.put(static_cast<char>(static_cast<std::uint8_t>(std::lround(255 * shade))));
                }
    fovea::require<fovea::DataError>(file.flush().good(), path, ": cannot be written");
}
