#include <string>
#include <tuple>
#include <vector>

#include <fovea/onnx/import.hpp>
#include <fovea/onnx/write.hpp>

#include "catch.hpp"

using namespace fovea;
using onnx::Floats;
using onnx::Integers;

namespace {

/// The model of a file with an input "x" of these dims, and an output "y".
Model<float> model_of_nodes(Integers dims, std::vector<onnx::Node> nodes, std::vector<onnx::Constant> constants = {},
                            std::int64_t opset = 17) {
    onnx::File file;
    file.opset = opset;
    file.inputs = {{"x", std::move(dims)}};
    file.outputs = {{"y", {-1}}};
    file.nodes = std::move(nodes);
    file.constants = std::move(constants);
    return detail::read_onnx(onnx::from_bytes(onnx::to_bytes(file)), {.memory_limit = 1e6});
}

std::vector<std::string> types_of(const Model<float>& model) {
    std::vector<std::string> types;
    for (const auto& layer : model.network().layers()) types.emplace_back(layer.layer.type());
    return types;
}

std::vector<float> values_of(const Model<float>& model, const Shape& shape, const std::vector<float>& x) {
    const Tensor<float> y = model.predict(Tensor<float>(ConstView<float>(x.data(), shape)));
    return {y.begin(), y.end()};
}

std::string refusal_of(const Integers& dims, const std::vector<onnx::Node>& nodes,
                       const std::vector<onnx::Constant>& constants = {}, std::int64_t opset = 17) {
    try {
        model_of_nodes(dims, nodes, constants, opset);
    } catch (const DataError& error) {
        return error.what();
    }
    return "nothing is refused";
}

const onnx::Constant number_half{"half", {}, Floats{0.5F}}, number_one{"one", {}, Floats{1}};
const onnx::Constant number_root{"root", {}, Floats{1.41421356F}}, number_inverse{"inverse", {}, Floats{0.70710678F}};

} // namespace

// gelu(1) = 0.841344746..., gelu(-1) = -0.158655254...: 1 and -1 times the normal distribution's function there.
TEST_CASE("import_onnx: GELU written with Erf is one layer, whatever the order of its factors") {
    const onnx::Node divided{"Div", "a", {"x", "root"}, {"s"}, {}}, product{"Mul", "a", {"inverse", "x"}, {"s"}, {}};
    const onnx::Node erf{"Erf", "b", {"s"}, {"e"}, {}}, sum{"Add", "c", {"e", "one"}, {"t"}, {}};
    const std::vector<std::vector<onnx::Node>> orders{
        {divided, erf, sum, {"Mul", "d", {"x", "t"}, {"u"}, {}}, {"Mul", "f", {"u", "half"}, {"y"}, {}}},
        {divided, erf, sum, {"Mul", "d", {"half", "x"}, {"u"}, {}}, {"Mul", "f", {"u", "t"}, {"y"}, {}}},
        {product, erf, sum, {"Mul", "d", {"t", "half"}, {"u"}, {}}, {"Mul", "f", {"x", "u"}, {"y"}, {}}},
        {product, erf, sum, {"Mul", "d", {"x", "half"}, {"u"}, {}}, {"Mul", "f", {"t", "u"}, {"y"}, {}}}};
    for (const auto& nodes : orders) {
        const Model<float> model =
            model_of_nodes({-1, 2}, nodes, {number_half, number_one, number_root, number_inverse});
        CHECK(types_of(model) == std::vector<std::string>{"Activation"});
        const std::vector<float> y = values_of(model, {1, 2}, {1, -1});
        CHECK(y[0] == Catch::Approx(0.841344746).epsilon(1e-6));
        CHECK(y[1] == Catch::Approx(-0.158655254).epsilon(1e-6));
    }
    // Of another number, or with a tensor between them read elsewhere, it is none.
    CHECK_THAT(refusal_of({-1, 2}, orders[0], {{"half", {}, Floats{0.25F}}, number_one, number_root}),
               contains("(Erf \"b\"): the operator is not supported"));
    std::vector<onnx::Node> read_twice = orders[0];
    read_twice.push_back({"Add", "g", {"e", "y"}, {"z"}, {}});
    CHECK_THAT(refusal_of({-1, 2}, read_twice, {number_half, number_one, number_root}),
               contains("(Erf \"b\"): the operator"));
}

