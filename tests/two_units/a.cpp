#include <fovea/callbacks/model_checkpoint.hpp>
#include <fovea/data/gzip.hpp>
#include <fovea/fovea.hpp>
#include <fovea/image/all.hpp>
#include <fovea/io/checkpoint.hpp>
#include <fovea/io/export_header.hpp>
#include <fovea/onnx/export.hpp>
#include <fovea/onnx/import.hpp>

std::string_view version_in_b();

int main() { return version_in_b() == fovea::version ? 0 : 1; }
