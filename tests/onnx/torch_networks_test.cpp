#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <string>
#include <vector>

#include <fovea/io/safetensors.hpp>
#include <fovea/onnx/import.hpp>

#include "support/temporary_directory.hpp"

#include "catch.hpp"

using namespace fovea;

namespace {

/// The largest difference between a model's outputs and those in a file, NAME.data for NAME.onnx and NAME_dynamo.onnx.
double torch_difference(const std::filesystem::path& path) {
    const Model<float> model = import_onnx(path);
    std::string name = path.stem().string();
    if (name.ends_with("_dynamo")) name.erase(name.size() - 7);
    safetensors::File file(path.parent_path() / (name + ".data"));
    std::vector<Tensor<float>> x;
    for (std::size_t i = 0; i < model.network().inputs(); ++i) x.push_back(file.tensor<float>(text("x", i)));
    Data<float> data(x.front());
    for (std::size_t i = 1; i < x.size(); ++i) data.add_input(x[i]);
    const std::vector<Tensor<float>> y = model.predict_outputs(data);
    double worst = 0;
    for (std::size_t i = 0; i < y.size(); ++i) {
        const Tensor<float> expected = file.tensor<float>(text("y", i));
        if (y[i].shape() != expected.shape()) return std::numeric_limits<double>::infinity();
        for (Index j = 0; j < expected.size(); ++j) {
            const double difference = std::abs(double{y[i][j]} - expected[j]);
            worst = difference <= worst ? worst : difference; // NaN is larger
        }
    }
    return worst;
}

} // namespace

// Python with torch, onnx and safetensors is what FOVEA_PYTHON names; with onnxscript PyTorch's newer exporter is there, too.
TEST_CASE("import_onnx: a dozen networks that PyTorch wrote agree with it within 1e-5 on 1,000 inputs") {
    const char* const python = std::getenv("FOVEA_PYTHON");
    if (python == nullptr) {
        WARN("FOVEA_PYTHON is not set: not compared");
        return;
    }
    const TemporaryDirectory folder;
    const std::string command =
        text('"', python, "\" " FOVEA_TEST_DIRECTORY "/onnx/torch_networks.py \"", folder.path().string(), '"');
    REQUIRE(std::system(command.c_str()) == 0);
    int networks = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
        if (entry.path().extension() != ".onnx") continue;
        INFO(entry.path().string());
        CHECK(torch_difference(entry.path()) <= 1e-5);
        ++networks;
    }
    CHECK(networks >= 14);
}