TEST_CASE("import_onnx: SiLU and rows of length 1 are one layer each") {
    const Model<float> silu =
        model_of_nodes({-1, 1}, {{"Sigmoid", "a", {"x"}, {"s"}, {}}, {"Mul", "b", {"s", "x"}, {"y"}, {}}});
    CHECK(types_of(silu) == std::vector<std::string>{"Activation"});
    CHECK(values_of(silu, {1, 1}, {1})[0] == Catch::Approx(0.731058579).epsilon(1e-6));

    const std::vector<onnx::Node> nodes{
        {"ReduceL2", "a", {"x"}, {"l"}, {{"axes", Integers{-1}}, {"keepdims", std::int64_t{1}}}},
        {"Clip", "b", {"l", "least", ""}, {"c"}, {}},
        {"Shape", "c", {"x"}, {"s"}, {}},
        {"Expand", "d", {"c", "s"}, {"e"}, {}},
        {"Div", "f", {"x", "e"}, {"y"}, {}}};
    const Model<float> unit = model_of_nodes({-1, 2}, nodes, {{"least", {}, Floats{1e-12F}}});
    CHECK(types_of(unit) == std::vector<std::string>{"UnitNormalization"});
    CHECK(values_of(unit, {1, 2}, {3, 4}) == std::vector<float>{0.6F, 0.8F});
    CHECK_THAT(refusal_of({-1, 2}, nodes, {{"least", {}, Floats{0.5F}}}), contains("(ReduceL2 \"a\")"));
}

// Two groups of two channels of one pixel: (1, 3) and (10, 14) become (-1, 1) each, but for epsilon; then gamma and beta.
TEST_CASE("import_onnx: GroupNormalization, as one node and around an InstanceNormalization") {
    const std::vector<float> x{1, 3, 10, 14};
    const onnx::Constant gamma{"gamma", {4}, Floats{1, 2, 3, 4}}, beta{"beta", {4}, Floats{0, 0, 1, 1}};
    const auto check = [&](const Model<float>& model) {
        CHECK(types_of(model) == std::vector<std::string>{"GroupNormalization"});
        const std::vector<float> y = values_of(model, {1, 1, 1, 4}, x);
        const std::vector<float> expected{-1, 2, -2, 5};
        for (std::size_t i = 0; i < 4; ++i) CHECK(y[i] == Catch::Approx(expected[i]).epsilon(1e-4));
    };
    const std::vector<onnx::Attribute> groups{{"num_groups", std::int64_t{2}}};
    check(model_of_nodes({-1, 4, 1, 1}, {{"GroupNormalization", "g", {"x", "gamma", "beta"}, {"y"}, groups}},
                         {gamma, beta}, 21));
    const std::vector<onnx::Node> apart{{"Reshape", "a", {"x", "groups"}, {"g"}, {}},
                                        {"InstanceNormalization", "b", {"g", "ones", "zeros"}, {"i"}, {}},
                                        {"Shape", "c", {"x"}, {"s"}, {}},
                                        {"Reshape", "d", {"i", "s"}, {"r"}, {}},
                                        {"Mul", "e", {"r", "factors"}, {"m"}, {}},
                                        {"Add", "f", {"m", "shifts"}, {"y"}, {}}};
    const std::vector<onnx::Constant> constants{{"groups", {3}, Integers{0, 2, -1}},
                                                {"ones", {2}, Floats{1, 1}},
                                                {"zeros", {2}, Floats{0, 0}},
                                                {"factors", {4, 1, 1}, Floats{1, 2, 3, 4}},
                                                {"shifts", {4, 1, 1}, Floats{0, 0, 1, 1}}};
    check(model_of_nodes({-1, 4, 1, 1}, apart, constants));
}

