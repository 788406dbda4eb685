#include <fovea/io/weights.hpp>
#include <fovea/models/sequential.hpp>

#include "io/safetensors_files.hpp"
#include "models/networks.hpp"
#include "support/temporary_directory.hpp"

#include "catch.hpp"

using namespace fovea;
using namespace safetensors_files;

namespace {

/// The model of record_safetensors.py, with its weights.
template <class T>
Sequential<T> recorded_model() {
    Sequential<T> model{Input{3, 3, 1}, Conv2D{2, {2, 2}}, BatchNormalization{}, Flatten{}, Dense{3}};
    std::vector<Tensor<T>> weights = model.get_weights();
    for (std::size_t k = 0; k < weights.size(); ++k)
        weights[k] = reference::values<T>(weights[k].shape(), reference::parameters + k);
    model.set_weights(weights);
    return model;
}

template <class T>
Sequential<T> fresh_model() {
    return Sequential<T>{Input{3, 3, 1}, Conv2D{2, {2, 2}}, BatchNormalization{}, Flatten{}, Dense{3}};
}

template <class E, class T>
void load_refused(Model<T>& model, const std::filesystem::path& path, const LoadWeightsOptions& options,
                  const std::string& why) {
    const auto before = model.weights_hash();
    CHECK_THROWS_MATCHES(load_weights(model, path, options), E, says(why));
    CHECK(model.weights_hash() == before);
}

} // namespace

TEMPLATE_TEST_CASE("save_weights: the bytes that Python's package writes for the same weights", "", float, double) {
    const TemporaryDirectory folder;
    save_weights(recorded_model<TestType>(), folder.path() / "w");
    CHECK(content(folder.path() / "w") == recorded(std::is_same_v<TestType, float> ? "float" : "double"));
}

TEMPLATE_TEST_CASE("load_weights: a file that Python's package has written", "", float, double) {
    const TemporaryDirectory folder;
    const auto path = folder.write("w", recorded(std::is_same_v<TestType, float> ? "float" : "double"));
    auto model = fresh_model<TestType>();
    const WeightsReport report = load_weights(model, path);
    CHECK(model.weights_hash() == recorded_model<TestType>().weights_hash());
    CHECK(report.complete());
    CHECK(report.matched.size() == 8);
    CHECK(report.matched.front() == "conv2d/kernel");
}

TEST_CASE("load_weights: what was saved, predictions included, and training goes on from there") {
    const TemporaryDirectory folder;
    const Dataset set = networks::images(20);
    auto model = networks::normalized();
    networks::compile(model);
    model.fit(set, {.epochs = 2, .verbose = 0});
    save_weights(model, folder.path() / "w");
    auto other = networks::normalized();
    other.predict(set); // so that it has prepared its own weights
    load_weights(other, folder.path() / "w");
    CHECK(other.weights_hash() == model.weights_hash());
    CHECK(other.predict(set) == model.predict(set));
}

TEST_CASE("load_weights: numbers of another type only when asked for") {
    const TemporaryDirectory folder;
    const auto floats = folder.write("float", recorded("float"));
    const auto doubles = folder.write("double", recorded("double"));
    auto narrow = fresh_model<float>();
    auto wide = fresh_model<double>();
    load_refused<ValueError>(narrow, doubles, {},
                             "conv2d/kernel is F64, the model's parameters are F32; ask for a conversion with "
                             "{.convert = true}");
    load_refused<ValueError>(wide, floats, {.by_name = true}, "conv2d/kernel is F32, the model's parameters are F64");
    load_weights(narrow, doubles, {.convert = true}); // the recorded numbers are exact in float
    CHECK(narrow.weights_hash() == recorded_model<float>().weights_hash());
    load_weights(wide, floats, {.convert = true});
    CHECK(wide.weights_hash() == recorded_model<double>().weights_hash());
}

