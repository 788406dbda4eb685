#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <fovea/io/weights.hpp>
#include <fovea/models/model.hpp>

/// What a model gives for an input that anybody can make again, kept in its file: who loads it sees that it still gives the same.
///
/// Input k of sample n is x[i] = floor(w / 2^8) / 2^24, in [0, 1), where w is word i mod 4 of Philox 4x32-10 with the key (seed mod 2^32,
/// floor(seed / 2^32)) and the counter (j mod 2^32, floor(j / 2^32), 0, 7 * 2^24 + k), j = floor(i / 4), and i runs over all samples.
namespace fovea::detail {

struct TestVector {
    static constexpr std::uint64_t default_seed = 1;
    static constexpr Index default_samples = 2;
    static constexpr Index most_samples = 16;

    std::uint64_t seed = default_seed;
    Index samples = default_samples;

    static std::string name(std::size_t output) { return text(reserved_prefix, "test_output_", output); }

    template <class T>
    Tensor<T> input(const Shape& sample, std::size_t number) const {
        Tensor<T> x(sample.prepend(samples));
        const random::Stream stream{seed, random::Purpose::verify, static_cast<std::uint32_t>(number), 0};
        for (Index i = 0; i < x.size(); ++i)
            x[i] = static_cast<T>(stream.bits(static_cast<std::uint64_t>(i)) >> 8) * static_cast<T>(0x1p-24);
        return x;
    }

    template <class T>
    [[gnu::cold]] std::vector<Tensor<T>> outputs(const Model<T>& model) const {
        const Network<T>& network = model.network();
        std::vector<Tensor<T>> inputs;
        for (std::size_t i = 0; i < network.inputs(); ++i) inputs.push_back(input<T>(network.input_shape(i), i));
        Data<T> data(inputs.front());
        for (std::size_t i = 1; i < inputs.size(); ++i) data.add_input(inputs[i]);
        return model.predict_outputs(data, {.batch_size = samples});
    }
};

/// How far an output may be from the recorded one, relative to 1 and to the largest recorded number. The same version of
/// fovea gives the same bits; others may sum in another order, which moves a deep network's float outputs by about 1e-6.
template <class T>
double test_tolerance(bool converted) {
    if (converted) return 1e-4;
    return std::is_same_v<T, float> ? 1e-5 : 1e-12;
}

/// Throws DataError if a model does not give the recorded output. `name` is for messages.
template <class T>
void check_output(const Tensor<T>& y, const Tensor<T>& recorded, double tolerance, const std::string& name) {
    require<DataError>(recorded.shape() == y.shape(), name, ": the recorded output has the shape ", recorded.shape(),
                       ", the model's ", y.shape());
    double scale = 1;
    for (const T value : recorded)
        if (std::isfinite(value)) scale = std::max(scale, std::abs(static_cast<double>(value)));
    for (Index i = 0; i < y.size(); ++i) {
        const bool same = y[i] == recorded[i] || (std::isnan(y[i]) && std::isnan(recorded[i])) ||
                          std::abs(static_cast<double>(y[i]) - static_cast<double>(recorded[i])) <= tolerance * scale;
        require<DataError>(same, name, ": the model gives ", y[i], " where ", recorded[i], " was recorded, in element ",
                           i, "; it is not the one that was saved ({.verify = false} loads it)");
    }
}

} // namespace fovea::detail