TEST_CASE("import_onnx: what is computed of constants and shapes is done at once") {
    // pads = 0 0 0 (width - 1) 0 0 1 0, the batch's own extent for the Reshape
    const std::vector<onnx::Node> nodes{{"Shape", "", {"x"}, {"s"}, {}},
                                        {"Gather", "", {"s", "three"}, {"w"}, {}},
                                        {"Sub", "", {"w", "ones"}, {"w1"}, {}},
                                        {"Concat", "", {"zeros", "w1", "behind"}, {"p"}, {{"axis", std::int64_t{0}}}},
                                        {"Cast", "", {"p"}, {"pads"}, {{"to", std::int64_t{7}}}},
                                        {"Pad", "", {"x", "pads"}, {"q"}, {}},
                                        {"Gather", "", {"s", "first"}, {"n"}, {{"axis", std::int64_t{0}}}},
                                        {"Unsqueeze", "", {"n", "axis"}, {"n1"}, {}},
                                        {"Concat", "", {"n1", "open"}, {"t"}, {{"axis", std::int64_t{0}}}},
                                        {"Reshape", "", {"q", "t"}, {"y"}, {}}};
    const std::vector<onnx::Constant> constants{
        {"three", {1}, Integers{3}},       {"ones", {1}, Integers{1}},
        {"zeros", {3}, Integers{0, 0, 0}}, {"behind", {4}, Integers{0, 0, 1, 0}},
        {"first", {}, Integers{0}},        {"axis", {1}, Integers{0}},
        {"open", {1}, Integers{-1}}};
    const Model<float> model = model_of_nodes({-1, 1, 1, 2}, nodes, constants);
    CHECK(values_of(model, {1, 1, 2, 1}, {5, 6}) == std::vector<float>{0, 5, 6, 0, 0, 0});
    const auto shape_of = [](onnx::Node node, std::vector<onnx::Constant> known) {
        return refusal_of({-1, 4}, {{"Shape", "", {"x"}, {"s"}, {}}, std::move(node), {"Relu", "", {"x"}, {"y"}, {}}},
                          std::move(known));
    };
    CHECK(shape_of({"Mul", "m", {"s", "s"}, {"z"}, {}}, {}) ==
          "node 1 (Mul \"m\"): computes with the extent of the batch");
    CHECK_THAT(shape_of({"Gather", "g", {"s", "i"}, {"z"}, {}}, {{"i", {}, Integers{2}}}),
               contains("there is no element 2 of 2"));
    CHECK_THAT(shape_of({"ConstantOfShape", "c", {"i"}, {"z"}, {}}, {{"i", {2}, Integers{1 << 20, 1 << 20}}}),
               contains("memory_limit"));
    CHECK_THAT(shape_of({"Expand", "e", {"i", "j"}, {"z"}, {}},
                        {{"i", {}, Integers{1}}, {"j", {3}, Integers{1 << 30, 1 << 30, 1 << 30}}}),
               contains("a constant would be too large"));
    CHECK_THAT(shape_of({"Div", "d", {"i", "j"}, {"z"}, {}}, {{"i", {}, Integers{1}}, {"j", {}, Integers{0}}}),
               contains("division by 0"));
}

TEST_CASE("import_onnx: constants meet tensors as layers that are frozen, or in a normalization's gamma and beta") {
    const onnx::Constant factors{"factors", {2, 1, 1}, Floats{2, 3}}, map{"map", {2}, Floats{1, -1}};
    const Model<float> model = model_of_nodes(
        {-1, 2, 1, 2}, {{"Mul", "m", {"factors", "x"}, {"p"}, {}}, {"Sub", "s", {"p", "map"}, {"y"}, {}}},
        {factors, map});
    CHECK(types_of(model) ==
          std::vector<std::string>{"BatchNormalization", "Reshape", "BatchNormalization", "Reshape"});
    CHECK_FALSE(model.network().layers()[0].trainable);
    CHECK(values_of(model, {1, 1, 2, 2}, {1, 1, 2, 2}) == std::vector<float>{1, 2, 5, 7});
    const Model<float> rows = model_of_nodes(
        {-1, 3, 2}, {{"Mul", "m", {"x", "map"}, {"p"}, {}}, {"Add", "s", {"p", "map"}, {"y"}, {}}}, {map});
    CHECK(types_of(rows) == std::vector<std::string>{"BatchNormalization"});
    CHECK(values_of(rows, {1, 3, 2}, {1, 2, 3, 4, 5, 6}) == std::vector<float>{2, -3, 4, -5, 6, -7});
    CHECK_THAT(refusal_of({-1, 3, 2}, {{"Mul", "m", {"x", "map"}, {"y"}, {}}}, {{"map", {5, 3, 2}, Floats(30, 2)}}),
               contains("differs from sample to sample"));
    CHECK_THAT(refusal_of({-1, 2}, {{"Div", "d", {"map", "x"}, {"y"}, {}}}, {map}),
               contains("only division by numbers that are not 0"));
}

TEST_CASE("import_onnx: nodes with the same weights are one layer, unless these have not been trained") {
    const std::vector<onnx::Node> nodes{{"MatMul", "a", {"x", "w"}, {"h"}, {}}, {"MatMul", "b", {"h", "w"}, {"y"}, {}}};
    const Model<float> shared = model_of_nodes({-1, 2}, nodes, {{"w", {2, 2}, Floats{1, 2, 3, 4}}});
    CHECK(shared.network().layers().size() == 1);
    CHECK(values_of(shared, {1, 2}, {1, 0}) == std::vector<float>{7, 10});
    CHECK(model_of_nodes({-1, 2}, nodes, {{"w", {2, 2}, Floats(4, 1)}}).network().layers().size() == 2);
    const std::vector<onnx::Node> scaled{{"Gemm", "a", {"x", "w"}, {"h"}, {{"alpha", 2.0F}}},
                                         {"Gemm", "b", {"h", "w"}, {"y"}, {}}};
    const Model<float> apart = model_of_nodes({-1, 2}, scaled, {{"w", {2, 2}, Floats{1, 2, 3, 4}}});
    CHECK(apart.network().layers().size() == 2);
    CHECK(values_of(apart, {1, 2}, {1, 0}) == std::vector<float>{14, 20});
}

