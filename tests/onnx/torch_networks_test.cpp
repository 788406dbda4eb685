#include <string>

#include <fovea/onnx/import.hpp>

#include "models/outputs.hpp"
#include "support/python.hpp"
#include "support/temporary_directory.hpp"

#include "catch.hpp"

using namespace fovea;

// Python with torch, onnx and safetensors is what FOVEA_PYTHON names; with onnxscript PyTorch's newer exporter is there, too.
TEST_CASE("import_onnx: a dozen networks that PyTorch wrote agree with it within 1e-5 on 1,000 inputs") {
    if (!has_python()) {
        WARN("FOVEA_PYTHON is not set: not compared");
        return;
    }
    const TemporaryDirectory folder;
    REQUIRE(python_is_content("onnx/torch_networks.py", folder.path()));
    int networks = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
        if (entry.path().extension() != ".onnx") continue;
        std::string name = entry.path().stem().string();
        INFO(name);
        if (name.ends_with("_dynamo")) name.erase(name.size() - 7); // of the same inputs and outputs
        CHECK(outputs::difference_to_file(import_onnx(entry.path()), folder.path() / (name + ".data")) <= 1e-5);
        ++networks;
    }
    CHECK(networks >= 14);
}
