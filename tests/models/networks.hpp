#pragma once
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include <fovea/core/parallel.hpp>
#include <fovea/core/random.hpp>
#include <fovea/layers/all.hpp>
#include <fovea/models/blocks.hpp>
#include <fovea/models/sequential.hpp>

/// Networks and data that the tests of models share.
namespace networks {

using fovea::Index;
using fovea::Shape;
using fovea::Tensor;

/// The article's network: 93,322 parameters.
inline fovea::Sequential<float> article() {
    using namespace fovea;
    using enum Activation;
    return Sequential<float>{Input{28, 28, 1},
                             Conv2D{.filters = 32, .kernel_size = {3, 3}, .activation = relu},
                             MaxPooling2D{.pool_size = {2, 2}},
                             Conv2D{.filters = 64, .kernel_size = {3, 3}, .activation = relu},
                             MaxPooling2D{.pool_size = {2, 2}},
                             Conv2D{.filters = 64, .kernel_size = {3, 3}, .activation = relu},
                             Flatten{},
                             Dense{.units = 64, .activation = relu},
                             Dense{.units = 10, .activation = softmax}};
}

/// For `images()`: a small network of the same kind.
template <class T = float>
fovea::Sequential<T> small() {
    using namespace fovea;
    using enum Activation;
    return Sequential<T>{Input{6, 6, 1}, Conv2D{4, {3, 3}, relu}, MaxPooling2D{}, Flatten{}, Dense{3, softmax}};
}

/// One whose layers look across the batch and drop elements.
template <class T = float>
fovea::Sequential<T> normalized() {
    using namespace fovea;
    using enum Activation;
    return Sequential<T>{Input{6, 6, 1},        Conv2D{.filters = 4, .kernel_size = 3, .use_bias = false},
                         BatchNormalization{},  ActivationLayer{relu},
                         Conv2D{5, {2, 2}},     BatchNormalization{.momentum = 0.9},
                         ActivationLayer{gelu}, Flatten{},
                         Dropout{0.25},         Dense{3, softmax}};
}

/// For `images()` and four numbers beside each: it branches and meets, shares a layer and has two outputs, of which the second
/// reads the first.
template <class T = float>
fovea::Model<T> branching() {
    using namespace fovea;
    using enum Activation;
    Graph<T> graph;
    const auto image = graph.input({6, 6, 1}, "image");
    const auto numbers = graph.input({4}, "numbers");
    const auto h = ActivationLayer{relu}(BatchNormalization{}(
        Conv2D{.filters = 4, .kernel_size = 3, .padding = Padding::same, .use_bias = false}(image)));
    const Shared conv{Conv2D{.filters = 4, .kernel_size = 3, .activation = gelu, .padding = Padding::same}};
    const auto r = Residual{Chain{conv, BatchNormalization{}, conv}}(h);
    const auto pooled = MaxPooling2D{}(Conv2D{5, {3, 3}, relu}(r));
    const auto all =
        Concatenate{}({Flatten{}(pooled), GlobalAveragePooling2D{}(r), Dense{3, Activation::tanh}(numbers)});
    const auto dropped = Dropout{0.25}(all);
    const auto label = Dense{.units = 3, .activation = softmax, .name = "label"}(dropped);
    const auto value = Dense{.units = 2, .name = "value"}(Concatenate{}(dropped, label));
    return {{image, numbers}, {label, value}};
}

/// `count` images (6, 6, 1) of 3 classes, each with its own bright pair of columns in noise.
inline fovea::Dataset images(Index count, std::uint32_t number = 0) {
    fovea::Dataset set{Tensor<std::uint8_t>(Shape{count, 6, 6, 1}), Tensor<std::int32_t>(Shape{count}),
                       "striped noise"};
    const fovea::random::Stream stream{9, fovea::random::Purpose::user, number, 0};
    for (Index i = 0; i < set.images.size(); ++i) {
        const Index sample = i / 36;
        set.labels[sample] = static_cast<std::int32_t>((sample * 7 + sample / 3) % 3);
        const Index bright = i % 6 / 2 == set.labels[sample] ? 120 : 0;
        set.images[i] = static_cast<std::uint8_t>(bright + stream.below(static_cast<std::uint64_t>(i), 130));
    }
    return set;
}

/// For `branching()`, of `count` samples.
template <class T = float>
struct BranchingData {
    explicit BranchingData(Index count)
        : set(images(count)), numbers(Shape{count, 4}), values(Shape{count, 2}), data(set) {
        const fovea::random::Stream stream{9, fovea::random::Purpose::user, 77, 0};
        for (Index i = 0; i < numbers.size(); ++i)
            numbers[i] = static_cast<T>(stream.uniform(static_cast<std::uint64_t>(i)));
        for (Index i = 0; i < values.size(); ++i) values[i] = numbers[i / 2 * 4 + i % 2] - numbers[i / 2 * 4 + 2];
        data.add_input(numbers).add_target(values);
    }
    BranchingData(const BranchingData&) = delete;
    BranchingData& operator=(const BranchingData&) = delete;

    fovea::Dataset set;
    Tensor<T> numbers, values;
    fovea::Data<T> data;
};

template <class T>
void compile(fovea::Model<T>& model, fovea::AnyOptimizer<std::type_identity_t<T>> optimizer = fovea::Adam{}) {
    model.compile({.optimizer = optimizer,
                   .loss = fovea::Loss::sparse_categorical_crossentropy,
                   .metrics = {fovea::Metric::accuracy}});
}

/// The same for `branching()`.
template <class T>
void compile_branching(fovea::Model<T>& model, fovea::AnyOptimizer<std::type_identity_t<T>> optimizer = fovea::Adam{}) {
    model.compile({.optimizer = optimizer,
                   .losses = {fovea::Loss::sparse_categorical_crossentropy, fovea::Loss::mean_squared_error},
                   .loss_weights = {1, 0.5},
                   .output_metrics = {{fovea::Metric::accuracy}, {}}});
}

/// This many threads until the end of the scope.
class Threads {
public:
    explicit Threads(int count) { fovea::set_threads(count); }
    ~Threads() { fovea::set_threads(before_); }
    Threads(const Threads&) = delete;
    Threads& operator=(const Threads&) = delete;

private:
    int before_ = fovea::threads();
};

/// Collects what goes to std::cout until the end of the scope.
class Output {
public:
    Output() : before_(std::cout.rdbuf(text_.rdbuf())) {}
    ~Output() { std::cout.rdbuf(before_); }
    Output(const Output&) = delete;
    Output& operator=(const Output&) = delete;

    std::string text() const { return text_.str(); }

private:
    std::ostringstream text_;
    std::streambuf* before_;
};

} // namespace networks
