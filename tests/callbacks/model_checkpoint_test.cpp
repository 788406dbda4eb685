#include <set>

#include <fovea/callbacks/model_checkpoint.hpp>

#include "callbacks/scripted.hpp"
#include "support/temporary_directory.hpp"

#include "catch.hpp"

using namespace fovea;

namespace {

struct WithoutFields {
    static constexpr std::string_view type = "WithoutFields";

    template <class T>
    class Layer {
    public:
        Layer(const WithoutFields&, const Shape&, ParameterRegistry&) {}
        void forward(ConstView<T> x, View<T> y, Pass<T>&) const { std::copy(x.begin(), x.end(), y.begin()); }
        void backward(ConstView<T>, ConstView<T>, View<T> dy, View<T> dx, Pass<T>&) const {
            std::copy(dy.begin(), dy.end(), dx.begin());
        }
    };

    Shape output_shape(const Shape& input) const { return input; }
};

} // namespace

// recorded_callbacks_test.cpp compares when it saves, and what it prints, with Keras's.

TEST_CASE("ModelCheckpoint: Keras's defaults") {
    const ModelCheckpointOptions options;
    CHECK(options.monitor == "val_loss");
    CHECK(options.verbose == 0);
    CHECK_FALSE(options.save_best_only);
    CHECK_FALSE(options.save_weights_only);
    CHECK(options.mode == MonitorMode::automatic);
    CHECK(options.save_freq == 0);
    CHECK_FALSE(options.initial_value_threshold.has_value());
}

TEST_CASE("ModelCheckpoint: the files hold the weights of their epochs") {
    const TemporaryDirectory folder;
    const Dataset set = networks::images(20);
    auto model = networks::normalized();
    networks::compile(model);
    auto plain = model;
    const auto path = folder.path() / "new" / "folders" / "weights-{epoch:02d}.safetensors";
    ModelCheckpoint checkpoint(path.string());
    model.fit(set, {.epochs = 3, .batch_size = 8, .verbose = 0, .callbacks = {&checkpoint}});
    plain.fit(set, {.epochs = 2, .batch_size = 8, .verbose = 0});
    auto loaded = networks::normalized();
    load_weights(loaded, path.parent_path() / "weights-02.safetensors");
    CHECK(loaded.weights_hash() == plain.weights_hash());
    load_weights(loaded, path.parent_path() / "weights-03.safetensors");
    CHECK(loaded.weights_hash() == model.weights_hash());
}

TEST_CASE("ModelCheckpoint: whole models, or weights alone") {
    const TemporaryDirectory folder;
    const Dataset set = networks::images(20);
    auto model = networks::normalized();
    networks::compile(model);
    const std::string whole = (folder.path() / "whole.safetensors").string();
    const std::string weights = (folder.path() / "weights.safetensors").string();
    ModelCheckpoint of_model(whole);
    ModelCheckpoint of_weights(weights, {.save_weights_only = true});
    model.fit(set, {.epochs = 2, .verbose = 0, .callbacks = {&of_model, &of_weights}});
    const Model<float> loaded = load_model(whole);
    CHECK(loaded.weights_hash() == model.weights_hash());
    CHECK(loaded.epochs_trained() == 2);
    CHECK_THROWS_MATCHES(load_model(weights), DataError, says("these are weights alone, which load_weights reads"));
    auto other = networks::normalized();
    load_weights(other, weights);
    CHECK(other.weights_hash() == model.weights_hash());
}

TEST_CASE("ModelCheckpoint: a layer that cannot be saved is found before any training") {
    const TemporaryDirectory folder;
    const Dataset set = networks::images(4);
    Sequential<float> model{Input{6, 6, 1}, Flatten{}, WithoutFields{}, Dense{3, Activation::softmax}};
    networks::compile(model);
    const auto before = model.weights_hash();
    ModelCheckpoint checkpoint((folder.path() / "m.safetensors").string());
    CHECK_THROWS_MATCHES(model.fit(set, {.verbose = 0, .callbacks = {&checkpoint}}), StateError,
                         says("WithoutFields: has no fields(SpecVisitor&)"));
    CHECK(model.weights_hash() == before);
}

TEST_CASE("ModelCheckpoint: the best of all fits is kept, with the one file that is there") {
    const TemporaryDirectory folder;
    const std::string path = (folder.path() / "best.safetensors").string();
    ModelCheckpoint checkpoint(path, {.save_best_only = true});
    auto model = scripted::model();
    const auto saved = [&] {
        load_weights(model, path);
        return model.get_weights()[0][0];
    };
    scripted::run(checkpoint, scripted::series("val_loss", {3, 1, 2}));
    CHECK(saved() == 1);
    scripted::run(checkpoint, scripted::series("val_loss", {2, 1}));
    CHECK(saved() == 1);
    scripted::run(checkpoint, scripted::series("val_loss", {0.5, 1}));
    CHECK(saved() == 0);
    CHECK(checkpoint.best() == 0.5);
}

TEST_CASE("ModelCheckpoint: without its number it saves, and warns as Keras does") {
    const TemporaryDirectory folder;
    ModelCheckpoint checkpoint((folder.path() / "{epoch}.safetensors").string(), {.save_best_only = true});
    const scripted::Run run = scripted::run(checkpoint, scripted::series("loss", {1, 2}));
    CHECK(run.warnings == "WARNING: Can save best model only with val_loss available.\n");
    CHECK(std::filesystem::exists(folder.path() / "2.safetensors"));
}

TEST_CASE("ModelCheckpoint: arguments that make no sense, and places that cannot be written") {
    CHECK_THROWS_MATCHES(ModelCheckpoint("weights.h5"), ValueError,
                         says("ModelCheckpoint: filepath must end in .safetensors, got \"weights.h5\""));
    CHECK_THROWS_MATCHES(ModelCheckpoint("m.safetensors", {.save_freq = -1}), ValueError,
                         says("save_freq must not be negative, got -1"));
    CHECK_THROWS_MATCHES(ModelCheckpoint("m{.safetensors"), ValueError, says("a brace has no partner"));
    const TemporaryDirectory folder;
    std::filesystem::create_directory(folder.path() / "a.safetensors");
    ModelCheckpoint directory((folder.path() / "a.safetensors").string());
    CHECK_THROWS_MATCHES(scripted::run(directory, scripted::series("loss", {1})), DataError,
                         says("a.safetensors: expected a file, it is a directory"));
    folder.write("file", "");
    ModelCheckpoint below((folder.path() / "file" / "b.safetensors").string());
    CHECK_THROWS_MATCHES(scripted::run(below, scripted::series("loss", {1})), DataError, says("b.safetensors: "));
}