TEST_CASE("load_weights: conversion rounds, and refuses what float cannot hold and types that are no floats") {
    const TemporaryDirectory folder;
    const auto path = folder.path() / "w";
    Sequential<float> model{Input{1}, Dense{.units = 1, .use_bias = false}};
    const Tensor<double> third{{1.0 / 3}};
    safetensors::write(path, {{"dense/kernel", third}});
    load_weights(model, path, {.convert = true});
    CHECK(model.get_weights()[0][0] == 1.0F / 3);
    const Tensor<double> large{{1e300}};
    safetensors::write(path, {{"dense/kernel", large}});
    load_refused<ValueError>(model, path, {.convert = true}, "1e+300 does not fit");
    const Tensor<std::int32_t> whole{{1}};
    safetensors::write(path, {{"dense/kernel", whole}});
    load_refused<ValueError>(model, path, {.convert = true}, "dense/kernel is I32, the model's parameters are F32");
}

TEST_CASE("load_weights: what does not fit is refused with all that differs, or by name left out") {
    const TemporaryDirectory folder;
    const auto path = folder.path() / "w";
    Sequential<float> saved{Input{4}, Dense{3}, Dense{.units = 2, .name = "old_head"},
                            Dense{.units = 5, .name = "top"}};
    Sequential<float> model{Input{4}, Dense{3}, Dense{.units = 2, .name = "new_head"},
                            Dense{.units = 6, .name = "top"}};
    save_weights(saved, path);
    load_refused<DataError>(model, path, {},
                            "w does not fit the model: 2 parameters match; not in the file: new_head/kernel, "
                            "new_head/bias; not in the model: old_head/bias, old_head/kernel; top/kernel is (2, 6) in "
                            "the model, (2, 5) in the file; top/bias is (6,) in the model, (5,) in the file "
                            "({.by_name = true} takes what fits)");
    const auto before = model.get_weights();
    const WeightsReport report = load_weights(model, path, {.by_name = true});
    CHECK_FALSE(report.complete());
    CHECK(report.matched == std::vector<std::string>{"dense/kernel", "dense/bias"});
    CHECK(report.missing == std::vector<std::string>{"new_head/kernel", "new_head/bias"});
    CHECK(report.unused == std::vector<std::string>{"old_head/bias", "old_head/kernel"});
    REQUIRE(report.mismatched.size() == 2);
    CHECK(report.mismatched[0].name == "top/kernel");
    CHECK(report.mismatched[0].model == Shape{2, 6});
    CHECK(report.mismatched[0].file == std::vector<std::uint64_t>{2, 5});
    const auto after = model.get_weights();
    CHECK(after[0] == saved.get_weights()[0]);
    for (std::size_t i = 2; i < after.size(); ++i) CHECK(after[i] == before[i]);
}

TEST_CASE("load_weights: of equal sizes in another shape nothing is taken") {
    const TemporaryDirectory folder;
    const auto path = folder.path() / "w";
    Sequential<float> model{Input{2}, Dense{.units = 3, .use_bias = false}};
    const Tensor<float> transposed{{1, 2}, {3, 4}, {5, 6}};
    safetensors::write(path, {{"dense/kernel", transposed}});
    load_refused<DataError>(model, path, {}, "dense/kernel is (2, 3) in the model, (3, 2) in the file");
}

TEST_CASE("WeightsReport: long lists are cut off") {
    WeightsReport report;
    for (int i = 0; i < 20; ++i) report.missing.push_back(text("p", i));
    report.mismatched.assign(20, {"q", Shape{1}, {2}});
    const std::string printed = text(report);
    CHECK_THAT(printed,
               contains("0 parameters match; not in the file: p0, p1, p2, p3, p4, p5, p6, p7 and 12 more; q is") &&
                   contains("; 12 more have other shapes"));
    report = {};
    report.matched = {"a"};
    CHECK(text(report) == "1 parameter matches");
}

TEST_CASE("load_weights: a damaged file leaves the model as it was") {
    const TemporaryDirectory folder;
    auto model = recorded_model<float>();
    const std::string whole = recorded("float");
    load_refused<DataError>(model, folder.path() / "missing", {}, "missing: there is no such file");
    load_refused<DataError>(model, folder.write("w", whole.substr(0, whole.size() - 1)), {}, "w: tensor \"");
    load_refused<DataError>(model, folder.write("w", whole + "x"), {},
                            "w: the tensors have 180 bytes of data, the file has 181");
}

TEST_CASE("save_weights: a file that is there stays whole when writing fails") {
    const TemporaryDirectory folder;
    CHECK_THROWS_MATCHES(save_weights(recorded_model<float>(), folder.path() / "missing" / "w"), DataError,
                         says("w: cannot be written: "));
}
