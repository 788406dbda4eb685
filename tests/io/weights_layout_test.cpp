#include <fovea/io/weights.hpp>

#include "io/safetensors_files.hpp"
#include "models/networks.hpp"
#include "support/temporary_directory.hpp"

#include "catch.hpp"

using namespace fovea;

namespace {

/// The module of record_pytorch_weights.py.
template <class T>
Sequential<T> torch_sequential() {
    using enum Activation;
    return Sequential<T>{Input{6, 5, 2},
                         Conv2D{4, {3, 2}, relu},
                         Conv2DTranspose{.filters = 3, .kernel_size = 2, .strides = 2},
                         BatchNormalization{},
                         DepthwiseConv2D{.kernel_size = 2, .activation = sigmoid, .depth_multiplier = 2},
                         SeparableConv2D{.filters = 4, .kernel_size = {2, 1}},
                         PReLU{.shared_axes = {1, 2}},
                         GroupNormalization{.groups = 2},
                         MaxPooling2D{},
                         Flatten{},
                         BatchNormalization{},
                         Dropout{0.5},
                         Dense{4, relu},
                         Dense{3}};
}

reference::Case torch_record() { return reference::read("pytorch_weights.txt").at(0); }

constexpr LoadWeightsOptions load_pytorch{.layout = WeightsLayout::pytorch};
constexpr SaveWeightsOptions save_pytorch{.layout = WeightsLayout::pytorch};

std::vector<std::string> saved_names(const Model<float>& model) {
    const TemporaryDirectory folder;
    save_weights(model, folder.path() / "w", save_pytorch);
    std::vector<std::string> names;
    safetensors::File file(folder.path() / "w");
    for (const safetensors::Entry& entry : file.entries()) names.push_back(entry.name);
    std::sort(names.begin(), names.end());
    return names;
}

void no_counterpart(const Model<float>& model, const std::string& why) {
    const TemporaryDirectory folder;
    CHECK_THROWS_MATCHES(save_weights(model, folder.path() / "w", save_pytorch), ValueError, says("PyTorch: " + why));
    CHECK(std::filesystem::is_empty(folder.path()));
}

} // namespace

TEST_CASE("load_weights: PyTorch's state_dict gives PyTorch's output") {
    const TemporaryDirectory folder;
    const reference::Case record = torch_record();
    const auto path = folder.write("w", safetensors_files::bytes_of(record));
    auto model = torch_sequential<float>();
    CHECK(load_weights(model, path, load_pytorch).complete());
    const auto x = reference::values<float>({2, 6, 5, 2}, reference::x_stream);
    CHECK(reference::worst_difference(model.predict(x), record.tensor("y")) <
          3e-6); // sums of 36 numbers below 3, in float
    auto wide = torch_sequential<double>();
    load_weights(wide, path, {.convert = true, .layout = WeightsLayout::pytorch});
    const auto wide_x = reference::values<double>({2, 6, 5, 2}, reference::x_stream);
    CHECK(reference::worst_difference(wide.predict(wide_x), record.tensor("y")) < 1e-8); // nine digits are written
}

TEST_CASE("save_weights: the bytes of PyTorch's state_dict") {
    const TemporaryDirectory folder;
    const std::string bytes = safetensors_files::bytes_of(torch_record());
    auto model = torch_sequential<float>();
    load_weights(model, folder.write("w", bytes), load_pytorch);
    save_weights(model, folder.path() / "again", save_pytorch);
    CHECK(safetensors_files::content(folder.path() / "again") == bytes);
}