TEST_CASE("import_onnx: limits of any kind") {
    const auto clipped = [](const std::vector<onnx::Constant>& limits, const std::string& least,
                            const std::string& most) {
        return values_of(model_of_nodes({-1, 4}, {{"Clip", "c", {"x", least, most}, {"y"}, {}}}, limits), {1, 4},
                         {-3, -0.5F, 0.5F, 3});
    };
    const onnx::Constant minus{"minus", {}, Floats{-1}};
    CHECK(clipped({number_one}, "", "one") == std::vector<float>{-3, -0.5F, 0.5F, 1});
    CHECK(clipped({minus}, "minus", "") == std::vector<float>{-1, -0.5F, 0.5F, 3});
    CHECK(clipped({minus, number_one}, "minus", "one") == std::vector<float>{-1, -0.5F, 0.5F, 1});
    CHECK(clipped({minus, number_one}, "one", "minus") == std::vector<float>(4, -1));
    CHECK(clipped({}, "", "") == std::vector<float>{-3, -0.5F, 0.5F, 3});
}

// Numbers below 0, with which zeros around the image would be the maximum.
TEST_CASE("import_onnx: padding of maxima is not zeros") {
    const std::vector<onnx::Attribute> attributes{{"kernel_shape", Integers{2, 2}}, {"pads", Integers{1, 1, 1, 1}}};
    const Model<float> model = model_of_nodes({-1, 1, 2, 2}, {{"MaxPool", "p", {"x"}, {"y"}, attributes}});
    CHECK(values_of(model, {1, 2, 2, 1}, {-4, -3, -2, -1}) == std::vector<float>{-4, -3, -3, -2, -1, -1, -2, -1, -1});
}

TEST_CASE("import_onnx: slices and means along any axis") {
    const std::vector<onnx::Constant> constants{{"one", {1}, Integers{1}}, {"three", {1}, Integers{3}}};
    const auto slice = [&](std::int64_t axis) {
        std::vector<onnx::Constant> known = constants;
        known.push_back({"axis", {1}, Integers{axis}});
        return model_of_nodes({-1, 3, 2, 1}, {{"Slice", "s", {"x", "one", "three", "axis"}, {"y"}, {}}}, known);
    };
    // Two pixels of three channels, one above the other.
    CHECK(values_of(slice(1), {1, 2, 1, 3}, {1, 2, 3, 4, 5, 6}) == std::vector<float>{2, 3, 5, 6});
    CHECK(values_of(slice(2), {1, 2, 1, 3}, {1, 2, 3, 4, 5, 6}) == std::vector<float>{4, 5, 6});
    const auto mean = [](Integers axes, std::int64_t keepdims) {
        return values_of(
            model_of_nodes({-1, 2, 3},
                           {{"ReduceMean", "m", {"x"}, {"y"}, {{"axes", std::move(axes)}, {"keepdims", keepdims}}}}),
            {1, 2, 3}, {1, 2, 3, 4, 5, 9});
    };
    CHECK(mean({1}, 0) == std::vector<float>{2.5F, 3.5F, 6});
    CHECK(mean({-1}, 1) == std::vector<float>{2, 6});
    CHECK(mean({1, 2}, 0) == std::vector<float>{4});
    CHECK_THAT(refusal_of({-1, 2, 3}, {{"ReduceMean", "m", {"x"}, {"y"}, {{"axes", Integers{0}}}}}),
               contains("axis 0 is not supported, only those of a sample"));
}

// Maxima of pairs, of each of two channels; their sum by a kernel of ones.
TEST_CASE("import_onnx: lines are images of one row, and come back where axes count") {
    const std::vector<onnx::Node> nodes{
        {"MaxPool",
         "p",
         {"x"},
         {"m"},
         {{"kernel_shape", Integers{2}}, {"strides", Integers{2}}, {"pads", Integers{1, 1}}}},
        {"Relu", "r", {"m"}, {"a"}, {}},
        {"Conv", "c", {"a", "w"}, {"s"}, {}},
        {"Transpose", "t", {"s"}, {"y"}, {{"perm", Integers{0, 2, 1}}}}};
    const Model<float> model = model_of_nodes({-1, 2, 4}, nodes, {{"w", {1, 2, 1}, Floats{1, 1}}});
    CHECK(model.network().output_shape() == Shape{3, 1});
    CHECK(values_of(model, {1, 2, 4}, {-1, 2, 3, 4, 5, -6, -7, -8}) == std::vector<float>{5, 3, 4});
    CHECK_THAT(refusal_of({-1, 2, 4}, {{"Conv", "c", {"x", "w"}, {"y"}, {}}}, {{"w", {1, 3, 1}, Floats{1, 1, 1}}}),
               contains("does not fit the image (1, 4, 2)"));
}

