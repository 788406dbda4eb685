#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <fovea/io/safetensors.hpp>
#include <fovea/onnx/import.hpp>

#include "support/python.hpp"
#include "support/temporary_directory.hpp"

#include "catch.hpp"

using namespace fovea;

namespace {

/// The tolerance of the tests themselves.
bool is_close(const float* a, const float* b, Index count) {
    for (Index i = 0; i < count; ++i)
        if (a[i] != b[i] && !(std::abs(a[i] - b[i]) <= 1e-7F + 1e-3F * std::abs(b[i])) &&
            !(std::isnan(a[i]) && std::isnan(b[i])))
            return false;
    return true;
}

/// Whether they are the same; y may have the axes of an image in fovea's order.
bool is_output(const Tensor<float>& y, const Tensor<float>& expected) {
    if (y.size() != expected.size()) return false;
    const Shape& shape = expected.shape();
    if (is_close(y.data(), expected.data(), y.size())) return true;
    if (shape.rank() != 4 || y.shape() != Shape{shape[0], shape[2], shape[3], shape[1]}) return false;
    Tensor<float> first(shape);
    for (Index n = 0; n < shape[0]; ++n)
        for (Index c = 0; c < shape[1]; ++c)
            for (Index i = 0; i < shape[2]; ++i)
                for (Index j = 0; j < shape[3]; ++j) first(n, c, i, j) = y(n, i, j, c);
    return is_close(first.data(), expected.data(), y.size());
}

/// The error without the file and the number of the node.
std::string reason_of(std::string message) {
    if (const std::size_t file = message.find(".onnx: "); file != std::string::npos) message.erase(0, file + 7);
    if (message.starts_with("node 0 (")) message.erase(0, message.find("): ") + 3);
    std::replace(message.begin(), message.end(), '\n', ' ');
    return message;
}

/// "passed", why it is refused, or what is wrong.
std::string result_of_node_test(std::filesystem::path path) {
    std::optional<Model<float>> model;
    try {
        model = import_onnx(path);
    } catch (const DataError& error) {
        return reason_of(error.what());
    }
    safetensors::File file(path.replace_extension(".data"));
    std::vector<Tensor<float>> x;
    for (std::size_t i = 0; i < model->network().inputs(); ++i) {
        x.push_back(file.tensor<float>(text("x", i)));
        if (x[i].shape().rank() == 1) x[i] = Tensor<float>(ConstView<float>(x[i].data(), {x[i].size(), 1}));
    }
    Data<float> data(x.front());
    for (std::size_t i = 1; i < x.size(); ++i) data.add_input(x[i]);
    const std::vector<Tensor<float>> y = model->predict_outputs(data);
    for (std::size_t i = 0; i < y.size(); ++i)
        if (!is_output(y[i], file.tensor<float>(text("y", i)))) return text("WRONG: output ", i, " ", y[i].shape());
    return "passed";
}

} // namespace

// Python with onnx and safetensors is what FOVEA_PYTHON names; node_tests.py has the tests, node_tests.txt what is to come out.
TEST_CASE("import_onnx: ONNX's own node tests pass, or are refused for the reason that is listed") {
    if (!has_python()) {
        WARN("FOVEA_PYTHON is not set: no node tests");
        return;
    }
    const TemporaryDirectory folder;
    REQUIRE(python_is_content("onnx/node_tests.py", folder.path(), "write"));
    std::map<std::string, std::string> results;
    for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
        if (entry.path().extension() != ".onnx") continue;
        INFO(entry.path().string());
        results[entry.path().stem().string()] = result_of_node_test(entry.path());
    }
    std::ofstream out(folder.path() / "results.txt");
    for (const auto& [name, result] : results) out << name << '\t' << result << '\n';
    out.close();
    CHECK(python_is_content("onnx/node_tests.py", folder.path(), "check"));
}
