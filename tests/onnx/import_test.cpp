#include <fstream>
#include <string>

#include <fovea/onnx/export.hpp>
#include <fovea/onnx/import.hpp>

#include "models/outputs.hpp"
#include "onnx/onnx_networks.hpp"
#include "reference/images.hpp"
#include "support/temporary_directory.hpp"

#include "catch.hpp"

using namespace fovea;

namespace {

/// The message of what import throws for a file of these nodes, behind an input "x" (batch, 2, 4, 4).
std::string refusal(std::vector<onnx::Node> nodes, std::vector<onnx::Constant> constants = {},
                    std::int64_t opset = 17) {
    onnx::File file;
    file.opset = opset;
    file.inputs = {{"x", {-1, 2, 4, 4}}};
    file.outputs = {{"y", {-1}}};
    file.nodes = std::move(nodes);
    file.constants = std::move(constants);
    try {
        detail::read_onnx(onnx::from_bytes(onnx::to_bytes(file)), {.memory_limit = 1e6});
    } catch (const DataError& error) {
        return error.what();
    }
    return "nothing is refused";
}

} // namespace

// Within 1e-5: what is fused, and by which kernel, may differ from the original.
TEST_CASE("import_onnx: what export_onnx wrote gives the same predictions") {
    const TemporaryDirectory folder;
    int read = 0;
    for (const auto& [name, model] : onnx_networks::all()) {
        for (const OnnxLayout layout : {OnnxLayout::nhwc, OnnxLayout::nchw}) {
            INFO(name << " layout " << static_cast<int>(layout));
            export_onnx(model, folder.path() / "a.onnx", {.layout = layout});
            const Model<float> again = import_onnx(folder.path() / "a.onnx");
            const std::vector<Tensor<float>> x = outputs::inputs_of(model, 20);
            CHECK(outputs::worst_difference(outputs::of(again, x), outputs::of(model, x)) <= 1e-5);
            ++read;
        }
    }
    CHECK(read == 30);
}

// PyTorch computed in float64; float32 through a dozen layers of numbers around 1 stays within 1e-5.
TEST_CASE("import_onnx: files that PyTorch wrote give PyTorch's outputs") {
    const TemporaryDirectory folder;
    const std::vector<reference::Case> cases = reference::read("onnx.txt");
    CHECK(cases.size() == 13);
    for (const reference::Case& c : cases) {
        INFO(c.name);
        const std::vector<std::byte> bytes = reference::from_hexadecimal(c.lines.at("bytes"));
        std::ofstream(folder.path() / "a.onnx", std::ios::binary)
            .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
        const Model<float> model = import_onnx(folder.path() / "a.onnx");
        CHECK(model.network().input_shape() == c.shape("shape").tail());
        const Tensor<float> x = reference::values<float>(c.shape("shape"), reference::x_stream);
        CHECK(reference::worst_difference(model.predict(x), c.tensor("y")) <= 1e-5);
    }
}

TEST_CASE("import_onnx: the network can be trained, and keeps its names") {
    const TemporaryDirectory folder;
    const auto original = onnx_networks::with_weights(networks::small());
    export_onnx(original, folder.path() / "a.onnx");
    Model<float> model = import_onnx(folder.path() / "a.onnx");
    CHECK(std::as_const(model).parameter("conv2d/kernel").shape() == Shape{3, 3, 1, 4});
    CHECK(model.network().input_names() == original.network().input_names());
    const Dataset data = networks::images(60);
    networks::compile(model);
    const double before = model.evaluate(data, {.verbose = 0}).loss;
    model.fit(data, {.epochs = 5, .verbose = 0});
    CHECK(model.evaluate(data, {.verbose = 0}).loss < before);
}

TEST_CASE("import_onnx: an operator that is not supported is named with its node") {
    CHECK(refusal({{"Einsum", "sum", {"x"}, {"y"}, {}}}) == "node 0 (Einsum \"sum\"): the operator is not supported");
    CHECK(refusal({{"Relu", "", {"x"}, {"y"}, {}, "com.me"}}) == "node 0 (Relu \"\"): the operator is not supported");
    CHECK(refusal({{"MatMul", "m", {"x", "w"}, {}, {}}}, {{"w", {4, 1}, onnx::Floats(4)}}) ==
          "node 0 (MatMul \"m\"): has no output");
    CHECK(refusal({{"Relu", "r", {"z"}, {"y"}, {}}}) ==
          "node 0 (Relu \"r\"): reads \"z\", which nothing in front of it writes");
    CHECK(refusal({{"Relu", "r", {"x"}, {"z"}, {}}}) == "nothing writes the output \"y\"");
    CHECK(refusal({{"MaxPool",
                    "p",
                    {"x"},
                    {"y"},
                    {{"kernel_shape", onnx::Integers{3, 3}}, {"pads", onnx::Integers{1, 1, 1, 1}}}}}) ==
          "nothing is refused"); // 3x3 with one row around is padding="same"
    CHECK_THAT(refusal({{"MaxPool",
                         "p",
                         {"x"},
                         {"y"},
                         {{"kernel_shape", onnx::Integers{2, 2}}, {"pads", onnx::Integers{2, 1, 1, 1}}}}}),
               contains("node 0 (MaxPool \"p\"): a window would lie outside of the image"));
    CHECK_THAT(refusal({{"Relu", "r", {"x"}, {"y"}, {}}}, {}, 5), contains("is of opset 5"));
}

TEST_CASE("import_onnx: sizes that a file claims are looked at before memory is asked for") {
    const onnx::Integers much{0, 0, 1 << 23, 1 << 23, 0, 0, 0, 0};
    CHECK_THAT(refusal({{"Pad", "p", {"x", "pads"}, {"y"}, {}}}, {{"pads", {8}, much}}), contains("memory_limit"));
    CHECK_THAT(refusal({{"Relu", "r", {"x"}, {"y"}, {}}},
                       {{"w", {std::int64_t{1} << 40, std::int64_t{1} << 40}, onnx::Floats{1}}}),
               contains("tensor \"w\" has 1 elements"));
    CHECK_THAT(refusal({{"Conv", "c", {"x", "w"}, {"y"}, {}}}, {{"w", {1, 3, 1, 1}, onnx::Floats{1, 1, 1}}}),
               contains("does not fit the image (4, 4, 2)"));
}

TEST_CASE("import_onnx: a damaged file is an error, wherever the damage is") {
    const TemporaryDirectory folder;
    CHECK_THROWS_AS(import_onnx(folder.path() / "none.onnx"), DataError);
    CHECK_THROWS_AS(onnx::from_bytes(""), DataError);
    const std::string whole = onnx::to_bytes(detail::onnx_file(networks::small(), {}));
    for (std::size_t i = 0; i < whole.size(); i += 3) {
        CHECK_NOTHROW([&] {
            try {
                detail::read_onnx(onnx::from_bytes(std::string_view(whole).substr(0, i)), {});
            } catch (const Error&) {
            }
        }());
        for (const int flip : {1, 4, 0x80}) {
            std::string changed = whole;
            changed[i] = static_cast<char>(changed[i] ^ flip);
            CHECK_NOTHROW([&] {
                try {
                    detail::read_onnx(onnx::from_bytes(changed), {.memory_limit = 1e6});
                } catch (const Error&) {
                }
            }());
        }
    }
}
