#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fovea/keras/layer_config.hpp>
#include <fovea/keras/read_config.hpp>

/// A model as the config.json of a .keras file.
namespace fovea::keras {

namespace detail {

/// Fields that Keras does not have. They are there only if they do something.
inline bool is_own(std::string_view type, std::string_view field) {
    return (type == "RandAugment" && (field == "fill_mode" || field == "fill_value")) ||
           (type == "RandomPerspective" && field == "fill_mode");
}

/// Those of Keras's layers that are not among BuiltInLayers, but for those of differs_in_keras.
inline bool is_keras_augmentation(std::string_view type) {
    static const std::set<std::string_view> known{"AutoContrast",
                                                  "CenterCrop",
                                                  "RandAugment",
                                                  "RandomBrightness",
                                                  "RandomColorDegeneration",
                                                  "RandomColorJitter",
                                                  "RandomContrast",
                                                  "RandomElasticTransform",
                                                  "RandomErasing",
                                                  "RandomFlip",
                                                  "RandomGaussianBlur",
                                                  "RandomGrayscale",
                                                  "RandomHue",
                                                  "RandomInvert",
                                                  "RandomPerspective",
                                                  "RandomPosterization",
                                                  "RandomRotation",
                                                  "RandomSaturation",
                                                  "RandomSharpness",
                                                  "RandomShear",
                                                  "RandomTranslation",
                                                  "RandomZoom",
                                                  "Solarization"};
    return known.contains(type);
}

/// A layer's config in Keras's words. Throws ValueError, with `where` in front, for what Keras does not have.
inline Json keras_fields(std::string_view type, Json fields, const std::string& where) {
    fields.erase("kernels"); // how something is computed
    if (type == "RandomRotation" && fields.contains("degrees")) {
        const Json degrees = fields["degrees"];
        const auto turns = [](const Json& angle) { return angle.get<double>() / 360; };
        fields["factor"] = degrees.is_array() ? Json{turns(degrees[0]), turns(degrees[1])} : Json(turns(degrees));
        fields.erase("degrees");
    }
    if (type == "RandomPosterization") { // whole numbers; one is what it is, where Keras would draw below it
        const Json& bits = fields["factor"];
        const auto whole = [](const Json& number) { return static_cast<int>(number.get<double>()); };
        fields["factor"] = bits.is_array() ? Json{whole(bits[0]), whole(bits[1])} : Json{whole(bits), whole(bits)};
    }
    for (const auto& [field, value] : fields.items())
        require<ValueError>(!is_own(type, field), where, ": Keras has no ", field, " for it");
    if (type == "RandomHue" || type == "RandomElasticTransform") fields["value_range"] = {0.0, 1.0};
    return fields;
}

} // namespace detail

/// In which order Keras has the layers and inputs of a network, once it has read them: by the number of calls from there to the
/// outputs, the most first, and among equals as they are met going back from the outputs. (keras/src/ops/function.py: map_graph)
/// The names of the groups of weights depend on it.
template <class T>
class KerasOrder {
public:
    /// A layer, or an input.
    struct Place {
        bool is_input;
        std::size_t number;
        auto operator<=>(const Place&) const = default;
    };

    explicit KerasOrder(const Wiring<T>& wiring) : wiring_(&wiring) {
        for (const std::size_t wire : wiring.outputs) visit(wire);
        std::map<Place, std::size_t> depths;
        std::map<std::size_t, std::size_t> wire_depths;
        for (auto wire = finished_.rbegin(); wire != finished_.rend(); ++wire) {
            std::size_t& depth = depths[place(*wire)];
            depth = std::max(depth, wire_depths[*wire]);
            for (const std::size_t from : inputs_of(*wire)) wire_depths[from] = std::max(wire_depths[from], depth + 1);
        }
        std::stable_sort(places_.begin(), places_.end(),
                         [&](const Place& a, const Place& b) { return depths[a] > depths[b]; });
    }

    const std::vector<Place>& places() const { return places_; }

    /// What gives a wire, and the how manieth call of that.
    std::pair<Place, std::size_t> origin(std::size_t wire) const {
        std::size_t calls = 0;
        const Place of = place(wire);
        for (const Call<T>& call : wiring_->calls) {
            if (call.output == wire) break;
            if (!of.is_input && call.of == of.number) ++calls;
        }
        return {of, of.is_input ? 0 : calls};
    }

private:
    Place place(std::size_t wire) const {
        const auto input = std::find(wiring_->inputs.begin(), wiring_->inputs.end(), wire);
        if (input != wiring_->inputs.end()) return {true, static_cast<std::size_t>(input - wiring_->inputs.begin())};
        return {false, wiring_->call_of(wire).of};
    }

    std::vector<std::size_t> inputs_of(std::size_t wire) const {
        return place(wire).is_input ? std::vector<std::size_t>() : wiring_->call_of(wire).inputs;
    }

    /// Depth first; a stack of its own, for networks may be deep.
    void visit(std::size_t output) {
        std::vector<std::pair<std::size_t, std::size_t>> way; // wires, and how many of their inputs have been looked at
        const auto enter = [&](std::size_t wire) {
            if (!seen_.insert(wire).second) return;
            if (met_.insert(place(wire)).second) places_.push_back(place(wire));
            way.emplace_back(wire, 0);
        };
        enter(output);
        while (!way.empty()) {
            const std::size_t wire = way.back().first;
            const std::vector<std::size_t> from = inputs_of(wire);
            if (way.back().second < from.size()) {
                enter(from[way.back().second++]);
            } else {
                finished_.push_back(wire);
                way.pop_back();
            }
        }
    }

