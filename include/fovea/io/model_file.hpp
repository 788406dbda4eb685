#pragma once
#include <charconv>
#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fovea/io/model_json.hpp>
#include <fovea/io/test_vector.hpp>
#include <fovea/io/weights.hpp>
#include <fovea/version.hpp>

/// Whole models in safetensors files: the parameters, as save_weights writes them, and in the metadata what they belong to.
/// docs/model_files.md says it for other readers. Optional: needs nlohmann/json (link fovea::io).
///
///     model.save("mnist.safetensors");
///     auto model = load_model("mnist.safetensors");
namespace fovea {

/// Of the files that are written. All versions up to it can be read.
inline constexpr Index model_format_version = 1;

struct SaveModelOptions {
    std::map<std::string, std::string> metadata =
        {}; ///< texts of one's own, such as the names of classes; `read_metadata` returns them
};

namespace detail {

/// In front of the names of texts that are not fovea's.
inline constexpr std::string_view own_metadata = "user/";

} // namespace detail

/// Writes network, parameters, seed and epochs trained; what compile chose is not in the file. Complete or not at all. Throws
/// DataError if the file cannot be written, StateError for a model without layers or with a layer that has no `fields`,
/// ValueError for a name that is reserved, and for a name or text that is not UTF-8.
template <class T>
[[gnu::cold]] void save_model(const Model<T>& model, const std::filesystem::path& path,
                              const SaveModelOptions& options = {}) {
    const std::string json = model_to_json(model);
    const detail::TestVector test;
    const std::vector<Tensor<T>> weights = model.get_weights();
    const std::vector<Tensor<T>> outputs = test.outputs(model);
    std::vector<safetensors::Item> items;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const std::string& name = model.network().parameters()[i].name;
        require<ValueError>(!name.starts_with(detail::reserved_prefix), "save_model: the name \"", name,
                            "\" is reserved");
        items.emplace_back(name, weights[i]);
    }
    for (std::size_t i = 0; i < outputs.size(); ++i) items.emplace_back(test.name(i), outputs[i]);
    safetensors::Metadata metadata = {{"format", "fovea"},
                                      {"format_version", text(model_format_version)},
                                      {"fovea_version", std::string(version)},
                                      {"model", json},
                                      {"seed", text(model.network().seed())},
                                      {"epochs_trained", text(model.epochs_trained())},
                                      {"test_seed", text(test.seed)},
                                      {"test_samples", text(test.samples)}};
    for (const auto& [name, value] : options.metadata) metadata.emplace(text(detail::own_metadata, name), value);
    safetensors::write(path, std::move(items), metadata);
}

struct LoadModelOptions {
    bool verify = true;   ///< run the network on the recorded input, and compare
    bool convert = false; ///< let a double model take float weights, and a float model double ones, rounded
    double memory_limit = detail::default_memory_limit; ///< bytes that the network may ask for beside its parameters
};

namespace detail {

/// What the metadata of a file say.
class ModelMetadata {
public:
    ModelMetadata(const safetensors::Metadata& metadata, std::string path)
        : metadata_(&metadata), path_(std::move(path)) {
        const auto format = metadata.find("format");
        require<DataError>(format != metadata.end() && format->second == "fovea" && metadata.contains("format_version"),
                           path_, ": expected a model that fovea has saved",
                           format != metadata.end() && format->second == "fovea"
                               ? ", these are weights alone, which load_weights reads"
                               : "");
        const auto number = whole<std::uint64_t>("format_version");
        require<DataError>(number >= 1 && std::cmp_less_equal(number, model_format_version), path_, ": format version ",
                           number, ", written by fovea ", safetensors::detail::in_quotes(text("fovea_version")),
                           "; this is fovea ", version, ", which reads up to version ", model_format_version);
    }

    const std::string& text(const std::string& key) const {
        const auto found = metadata_->find(key);
        require<DataError>(found != metadata_->end(), path_, ": the metadata have no \"", key, '"');
        return found->second;
    }

    template <class N>
    N whole(const std::string& key) const {
        const std::string& digits = text(key);
        N number{};
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
        require<DataError>(error == std::errc() && end == digits.data() + digits.size() && number >= N{0}, path_,
                           ": expected a whole number for \"", key, "\", got ", safetensors::detail::in_quotes(digits));
        return number;
    }

