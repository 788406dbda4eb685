#pragma once
#include <algorithm>
#include <filesystem>
#include <ostream>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fovea/io/safetensors.hpp>
#include <fovea/io/weights_layout.hpp>
#include <fovea/models/model.hpp>

namespace fovea {

struct SaveWeightsOptions {
    WeightsLayout layout = WeightsLayout::keras;
};

struct LoadWeightsOptions {
    bool by_name = false; ///< take what fits, and leave the rest as it is
    bool convert = false; ///< let a double model take float weights, and a float model double ones, rounded
    WeightsLayout layout = WeightsLayout::keras;
};

namespace detail {

/// Names of tensors that begin so belong to a model's file and are no parameters.
inline constexpr std::string_view reserved_prefix = "__fovea__/";

inline bool is_no_parameter(std::string_view name, WeightsLayout layout) {
    return name.starts_with(reserved_prefix) || (layout == WeightsLayout::pytorch && name.ends_with(batch_count));
}

inline bool same_extents(const std::vector<std::uint64_t>& file, const Shape& shape) {
    return std::equal(file.begin(), file.end(), shape.begin(), shape.end(),
                      [](std::uint64_t a, Index b) { return std::cmp_equal(a, b); });
}

/// As Shape prints it, of which some extents may be too large for one.
inline std::string printed(const std::vector<std::uint64_t>& extents) {
    std::string result = "(";
    for (std::size_t axis = 0; axis < extents.size(); ++axis) result += text(axis > 0 ? ", " : "", extents[axis]);
    return result + (extents.size() == 1 ? ",)" : ")");
}

} // namespace detail

/// What `load_weights` found.
struct WeightsReport {
    struct Mismatch {
        std::string name;
        Shape model;
        std::vector<std::uint64_t> file;
    };

    std::vector<std::string> matched;
    std::vector<std::string> missing; ///< in the model alone
    std::vector<std::string> unused;  ///< in the file alone
    std::vector<Mismatch> mismatched; ///< of different shapes

    bool complete() const { return missing.empty() && unused.empty() && mismatched.empty(); }

    /// `2 parameters match; not in the file: dense/bias; not in the model: head/bias; dense/kernel is (4, 3) in the model, (4, 5) in the file`
    friend std::ostream& operator<<(std::ostream& out, const WeightsReport& report) {
        out << report.matched.size() << (report.matched.size() == 1 ? " parameter matches" : " parameters match");
        print(out, "not in the file", report.missing);
        print(out, "not in the model", report.unused);
        for (std::size_t i = 0; i < std::min(most_names, report.mismatched.size()); ++i) {
            const auto& [name, model, file] = report.mismatched[i];
            out << "; " << name << " is " << model << " in the model, " << detail::printed(file) << " in the file";
        }
        if (report.mismatched.size() > most_names)
            out << "; " << report.mismatched.size() - most_names << " more have other shapes";
        return out;
    }

private:
    static constexpr std::size_t most_names = 8;

    static void print(std::ostream& out, const char* what, const std::vector<std::string>& names) {
        if (names.empty()) return;
        out << "; " << what << ": ";
        for (std::size_t i = 0; i < std::min(most_names, names.size()); ++i) out << (i > 0 ? ", " : "") << names[i];
        if (names.size() > most_names) out << " and " << names.size() - most_names << " more";
    }
};

/// Writes all parameters of a model, averages of BatchNormalization included, to a safetensors file: by their names
/// (`conv2d/kernel`), in Keras's layouts, or by PyTorch's names and in its layouts; as F32 or F64. Complete or not at all;
/// DataError says why not. Throws ValueError for a layer that PyTorch does not have so.
template <class T>
void save_weights(const Model<T>& model, const std::filesystem::path& path, const SaveWeightsOptions& options = {}) {
    std::vector<Tensor<T>> weights = model.get_weights();
    const std::vector<detail::FilePlace> places = detail::file_places(model.network(), options.layout);
    const Tensor<std::int64_t> no_batches{Shape{}};
    std::vector<safetensors::Item> items;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        if (!places[i].is_same()) {
            Tensor<T> in_file(places[i].shape);
            places[i].template write<T>(weights[i], in_file);
            weights[i] = std::move(in_file);
        }
        items.emplace_back(places[i].name, weights[i]);
        constexpr std::string_view mean = ".running_mean";
        if (options.layout == WeightsLayout::pytorch && places[i].name.ends_with(mean))
            items.emplace_back(places[i].name.substr(0, places[i].name.size() - mean.size()) +
                                   std::string(detail::batch_count),
                               no_batches);
    }
    safetensors::write(path, std::move(items), {{"format", options.layout == WeightsLayout::pytorch ? "pt" : "fovea"}});
}

namespace detail {

/// One parameter out of a file; `convert`: also from the other floating-point type.
template <class T>
Tensor<T> read_weight(safetensors::File& file, const safetensors::Entry& entry, bool convert,
                      const std::string& where) {
    using Other = std::conditional_t<std::is_same_v<T, float>, double, float>;
    const std::string_view expected = safetensors::dtype_of<T>();
    if (entry.dtype == expected) return file.tensor<T>(entry);
    const bool convertible = entry.dtype == safetensors::dtype_of<Other>();
    require<ValueError>(convertible && convert, where, ": ", entry.name, " is ", entry.dtype,
                        ", the model's parameters are ", expected,
                        convertible ? "; ask for a conversion with {.convert = true}" : "");
    return file.tensor<Other>(entry).template cast<T>();
}

} // namespace detail

/// Gives a model the weights of a safetensors file, by name. Throws DataError for a damaged file, and for one whose names or shapes are
/// not all those of the model unless by_name is set; ValueError for another type of numbers, unless it is F32 or F64 and `convert` is set
/// (and then for one that float cannot hold). The model is then as it was.
template <class T>
WeightsReport load_weights(Model<T>& model, const std::filesystem::path& path, const LoadWeightsOptions& options = {}) {
    safetensors::File file(path);
    const std::vector<detail::FilePlace> places = detail::file_places(model.network(), options.layout);
    std::vector<Tensor<T>> weights = model.get_weights();
    WeightsReport report;
    std::set<std::string_view> known;
    std::vector<const safetensors::Entry*> sources(places.size(), nullptr);
    for (std::size_t i = 0; i < places.size(); ++i) {
        const auto& [name, shape, from, axes] = places[i];
        known.insert(name);
        const safetensors::Entry* const entry = file.find(name);
        if (entry == nullptr) {
            report.missing.push_back(name);
        } else if (!detail::same_extents(entry->shape, shape)) {
            report.mismatched.push_back({name, shape, entry->shape});
        } else {
            report.matched.push_back(name);
            sources[i] = entry;
        }
    }
    for (const safetensors::Entry& entry : file.entries())
        if (!known.contains(entry.name) && !detail::is_no_parameter(entry.name, options.layout))
            report.unused.push_back(entry.name);
    require<DataError>(options.by_name || report.complete(), "load_weights: ", path.string(),
                       " does not fit the model: ", report,
                       options.by_name ? "" : " ({.by_name = true} takes what fits)");
    for (std::size_t i = 0; i < places.size(); ++i) {
        if (sources[i] == nullptr) continue;
        Tensor<T> in_file =
            detail::read_weight<T>(file, *sources[i], options.convert, "load_weights: " + path.string());
        if (places[i].is_same())
            weights[i] = std::move(in_file);
        else
            places[i].template read<T>(in_file, weights[i]);
    }
    model.set_weights(weights);
    return report;
}

} // namespace fovea
