#include <filesystem>

#include <fovea/fovea.hpp>
#include <fovea/onnx/export.hpp>
#include <fovea/onnx/import.hpp>

int main() {
    fovea::Sequential<float> model{fovea::Input{3}, fovea::Dense{.units = 1}};
    fovea::export_onnx(model, "consumer.onnx");
    const bool is_equal = fovea::import_onnx("consumer.onnx").get_weights() == model.get_weights();
    std::filesystem::remove("consumer.onnx");
    return is_equal ? 0 : 1;
}
