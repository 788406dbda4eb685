#pragma once
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fovea/keras/layer_config.hpp>
#include <fovea/keras/read_operation.hpp>

/// The config.json of a .keras file as the JSON of a fovea model. Models inside of models become their layers; calls are followed
/// as Keras follows them.
namespace fovea::keras {

/// What a config describes.
struct DescribedModel {
    Json model;                                ///< what detail::NetworkReader takes
    std::map<std::string, std::string> groups; ///< where each layer's weights lie in model.weights.h5
};

/// The names that Keras gives the groups of weights in a file: by the class, in the order of the layers.
class GroupNames {
public:
    std::string next(std::string_view type) {
        const std::string name = fovea::detail::snake_case(type);
        const int number = used_[name]++;
        return number == 0 ? name : text(name, '_', number);
    }

private:
    std::map<std::string, int> used_;
};

/// Goes through a config once. Everything throws DataError, with `where` in front.
class ConfigReader {
public:
    ConfigReader(const LayerDefaults& defaults, std::string where) : defaults_(&defaults), where_(std::move(where)) {}

    DescribedModel read(const Json& config) && {
        Item top = model(config, "", where_);
        std::vector<std::size_t> inputs;
        Json described = Json::array();
        for (const auto& [name, shape] : inputs_of(top)) {
            described.push_back({{"name", name}, {"shape", shape}});
            inputs.push_back(wires_++);
        }
        std::vector<std::size_t> outputs = call(top, inputs, {});
        // What only passes on an input, or is given twice, gets a wire of its own.
        std::set<std::size_t> taken(inputs.begin(), inputs.end());
        for (std::size_t& wire : outputs)
            if (!taken.insert(wire).second) wire = pass_on(wire);
        const std::string name = JsonReader(*top.config, where_).text("name");
        result_.model = {{"class_name", top.type},       {"name", name},    {"inputs", std::move(described)},
                         {"layers", std::move(layers_)}, {"calls", calls_}, {"outputs", outputs}};
        return std::move(result_);
    }

private:
    using JsonReader = fovea::detail::JsonReader;
    using Wires = std::vector<std::size_t>;

    /// Quadratic time is taken for a file that is not in order.
    static constexpr std::size_t most_calls = 10'000;

    /// A layer or a model in the file.
    struct Item {
        const Json* entry;
        const Json* config;
        std::string type;             ///< its class
        std::string name;             ///< in the model that it is in
        std::string layer = {};       ///< in fovea's; empty for a model
        bool trainable = true;        ///< of a layer
        std::vector<Item> items = {}; ///< of a model
    };

    static bool is_model(const std::string& type) { return type == "Sequential" || type == "Functional"; }

    Item model(const Json& entry, const std::string& group, const std::string& where) {
        JsonReader in(entry, where);
        Item item{&entry, &in.raw("config"), in.text("class_name"), ""};
        require<DataError>(is_model(item.type), where, ": the class ", item.type,
                           " is not supported; known are Sequential and Functional");
        JsonReader config(*item.config, where);
        item.name = config.text("name");
        GroupNames groups;
        std::set<std::string> names;
        for (const Json& layer : config.list("layers")) {
            require<DataError>(++items_ <= most_calls, where, ": has more than ", most_calls, " layers");
            item.items.push_back(layer_of(layer, groups, group, where));
            const std::string& name = item.items.back().name;
            require<DataError>(names.insert(name).second, where, ": the name ", name, " is there twice");
        }
        // Inner names give way to outer ones.
        for (Item& inner : item.items)
            if (is_model(inner.type))
                inner.items = model(*inner.entry, inner.layer + '/', text(where, ": ", inner.name)).items;
        return item;
    }

    /// A layer, or a model whose own layers have not been looked at; what it has as a `layer` is then its group.
    Item layer_of(const Json& entry, GroupNames& groups, const std::string& group, const std::string& where) {
        JsonReader in(entry, where + ": a layer");
        Item item{&entry, &in.raw("config"), in.text("class_name"), ""};
        JsonReader config(*item.config, text(where, ": a layer (", item.type, ")"));
        item.name = config.text("name");
        const bool operation = is_operation(entry);
        const std::string own = operation ? "" : text(group, "layers/", groups.next(item.type));
        if (is_model(item.type)) {
            item.layer = own;
        } else if (item.type == "InputLayer") {
            if (group.empty()) names_.insert(item.name);
        } else {
            add_layer(item, own, text(where, ": layer \"", item.name, "\" (", item.type, ")"));
        }
        return item;
    }

