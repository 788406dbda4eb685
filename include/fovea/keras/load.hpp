#pragma once
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <fovea/keras/hdf5.hpp>
#include <fovea/keras/read_config.hpp>
#include <fovea/keras/zip.hpp>

/// Models out of Keras's own files, to be used and trained further. docs/keras.md says what can be in them. Optional: needs libzip and
/// libhdf5 (link fovea::keras).
///
///     auto model = load_keras("from_keras.keras");
namespace fovea {

struct LoadKerasOptions {
    double memory_limit = detail::default_memory_limit; ///< bytes that the network may ask for beside its parameters
};

namespace keras::detail {

/// Deep enough for a dozen models, one in the other.
inline constexpr int most_config_depth = 100;

/// Of text that a file says it has.
inline constexpr std::uint64_t most_config_bytes = std::uint64_t{1} << 28;

inline Json read_config(const ZipReader& archive, const std::string& where) {
    return fovea::detail::parse_json(archive.read("config.json", most_config_bytes), most_config_depth,
                                     where + ": config.json");
}

} // namespace keras::detail

/// The network of a .keras file of Keras 3 with its weights; it is not compiled, and can be trained. Layers keep their names, those
/// of models inside of models stand in the one that is made. `Own` are the specs of layers that fovea does not have, or lists of
/// such: `load_keras<float, AugmentationLayers>(path)`.
///
/// Throws DataError for a file that is missing or damaged, and for a layer or option that fovea does not have, which it names.
template <class T = float, class... Own>
Model<T> load_keras(const std::filesystem::path& path, const LoadKerasOptions& options = {}) {
    const std::string where = path.string();
    const keras::ZipReader archive(path);
    const keras::LayerDefaults defaults = keras::layer_defaults<Own...>();
    const keras::DescribedModel described =
        keras::ConfigReader(defaults, where).read(keras::detail::read_config(archive, where));

    // What is not packed has no more bytes than the archive.
    const auto limit = static_cast<std::uint64_t>(std::clamp(options.memory_limit, 0.0, 1e18));
    const keras::Hdf5Reader weights(archive.read("model.weights.h5", std::max(limit, archive.size())), where);
    std::vector<std::string> arrays; // one for each parameter
    std::map<std::string, std::size_t> counts;
    const auto group_of = [&](const std::string& layer) {
        const auto found = described.groups.find(layer);
        require<DataError>(found != described.groups.end(), where, ": there are no weights of ", layer);
        return found->second + "/vars";
    };
    const detail::LayerReaders<T> readers = detail::layer_readers<T, Own...>();
    detail::NetworkReader<T> reader(readers, options.memory_limit, [&](const NamedParameter& p) {
        const std::string layer = p.name.substr(0, p.name.rfind('/'));
        arrays.push_back(text(group_of(layer), '/', counts[layer]++));
        try {
            weights.check(arrays.back(), p.place.shape);
        } catch (const DataError& error) { // the path is put in front again
            throw DataError(std::string(error.what()).substr(where.size() + 2));
        }
    });
    reader.read(described.model, where);
    for (const auto& [layer, group] : described.groups)
        require<DataError>(weights.members(group_of(layer)) == counts[layer], where, ": layer \"", layer, "\" has ",
                           counts[layer], " weights, the file has ", weights.members(group_of(layer)));
    Tensor<T> values(Shape{reader.registry().size()});
    for (std::size_t i = 0; i < arrays.size(); ++i) {
        const Parameter& place = reader.registry().parameters()[i].place;
        weights.read(arrays[i], std::span<T>(values.data() + place.offset, static_cast<std::size_t>(place.size())));
    }
    return reader.model(random_seed(), std::move(values));
}

} // namespace fovea