    TestVector test() const {
        const TestVector test{whole<std::uint64_t>("test_seed"), whole<Index>("test_samples")};
        require<DataError>(1 <= test.samples && test.samples <= TestVector::most_samples, path_, ": expected 1 to ",
                           TestVector::most_samples, " test_samples, got ", test.samples);
        return test;
    }

private:
    const safetensors::Metadata* metadata_;
    std::string path_;
};

/// The tensors of a file, by their names.
class TensorIndex {
public:
    TensorIndex(const safetensors::File& file, std::string path) : path_(std::move(path)) {
        for (const safetensors::Entry& entry : file.entries()) entries_.emplace(entry.name, &entry);
    }

    const safetensors::Entry& at(const std::string& name) const {
        const auto found = entries_.find(name);
        require<DataError>(found != entries_.end(), path_, ": there is no tensor \"", name, '"');
        return *found->second;
    }

    /// Throws DataError unless there is one of that name and shape.
    void check(const std::string& name, const Shape& shape) const {
        const std::vector<std::uint64_t>& extents = at(name).shape;
        require<DataError>(same_extents(extents, shape), path_, ": ", name, " is ", shape,
                           " by the model's description, its tensor is ", printed(extents));
    }

    /// Throws DataError for a tensor that is neither one of these parameters nor reserved.
    void check_all_known(const std::vector<NamedParameter>& parameters) const {
        std::set<std::string_view> known;
        for (const NamedParameter& parameter : parameters) known.insert(parameter.name);
        for (const auto& [name, entry] : entries_)
            require<DataError>(name.starts_with(reserved_prefix) || known.contains(name), path_, ": the tensor ",
                               safetensors::detail::in_quotes(name), " is no parameter of the model");
    }

private:
    std::string path_;
    std::map<std::string_view, const safetensors::Entry*> entries_;
};

template <class T>
Model<T> read_model(const std::filesystem::path& path, const LayerReaders<T>& readers,
                    const LoadModelOptions& options) {
    const std::string name = path.string();
    safetensors::File file(path);
    const ModelMetadata metadata(file.metadata(), name);
    const TensorIndex tensors(file, name);
    NetworkReader<T> reader(readers, options.memory_limit,
                            [&](const NamedParameter& p) { tensors.check(p.name, p.place.shape); });
    reader.read(parse_json(metadata.text("model"), most_model_depth, name + ": the model"), name);
    const std::vector<NamedParameter>& parameters = reader.registry().parameters();
    tensors.check_all_known(parameters);
    Tensor<T> values(Shape{reader.registry().size()});
    bool converted = false;
    for (const NamedParameter& p : parameters) {
        const safetensors::Entry& entry = tensors.at(p.name);
        converted = converted || entry.dtype != safetensors::dtype_of<T>();
        const Tensor<T> value = read_weight<T>(file, entry, options.convert, "load_model: " + name);
        std::copy(value.begin(), value.end(), values.begin() + p.place.offset);
    }
    Model<T> model = reader.model(metadata.whole<std::uint64_t>("seed"), std::move(values));
    model.set_epochs_trained(metadata.whole<Index>("epochs_trained"));
    if (!options.verify) return model;
    const TestVector test = metadata.test();
    const std::vector<Tensor<T>> outputs = test.outputs(model);
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        const std::string output = test.name(i);
        tensors.check(output, outputs[i].shape());
        check_output(outputs[i], read_weight<T>(file, tensors.at(output), options.convert, "load_model: " + name),
                     test_tolerance<T>(converted), name + ": " + output);
    }
    return model;
}

} // namespace detail

/// A model out of a file that save_model wrote; it is not compiled. `Own` are the specs of layers that fovea does not have, or lists
/// of such: `load_model<float, MyLayer, AugmentationLayers>(path)`. `Sequential model{load_model(path)}` can be added to.
///
/// Throws DataError for a file that is missing, damaged, of a newer format, has a layer that is not known, or does not give
/// the output that was recorded; ValueError for numbers of another type, unless `convert` is set.
template <class T = float, class... Own>
Model<T> load_model(const std::filesystem::path& path, const LoadModelOptions& options = {}) {
    return detail::read_model<T>(path, detail::layer_readers<T, Own...>(), options);
}

/// What `save_model` was given beside the model. Throws DataError as load_model does for a file that is none.
inline std::map<std::string, std::string> read_metadata(const std::filesystem::path& path) {
    const safetensors::File file(path);
    const detail::ModelMetadata checked(file.metadata(), path.string());
    std::map<std::string, std::string> own;
    for (const auto& [name, value] : file.metadata())
        if (name.starts_with(detail::own_metadata)) own.emplace(name.substr(detail::own_metadata.size()), value);
    return own;
}

} // namespace fovea