// Of (1, 3) the mean is 2 and the variance 1, of (2, 6) 4 and 4.
TEST_CASE("import_onnx: LayerNormalization of older files is one layer, with the gamma and beta behind it") {
    const auto nodes = [](const Integers& axes) {
        return std::vector<onnx::Node>{{"ReduceMean", "m", {"x"}, {"mean"}, {{"axes", axes}}},
                                       {"Sub", "s", {"x", "mean"}, {"d"}, {}},
                                       {"Pow", "p", {"d", "two"}, {"d2"}, {}},
                                       {"ReduceMean", "v", {"d2"}, {"var"}, {{"axes", axes}}},
                                       {"Add", "e", {"var", "epsilon"}, {"sum"}, {}},
                                       {"Sqrt", "r", {"sum"}, {"root"}, {}},
                                       {"Div", "n", {"d", "root"}, {"z"}, {}},
                                       {"Mul", "g", {"z", "gamma"}, {"scaled"}, {}},
                                       {"Add", "b", {"scaled", "beta"}, {"y"}, {}}};
    };
    const auto constants = [](const Integers& dims) {
        return std::vector<onnx::Constant>{{"two", {}, Floats{2}},
                                           {"epsilon", {}, Floats{1e-7F}},
                                           {"gamma", dims, Floats{1, 2}},
                                           {"beta", dims, Floats{0, 1}}};
    };
    const std::vector<float> expected{-1, 3, -1, 3};
    for (const auto& [sample, shape, axes, dims] :
         {std::tuple{Integers{-1, 2, 2}, Shape{1, 2, 2}, Integers{-1}, Integers{2}},
          std::tuple{Integers{-1, 2, 2}, Shape{1, 2, 2}, Integers{2}, Integers{2}},
          std::tuple{Integers{-1, 2, 1, 2}, Shape{1, 1, 2, 2}, Integers{1}, Integers{2, 1, 1}}}) {
        const Model<float> model = model_of_nodes(sample, nodes(axes), constants(dims));
        CHECK(types_of(model) == std::vector<std::string>{"LayerNormalization"});
        const std::vector<float> y = values_of(model, shape, {1, 3, 2, 6});
        for (std::size_t i = 0; i < 4; ++i) CHECK(y[i] == Catch::Approx(expected[i]).epsilon(1e-5));
    }
    CHECK_THAT(refusal_of({-1, 2, 2}, nodes({1}), constants({2})), contains("only the last axes, or the channels"));
}

TEST_CASE("import_onnx: parts of an axis") {
    const auto parts = [](std::int64_t opset, std::vector<std::string> inputs,
                          std::vector<onnx::Attribute> attributes) {
        return model_of_nodes({-1, 3, 1, 2},
                              {{"Split", "s", std::move(inputs), {"a", "b"}, std::move(attributes)},
                               {"Concat", "c", {"b", "a"}, {"y"}, {{"axis", std::int64_t{1}}}}},
                              {{"sizes", {2}, Integers{1, 2}}}, opset);
    };
    const std::vector<float> x{1, 2, 3, 4, 5, 6}; // two pixels of three channels
    CHECK(values_of(parts(17, {"x", "sizes"}, {{"axis", std::int64_t{1}}}), {1, 1, 2, 3}, x) ==
          std::vector<float>{2, 3, 1, 5, 6, 4});
    CHECK(values_of(parts(18, {"x"}, {{"axis", std::int64_t{-3}}, {"num_outputs", std::int64_t{2}}}), {1, 1, 2, 3},
                    x) == std::vector<float>{3, 1, 2, 6, 4, 5});
    CHECK_THAT(refusal_of({-1, 3},
                          {{"Split", "s", {"x"}, {"y", "z"}, {{"axis", std::int64_t{1}}, {"split", Integers{1, 1}}}}},
                          {}, 11),
               contains("the parts have 2 elements together, the axis 3"));
    CHECK_THAT(refusal_of({-1, 3}, {{"Split", "s", {"x"}, {"y", "z"}, {}}}), contains("axis 0 is not supported"));
}