    void add_layer(Item& item, const std::string& group, const std::string& where) {
        item.layer = free_name(item.name);
        if (group.empty()) {
            const Operation operation = read_operation(*item.entry, where);
            item.type = operation.type;
            return add_layer(item.layer, operation.type, true, operation.fields);
        }
        require<DataError>(differs_in_keras(item.type).empty(), where, ": ", differs_in_keras(item.type));
        const auto found = defaults_->find(item.type);
        require<DataError>(found != defaults_->end(), where,
                           ": fovea has no such layer; augmentations and your own must be named: "
                           "load_keras<float, AugmentationLayers>(path)");
        if (item.config->contains("trainable")) item.trainable = JsonReader(*item.config, where).flag("trainable");
        const Json fields = LayerConfig(item.type, rank_of(*item.entry), where).fields(*item.config, found->second());
        add_layer(item.layer, item.type, item.trainable, fields);
        result_.groups.emplace(item.layer, group);
    }

    void add_layer(const std::string& name, const std::string& type, bool trainable, const Json& fields) {
        layers_.push_back({{"class_name", type}, {"name", name}, {"trainable", trainable}, {"config", fields}});
    }

    /// Of a layer's first input with its batch; 0 if the file does not say it.
    static std::size_t rank_of(const Json& entry) {
        if (!entry.contains("build_config")) return 0;
        const Json& build = entry["build_config"];
        if (!build.is_object() || !build.contains("input_shape") || !build["input_shape"].is_array()) return 0;
        return build["input_shape"].size();
    }

    /// The names and shapes of a model's inputs.
    std::vector<std::pair<std::string, Json>> inputs_of(const Item& top) {
        std::vector<std::pair<std::string, Json>> inputs;
        if (top.type == "Sequential") {
            const bool named = !top.items.empty() && top.items.front().type == "InputLayer";
            const Json* const shape =
                top.config->contains("build_input_shape") ? &(*top.config)["build_input_shape"] : nullptr;
            require<DataError>(named || shape != nullptr, where_, ": the model has not been built, and has no Input");
            inputs.emplace_back(named ? top.items.front().name : free_name("input_layer"),
                                sample_shape(named ? batch_shape(top.items.front()) : *shape));
            return inputs;
        }
        for (const Reference& tensor : references(top, "input_layers")) {
            const Item* found = nullptr;
            for (const Item& item : top.items)
                if (item.name == tensor.layer && item.type == "InputLayer") found = &item;
            require<DataError>(found != nullptr, where_, ": there is no input ", tensor.layer);
            inputs.emplace_back(tensor.layer, sample_shape(batch_shape(*found)));
        }
        return inputs;
    }

    const Json& batch_shape(const Item& input) const {
        return JsonReader(*input.config, text(where_, ": the input ", input.name)).raw("batch_shape");
    }

    /// Without the batch.
    Json sample_shape(const Json& batch_shape) const {
        const bool fits = batch_shape.is_array() && batch_shape.size() >= 2;
        require<DataError>(fits, where_, ": expected an input with a batch and at least one axis, got ",
                           detail::shown(batch_shape));
        Json shape = Json::array();
        for (std::size_t i = 1; i < batch_shape.size(); ++i) {
            require<DataError>(batch_shape[i].is_number_integer(), where_, ": axis ", i, " of the input ",
                               detail::shown(batch_shape), " has no fixed extent");
            shape.push_back(batch_shape[i]);
        }
        return shape;
    }

    /// The inputs or outputs of a model.
    std::vector<Reference> references(const Item& item, const char* field) const {
        std::vector<Reference> tensors;
        const std::string where = text(where_, ": ", item.name, ": ", field);
        collect_references(JsonReader(*item.config, where).raw(field), where, tensors);
        return tensors;
    }

    /// Models that call others twice, which do the same, would go on for long: so calls of models count, too.
    Wires call(const Item& item, const Wires& inputs, std::optional<bool> training) {
        require<DataError>(++called_ <= most_calls, where_, ": has more than ", most_calls, " calls");
        if (item.type == "Sequential") {
            Wires x = inputs;
            for (const Item& layer : item.items)
                if (layer.type != "InputLayer") x = call(layer, x, training);
            return x;
        }
        return item.type == "Functional" ? call_functional(item, inputs, training) : call_layer(item, inputs, training);
    }

