#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fovea/keras/layer_config.hpp>

/// The nodes of a Functional model: what is called on what; and the operations that stand there beside layers, such as those that
/// Keras makes of `x + y` and `x / 255`.
namespace fovea::keras {

/// A result of a layer: keras_history, in Keras.
struct Reference {
    std::string layer;
    Index node = 0; ///< which call of the layer
    Index output = 0;
};

struct Node {
    std::vector<Reference> inputs;
    std::optional<bool> training;
};

/// `[layer, node, output]`, and lists and dictionaries of such.
inline void collect_references(const Json& value, const std::string& where, std::vector<Reference>& tensors) {
    const bool is_one = value.is_array() && value.size() == 3 && value[0].is_string() && value[1].is_number_integer() &&
                        value[2].is_number_integer();
    require<DataError>(is_one || value.is_structured(), where, ": expected [layer, node, output], got ",
                       detail::shown(value));
    if (is_one)
        tensors.push_back({value[0].get<std::string>(), value[1].get<Index>(), value[2].get<Index>()});
    else // of a dictionary, in the order of its keys, as Keras has it
        for (const Json& inner : value) collect_references(inner, where, tensors);
}

namespace detail {

inline bool is_tensor(const Json& value) {
    return value.is_object() && value.contains("class_name") && value["class_name"] == "__keras_tensor__";
}

inline void collect_arguments(const Json& value, const std::string& where, std::vector<Reference>& tensors) {
    if (is_tensor(value)) {
        fovea::detail::JsonReader in(value, where);
        collect_references(in.object("config").raw("keras_history"), where, tensors);
    } else if (value.is_structured()) {
        for (const Json& inner : value) collect_arguments(inner, where, tensors);
    } else {
        throw DataError(text(where, " is called with ", shown(value), ", which is not supported"));
    }
}

} // namespace detail

/// True for what is no layer.
inline bool is_operation(const Json& entry) {
    return entry.is_object() && entry.contains("module") && entry["module"].is_string() &&
           entry["module"].get<std::string>().starts_with("keras.src.ops");
}

/// Throws DataError, with `where` in front, for arguments that say more than what to read and whether it is training.
/// Numbers, which operations may have, are left out.
inline Node read_node(const Json& node, bool operation, const std::string& where) {
    fovea::detail::JsonReader in(node, where);
    Node result;
    for (const Json& argument : in.list("args"))
        if (!operation || !argument.is_number()) detail::collect_arguments(argument, where, result.inputs);
    require<DataError>(!result.inputs.empty(), where, " is called with nothing");
    for (const auto& [name, value] : in.raw("kwargs").items()) {
        if (name == "training" && value.is_boolean()) result.training = value.get<bool>();
        const bool known = value.is_null() || (name == "training" && value.is_boolean());
        require<DataError>(known, where, " is called with ", name, '=', detail::shown(value),
                           ", which is not supported");
    }
    return result;
}

/// A layer that does the same as an operation.
struct Operation {
    std::string type;
    Json fields = Json::object();
};

/// Throws DataError, with `where` in front, for one that no layer does.
inline Operation read_operation(const Json& entry, const std::string& where) {
    fovea::detail::JsonReader in(entry, where);
    const std::string type = in.text("class_name");
    const Json& nodes = in.list("inbound_nodes");
    require<DataError>(nodes.size() == 1 && nodes[0].is_object() && nodes[0].contains("args") &&
                           nodes[0]["args"].is_array() && nodes[0]["args"].size() == 2,
                       where, ": the operation is not supported");
    const Json& a = nodes[0]["args"][0];
    const Json& b = nodes[0]["args"][1];
    const bool sum = type == "Add", difference = type == "Subtract", product = type == "Multiply";
    if (detail::is_tensor(a) && detail::is_tensor(b)) {
        require<DataError>(sum || difference || product || type == "Maximum" || type == "Minimum", where,
                           ": the operation is not supported");
        return {type};
    }
    const Json& constant = a.is_number() ? a : b;
    require<DataError>(constant.is_number() && (detail::is_tensor(a) || detail::is_tensor(b)), where,
                       ": the operation is not supported on ", detail::shown(a), " and ", detail::shown(b));
    const double c = constant.get<double>();
    const bool is_first = a.is_number();
    double scale = 1, offset = 0;
    if (sum)
        offset = c;
    else if (difference)
        scale = is_first ? -1 : 1, offset = is_first ? c : -c;
    else if (product)
        scale = c;
    else if ((type == "TrueDivide" || type == "Divide") && !is_first && c != 0)
        scale = 1 / c;
    else
        throw DataError(where + ": the operation is not supported");
    return {"Rescaling", {{"scale", scale}, {"offset", offset}}};
}

} // namespace fovea::keras