    const Wiring<T>* wiring_;
    std::set<std::size_t> seen_;
    std::set<Place> met_;
    std::vector<Place> places_;
    std::vector<std::size_t> finished_; ///< from the inputs on
};

/// What a file says of a network beside its numbers.
struct WrittenConfig {
    Json config;
    std::vector<std::pair<std::string, std::string>> groups; ///< of weights, in order: where, and the layer
};

/// Layers one after another as a Sequential, all else as a Functional. Throws ValueError, which names the layer, for what Keras does not
/// have.
template <class T>
class ConfigWriter {
public:
    explicit ConfigWriter(const Model<T>& model)
        : model_(&model), network_(&model.network()), order_(network_->wiring()) {}

    WrittenConfig write() {
        const bool straight = network_->wiring().is_straight();
        Json config = {{"name", checked(model_->name())}, {"trainable", true}, {"dtype", dtype()}};
        Json layers = Json::array();
        for (const auto& place : order_.places()) {
            Json written = place.is_input ? input(place.number) : layer(network_->layers()[place.number]);
            if (!straight) written["inbound_nodes"] = place.is_input ? Json::array() : nodes(place.number);
            layers.push_back(std::move(written));
        }
        config["layers"] = std::move(layers);
        if (straight) {
            config["build_input_shape"] = batch_shape(network_->input_shape());
        } else {
            config.erase("dtype");
            config["input_layers"] = tensors(network_->wiring().inputs);
            config["output_layers"] = tensors(network_->wiring().outputs);
        }
        result_.config = {{"module", straight ? "keras" : "keras.src.models.functional"},
                          {"class_name", straight ? "Sequential" : "Functional"},
                          {"config", std::move(config)},
                          {"registered_name", straight ? Json() : Json("Functional")}};
        return std::move(result_);
    }

private:
    static const char* dtype() { return std::is_same_v<T, float> ? "float32" : "float64"; }

    static Json batch_shape(const Shape& sample) {
        Json shape = Json::array({nullptr});
        for (const Index extent : sample) shape.push_back(extent);
        return shape;
    }

    /// Keras puts names together with slashes.
    static const std::string& checked(const std::string& name) {
        require<ValueError>(!name.empty() && name.find('/') == std::string::npos, "save_keras: the name \"", name,
                            "\" is empty or has a slash, which Keras does not take");
        return name;
    }

    Json entry(const std::string& type, const std::string& name, Json config) {
        const std::string group = groups_.next(type);
        if (type != "InputLayer" || !network_->wiring().is_straight())
            result_.groups.emplace_back(text("layers/", group), name);
        config["name"] = checked(name);
        config["dtype"] = dtype();
        return {{"module", "keras.layers"},
                {"class_name", type},
                {"config", std::move(config)},
                {"registered_name", nullptr},
                {"name", name}};
    }

    Json input(std::size_t number) {
        return entry("InputLayer", network_->input_names()[number],
                     {{"batch_shape", batch_shape(network_->input_shape(number))}, {"sparse", false}});
    }

    Json layer(const NamedLayer<T>& layer) {
        static const LayerDefaults known = layer_defaults<>();
        const std::string type(layer.layer.type());
        const std::string where = text("save_keras: ", layer.name, " (", type, ")");
        require<ValueError>(differs_in_keras(type).empty(), where, ": ", differs_in_keras(type));
        require<ValueError>(known.contains(type) || detail::is_keras_augmentation(type), where,
                            ": Keras has no such layer");
        fovea::detail::SpecWriter writer(where);
        layer.layer.visit_fields(writer);
        Json fields = detail::keras_fields(type, std::move(writer.config()), where);
        // Not for all: SpatialDropout2D does not take it.
        if (!layer.trainable && layer.first < layer.last) fields["trainable"] = false;
        return entry(type, layer.name, std::move(fields));
    }

    /// The calls of a layer.
    Json nodes(std::size_t layer) const {
        Json calls = Json::array();
        for (const Call<T>& call : network_->wiring().calls) {
            if (call.of != layer) continue;
            Json arguments = Json::array();
            for (const std::size_t wire : call.inputs) arguments.push_back(tensor(wire));
            calls.push_back(
                {{"args", merges(layer) ? Json::array({arguments}) : arguments}, {"kwargs", Json::object()}});
        }
        return calls;
    }

    /// Whether a layer puts several inputs together: those take a list, even of one.
    bool merges(std::size_t layer) const {
        constexpr std::array<std::string_view, 7> types{"Add",     "Average",  "Concatenate", "Maximum",
                                                        "Minimum", "Multiply", "Subtract"};
        return std::find(types.begin(), types.end(), network_->layers()[layer].layer.type()) != types.end();
    }

    Json tensor(std::size_t wire) const {
        return {{"class_name", "__keras_tensor__"},
                {"config",
                 {{"shape", batch_shape(network_->wiring().wires[wire])},
                  {"dtype", dtype()},
                  {"keras_history", history(wire)}}}};
    }

    /// [layer, call, output]
    Json history(std::size_t wire) const {
        const auto [place, call] = order_.origin(wire);
        return {place.is_input ? network_->input_names()[place.number] : network_->layers()[place.number].name, call,
                0};
    }

    /// One stands alone, so that the model takes and gives it so.
    Json tensors(const std::vector<std::size_t>& wires) const {
        Json all = Json::array();
        for (const std::size_t wire : wires) all.push_back(history(wire));
        return wires.size() == 1 ? all[0] : all;
    }

    const Model<T>* model_;
    const Network<T>* network_;
    KerasOrder<T> order_;
    GroupNames groups_;
    WrittenConfig result_;
};

} // namespace fovea::keras