TEST_CASE("weights layout: names in a graph, with layers that are shared and axes of LayerNormalization") {
    Graph graph;
    const auto x = graph.input({4, 4, 2});
    const Shared conv{Conv2D{.filters = 2, .kernel_size = 3, .padding = Padding::same, .use_bias = false}};
    const auto h = Add{}(conv(conv(x)), x);
    const auto n = LayerNormalization{.axis = {1, 2, 3}, .center = false}(h);
    const auto flat = Flatten{}(n);
    const auto y = Dense{.units = 3, .name = "a"}(ReLU{}(Add{}(flat, flat)));
    const auto z = Dense{.units = 3, .name = "b"}(GlobalAveragePooling2D{}(n));
    Model model{{x}, {y, z}};
    CHECK(saved_names(model) == std::vector<std::string>{"a.bias", "a.weight", "b.bias", "b.weight", "conv2d.weight",
                                                         "layer_normalization.weight"});
    // Element by element: number p of a parameter says where it was.
    for (const NamedParameter& p : model.network().parameters()) {
        const View<float> values = model.parameter(p.name);
        for (Index i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i);
    }
    const TemporaryDirectory folder;
    save_weights(model, folder.path() / "w", save_pytorch);
    safetensors::File file(folder.path() / "w");
    const auto norm = file.tensor<float>("layer_normalization.weight"); // (channels, height, width)
    REQUIRE(norm.shape() == Shape{2, 4, 4});
    CHECK(norm[1] == 2);
    CHECK(norm[4] == 8);
    CHECK(norm[16] == 1);
    const auto dense =
        file.tensor<float>("a.weight"); // (unit, channel, row, column) of kernel (row, column, channel, unit)
    REQUIRE(dense.shape() == Shape{3, 32});
    CHECK(dense[1] == 2 * 3);
    CHECK(dense[4] == 4 * 2 * 3);
    CHECK(dense[16] == 3);
    CHECK(dense[32] == 1);
    CHECK(file.tensor<float>("b.weight") == Tensor<float>{{0, 3}, {1, 4}, {2, 5}});
    auto other = model;
    for (const NamedParameter& p : other.network().parameters())
        for (float& value : other.parameter(p.name)) value = -1;
    load_weights(other, folder.path() / "w", load_pytorch);
    CHECK(other.weights_hash() == model.weights_hash());
}

TEST_CASE("weights layout: each activation counts as a module") {
    CHECK(saved_names(networks::article()) == std::vector<std::string>{"0.bias", "0.weight", "11.bias", "11.weight",
                                                                       "3.bias", "3.weight", "6.bias", "6.weight",
                                                                       "9.bias", "9.weight"});
}

TEST_CASE("weights layout: what differs is said by PyTorch's names and shapes") {
    const TemporaryDirectory folder;
    auto model = networks::small();
    save_weights(model, folder.path() / "w");
    CHECK_THROWS_MATCHES(load_weights(model, folder.path() / "w", load_pytorch), DataError,
                         says("not in the file: 0.weight, 0.bias, 4.weight, 4.bias; not in the model: conv2d/bias"));
    Sequential<float> wider{Input{6, 6, 1}, Conv2D{5, {3, 3}, Activation::relu}, MaxPooling2D{}, Flatten{}, Dense{3}};
    save_weights(wider, folder.path() / "w", save_pytorch);
    CHECK_THROWS_MATCHES(load_weights(model, folder.path() / "w", load_pytorch), DataError,
                         says("0.weight is (4, 1, 3, 3) in the model, (5, 1, 3, 3) in the file"));
}

TEST_CASE("weights layout: what PyTorch does not have so") {
    no_counterpart(Sequential<float>{Input{4, 4, 2}, Dense{3}},
                   "dense/kernel (2, 3) of Dense on an input of (4, 4, 2) has no counterpart");
    no_counterpart(Sequential<float>{Input{4, 4, 2}, PReLU{}},
                   "p_re_lu/alpha (4, 4, 2) of PReLU on an input of (4, 4, 2)");
    no_counterpart(networks::branching(), "concatenate (Concatenate) mixes flattened images with other numbers");
    Graph graph;
    const auto x = graph.input({2, 2, 2});
    const auto v = graph.input({8});
    const Shared dense{Dense{3}};
    no_counterpart(Model{{x, v}, {dense(Flatten{}(x)), dense(v)}},
                   "dense is shared between inputs whose orders differ in PyTorch");
}
