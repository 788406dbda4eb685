#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>

#include <fovea/data/gzip.hpp>
#include <fovea/data/mnist.hpp>
#include <fovea/io/safetensors.hpp>
#include <fovea/keras/compile.hpp>
#include <fovea/keras/save.hpp>

#include "support/python.hpp"
#include "support/temporary_directory.hpp"

#include "catch.hpp"

using namespace fovea;

namespace {

/// Loss and accuracy that article.py has found.
std::pair<double, double> found_in_keras(const std::filesystem::path& path) {
    std::pair<double, double> result;
    std::ifstream(path) >> result.first >> result.second;
    return result;
}

} // namespace

// The article's script, trained for an epoch each in Keras and in fovea. FOVEA_PYTHON names a Python with Keras, TensorFlow and
// safetensors, FOVEA_DATA where MNIST is.
TEST_CASE("keras: the article's network goes from Keras to fovea, is trained on, and goes back") {
    const char* const data = std::getenv("FOVEA_DATA");
    if (!has_python() || data == nullptr) {
        WARN("FOVEA_PYTHON or FOVEA_DATA is not set: not compared");
        return;
    }
    const auto [train, test] = mnist::load(data);
    const TemporaryDirectory folder;
    const auto item = [](const char* name, const char* type, const auto& tensor) {
        return safetensors::Item(name, type, tensor.shape(), std::as_bytes(tensor.span()));
    };
    safetensors::write(folder.path() / "mnist.data",
                       {item("train_images", "U8", train.images), item("train_labels", "I32", train.labels),
                        item("test_images", "U8", test.images), item("test_labels", "I32", test.labels)});

    REQUIRE(python_is_content("keras/article.py", folder.path()));
    auto model = load_keras(folder.path() / "article.keras");
    compile_as_in_keras(model, folder.path() / "article.keras");
    CHECK(model.count_params() == 93322);
    const auto [loss, accuracy] = found_in_keras(folder.path() / "article.txt");
    const Evaluation loaded = model.evaluate(test, {.batch_size = 500, .verbose = 0});
    // Keras's accuracy is a float; a picture of the 10,000 may lie between two classes.
    CHECK(loaded.metric == Catch::Approx(accuracy).margin(1.5e-4));
    CHECK(loaded.loss == Catch::Approx(loss).epsilon(1e-4));
    CHECK(loaded.metric > 0.96);

    model.fit(train, {.epochs = 1, .batch_size = 64, .verbose = 0});
    const Evaluation trained = model.evaluate(test, {.batch_size = 500, .verbose = 0});
    CHECK(trained.metric > 0.975);
    save_keras(model, folder.path() / "fovea.keras");
    REQUIRE(python_is_content("keras/article.py", folder.path()));
    const auto [loss_again, accuracy_again] = found_in_keras(folder.path() / "fovea.txt");
    CHECK(accuracy_again == Catch::Approx(trained.metric).margin(1.5e-4));
    CHECK(loss_again == Catch::Approx(trained.loss).epsilon(1e-4));
    std::cout << "article: Keras " << accuracy << ", loaded " << loaded.metric << ", trained on " << trained.metric
              << ", Keras " << accuracy_again << '\n';
}
