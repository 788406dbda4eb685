#pragma once
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <fovea/io/atomic_file.hpp>
#include <fovea/keras/hdf5.hpp>
#include <fovea/keras/write_config.hpp>
#include <fovea/keras/zip.hpp>
#include <fovea/version.hpp>

/// Models as Keras's own files. docs/keras.md says what is in them. Optional: needs libzip and libhdf5 (link fovea::keras).
///
///     save_keras(model, "mnist.keras");      # model = keras.models.load_model("mnist.keras")
namespace fovea {

namespace keras::detail {

/// What the files are like: those of this release.
inline constexpr const char* keras_version = "3.15.1";

/// The file model.weights.h5.
template <class T>
std::string weights_file(const Model<T>& model, const WrittenConfig& written) {
    Hdf5Writer file;
    file.group("vars", "name", model.name());
    const Network<T>& network = model.network();
    for (const auto& [group, name] : written.groups) {
        const std::string vars = group + "/vars";
        file.group(vars, "name", name);
        for (const NamedLayer<T>& layer : network.layers()) {
            if (layer.name != name) continue;
            for (std::size_t i = layer.first; i < layer.last; ++i) {
                const NamedParameter& p = network.parameters()[i];
                file.array(text(vars, '/', i - layer.first), p.place.shape, network.value(p).data());
            }
        }
    }
    return file.bytes();
}

} // namespace keras::detail

/// Writes network and weights; what `compile` chose is not in the file. The same model gives the same bytes. Complete or not at all.
/// Throws ValueError that names the layer for one that Keras does not have, StateError for a model without layers, DataError if
/// the file cannot be written.
template <class T>
void save_keras(const Model<T>& model, const std::filesystem::path& path) {
    model.network().require_complete("save_keras");
    const keras::WrittenConfig written = keras::ConfigWriter<T>(model).write();
    const keras::Json metadata = {{"keras_version", keras::detail::keras_version},
                                  {"fovea_version", std::string(version)}};
    std::string config;
    try {
        config = written.config.dump();
    } catch (const keras::Json::type_error&) {
        throw ValueError("save_keras: a name in the model is not UTF-8");
    }
    write_atomically(path, keras::zip_of({{"metadata.json", metadata.dump()},
                                          {"config.json", std::move(config)},
                                          {"model.weights.h5", keras::detail::weights_file(model, written)}}));
}

} // namespace fovea