    Wires call_layer(const Item& item, const Wires& inputs, std::optional<bool> training) {
        // Keras writes training=false for all that are called without saying so, but for BatchNormalization.
        const bool normalizes = item.type == "BatchNormalization";
        const bool drops = item.type == "Dropout" || item.type == "SpatialDropout2D" || item.type == "GaussianNoise";
        const bool other =
            (normalizes && training && (*training || item.trainable)) || (drops && training.value_or(false));
        require<DataError>(!other, where_, ": layer \"", item.name, "\" (", item.type,
                           ") is called with training=", training.value_or(false) ? "true" : "false",
                           ", which is not supported");
        return {add_call(item.layer, inputs)};
    }

    std::size_t add_call(const std::string& layer, const Wires& inputs) {
        calls_.push_back({{"layer", layer}, {"inputs", inputs}});
        return wires_++;
    }

    /// A result given out twice.
    std::size_t pass_on(std::size_t wire) {
        const std::string name = free_name("activation");
        add_layer(name, "Activation", true, {{"activation", "linear"}});
        return add_call(name, {wire});
    }

    /// Calls each node once all that it reads is there.
    Wires call_functional(const Item& item, const Wires& inputs, std::optional<bool> training) {
        const std::string where = text(where_, ": ", item.name);
        std::map<std::pair<std::string, Index>, Wires> results; // of the calls of layers
        const std::vector<Reference> begin = references(item, "input_layers");
        require<DataError>(begin.size() == inputs.size(), where, ": has ", begin.size(), " inputs, got ",
                           inputs.size());
        for (std::size_t i = 0; i < begin.size(); ++i) results[{begin[i].layer, begin[i].node}] = {inputs[i]};
        std::vector<Index> done(item.items.size(), 0);
        for (bool more = true; more;) {
            more = false;
            for (std::size_t i = 0; i < item.items.size(); ++i) {
                const Item& inner = item.items[i];
                if (inner.type == "InputLayer") continue;
                const Json& nodes = JsonReader(*inner.entry, text(where, ": ", inner.name)).list("inbound_nodes");
                for (; std::cmp_less(done[i], nodes.size()); ++done[i]) {
                    const Node node = read_node(nodes[static_cast<std::size_t>(done[i])], is_operation(*inner.entry),
                                                text(where, ": ", inner.name));
                    const std::optional<Wires> from = wires_of(node.inputs, results);
                    if (!from) break;
                    results[{inner.name, done[i]}] = call(inner, *from, node.training ? node.training : training);
                    more = true;
                }
            }
        }
        Wires outputs;
        for (Reference tensor : references(item, "output_layers")) {
            // Here, and only here, Keras counts the call that a model was made by.
            for (const Item& inner : item.items)
                if (inner.name == tensor.layer && inner.type == "Functional") --tensor.node;
            const std::optional<Wires> wire = wires_of({tensor}, results);
            require<DataError>(wire.has_value(), where, ": nothing gives the output of ", tensor.layer);
            outputs.push_back(wire->front());
        }
        return outputs;
    }

    /// Nothing if not all of them are there yet.
    std::optional<Wires> wires_of(const std::vector<Reference>& tensors,
                                  const std::map<std::pair<std::string, Index>, Wires>& results) const {
        Wires wires;
        for (const Reference& tensor : tensors) {
            const auto found = results.find({tensor.layer, tensor.node});
            if (found == results.end()) return {};
            require<DataError>(0 <= tensor.output && std::cmp_less(tensor.output, found->second.size()), where_, ": ",
                               tensor.layer, " has no output ", tensor.output);
            wires.push_back(found->second[static_cast<std::size_t>(tensor.output)]);
        }
        return wires;
    }

    std::string free_name(const std::string& wanted) {
        std::string name = wanted;
        for (int& i = numbers_[wanted]; !names_.insert(name).second;) name = text(wanted, '_', ++i);
        return name;
    }

    const LayerDefaults* defaults_;
    std::string where_;
    DescribedModel result_;
    Json layers_ = Json::array();
    Json calls_ = Json::array();
    std::set<std::string> names_;
    std::map<std::string, int> numbers_; ///< of names that were taken
    std::size_t items_ = 0;
    std::size_t called_ = 0;
    std::size_t wires_ = 0;
};

} // namespace fovea::keras
