#include <string>

#include <fovea/onnx/export.hpp>

#include "models/outputs.hpp"
#include "onnx/onnx_networks.hpp"
#include "support/python.hpp"
#include "support/temporary_directory.hpp"

#include "catch.hpp"

using namespace fovea;

namespace {

/// A layer that ONNX does not have.
struct Halved {
    static constexpr std::string_view type = "Halved";

    template <class T>
    struct Layer {
        Layer(const Halved&, const Shape&, ParameterRegistry&) {}
        void forward(ConstView<T> x, View<T> y, Pass<T>&) const {
            for (Index i = 0; i < y.size(); ++i) y[i] = x[i] / 2;
        }
        void backward(ConstView<T>, ConstView<T>, View<T>, View<T>, Pass<T>&) const {}
    };
    Shape output_shape(const Shape& input) const { return input; }
};

std::vector<std::string> names_of(const std::vector<onnx::Node>& nodes) {
    std::vector<std::string> names;
    for (const onnx::Node& node : nodes) names.push_back(node.op + ' ' + node.name);
    return names;
}

} // namespace

// Python with onnx, onnxruntime and safetensors is what FOVEA_PYTHON names; without it there is nothing to compare with.
TEST_CASE("export_onnx: onnx's checker takes the files, and ONNX Runtime agrees within 1e-5 on 1,000 inputs") {
    if (!has_python()) {
        WARN("FOVEA_PYTHON is not set: not compared");
        return;
    }
    const TemporaryDirectory folder;
    for (const auto& entry : onnx_networks::all()) {
        const auto put = [&](const std::string& stem, const ExportOnnxOptions& options) {
            export_onnx(entry.second, folder.path() / (stem + ".onnx"), options);
            outputs::put(folder.path() / (stem + ".data"), entry.second, 1000);
        };
        put(entry.first, {});
        put(entry.first + "_folded_nchw", {.layout = OnnxLayout::nchw, .fold_batch_normalization = true});
    }
    CHECK(python_is_content("onnx/onnx_runtime.py", folder.path()));
}

TEST_CASE("export_onnx: nodes have the names of layers, constants those of parameters") {
    Sequential model{Input{6, 6, 1}, Conv2D{4, {3, 3}, Activation::relu}, Flatten{}, Dense{3, Activation::softmax}};
    const onnx::File file = detail::onnx_file(model, {});
    CHECK(file.opset == 17);
    CHECK(names_of(file.nodes) == std::vector<std::string>{"Transpose input_layer/nchw", "Conv conv2d",
                                                           "Relu conv2d/Relu", "Transpose conv2d/Relu:0/nhwc",
                                                           "Flatten flatten", "Gemm dense", "Softmax dense/Softmax",
                                                           "Identity dense/output"});
    std::vector<std::string> constants;
    for (const onnx::Constant& constant : file.constants) constants.push_back(constant.name);
    CHECK(constants == std::vector<std::string>{"conv2d/kernel", "conv2d/bias", "dense/kernel", "dense/bias"});
    CHECK(file.constants[0].dims == onnx::Integers{4, 1, 3, 3});
    CHECK(file.inputs[0].name == "input_layer");
    CHECK(file.inputs[0].dims == onnx::Integers{-1, 6, 6, 1});
    CHECK(file.outputs[0].name == "dense");
    CHECK(file.outputs[0].dims == onnx::Integers{-1, 3});
    CHECK(detail::onnx_file(model, {.layout = OnnxLayout::nchw}).inputs[0].dims == onnx::Integers{-1, 1, 6, 6});
}

TEST_CASE("export_onnx: a normalization is folded where nobody else reads what is in front of it") {
    const auto count = [](const Model<float>& model, bool fold) {
        const onnx::File file = detail::onnx_file(model, {.fold_batch_normalization = fold});
        return std::count_if(file.nodes.begin(), file.nodes.end(),
                             [](const onnx::Node& node) { return node.op == "BatchNormalization"; });
    };
    CHECK(count(onnx_networks::residual(), false) == 5);
    CHECK(count(onnx_networks::residual(), true) == 0);
    const auto read_twice = onnx_networks::of({4}, [](const Node<float>& x) {
        const auto h = Dense{.units = 3}(x);
        return std::vector{Add{}(h, BatchNormalization{}(h))};
    });
    CHECK(count(read_twice, true) == 1);
    const auto with_activation = onnx_networks::of({4}, [](const Node<float>& x) {
        return std::vector{BatchNormalization{}(Dense{.units = 3, .activation = Activation::relu}(x))};
    });
    CHECK(count(with_activation, true) == 1);
}

TEST_CASE("export_onnx: what ONNX does not have is named") {
    Graph graph;
    const auto x = graph.input({3});
    const Model<float> model{{x}, {x.then(Halved{})}};
    const TemporaryDirectory folder;
    CHECK_THROWS_WITH(export_onnx(model, folder.path() / "a.onnx"), "export_onnx: halved: ONNX has no Halved");
    CHECK_FALSE(std::filesystem::exists(folder.path() / "a.onnx"));
    const auto rows = onnx_networks::of(
        {4, 6}, [](const Node<float>& in) { return std::vector{GroupNormalization{.groups = 2}(in)}; });
    CHECK_THROWS_WITH(export_onnx(rows, folder.path() / "a.onnx"),
                      "export_onnx: group_normalization: ONNX has no GroupNormalization of samples of 2 axes");
    Sequential empty{Input{3}};
    CHECK_THROWS_AS(export_onnx(empty, folder.path() / "a.onnx"), StateError);
    Sequential dense{Input{3}, Dense{1}};
    CHECK_THROWS_AS(export_onnx(dense, folder.path() / "none" / "a.onnx"), DataError);
}
