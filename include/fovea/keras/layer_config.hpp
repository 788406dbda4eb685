#pragma once
#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include <fovea/io/model_json.hpp>

/// The config of a layer, from Keras's words into those of fovea's model files, which are nearly the same.
namespace fovea::keras {

using Json = nlohmann::json;

/// The fields of each layer, with the values that they have if nobody says otherwise, by its type.
using LayerDefaults = std::map<std::string_view, Json (*)()>;

namespace detail {

template <class Spec>
Json defaults_of() {
    Spec spec{};
    fovea::detail::SpecWriter writer{std::string(Spec::type)};
    spec.fields(writer);
    return std::move(writer.config());
}

template <class Spec>
void add_defaults(LayerDefaults& defaults, const Spec*) {
    defaults.insert_or_assign(std::string_view(Spec::type), &defaults_of<Spec>);
}
template <class... Specs>
void add_defaults(LayerDefaults& defaults, const LayerTypes<Specs...>*) {
    (add_defaults(defaults, static_cast<const Specs*>(nullptr)), ...);
}

/// In messages.
inline std::string shown(const Json& value) {
    constexpr std::size_t most = 80;
    const std::string all = value.dump(-1, ' ', true, Json::error_handler_t::replace);
    return all.size() <= most ? all : all.substr(0, most) + "...";
}

/// The name of a function, which Keras may write as an object; all else is given back as it is.
inline const Json& without_wrapping(const Json& value) {
    const bool is_function = value.is_object() && value.contains("class_name") && value["class_name"] == "function" &&
                             value.contains("config");
    return is_function ? value["config"] : value;
}

} // namespace detail

/// `Own` are specs, or lists of them.
template <class... Own>
LayerDefaults layer_defaults() {
    LayerDefaults defaults;
    detail::add_defaults(defaults, static_cast<const BuiltInLayers*>(nullptr));
    (detail::add_defaults(defaults, static_cast<const Own*>(nullptr)), ...);
    return defaults;
}

/// Why a layer that both have is none to be exchanged; empty for all others. So it is in Keras 3.15.
inline std::string_view differs_in_keras(std::string_view type) {
    if (type == "Equalization") return "in Keras no model can have it";
    if (type == "RandomCrop") return "in Keras it does not crop in inference";
    return {};
}

/// Takes over what a layer's config says. Everything throws DataError, with `where` in front.
class LayerConfig {
public:
    /// `rank` is that of the layer's input with its batch, 0 if it is not known.
    LayerConfig(std::string type, std::size_t rank, std::string where)
        : type_(std::move(type)), rank_(rank), where_(std::move(where)) {}

    /// `fields` with the values of `config`. Throws for an option that fovea does not have, unless it does nothing.
    Json fields(const Json& config, Json fields) const {
        for (const auto& [option, value] : config.items()) {
            if (option == "name" || option == "trainable") continue;
            if (option == "dtype")
                check_dtype(value);
            else if (fields.contains(option))
                fields[option] = converted(option, value, fields[option]);
            else
                check(does_nothing(option, value), option, value);
        }
        return fields;
    }

private:
    void check(bool holds, const std::string& option, const Json& value) const {
        require<DataError>(holds, where_, ": ", option, '=', detail::shown(value), " is not supported");
    }

    /// Keras computes and keeps its numbers in this; fovea has one type for a model.
    void check_dtype(const Json& value) const {
        const Json& policy = value.is_object() && value.contains("config") ? value["config"] : value;
        const Json& name = policy.is_object() && policy.contains("name") ? policy["name"] : policy;
        check(name.is_null() || name == "float32" || name == "float64", "dtype", name);
    }

    Json converted(const std::string& option, const Json& value, const Json& now) const {
        if (option.ends_with("_initializer")) return initializer(value, now);
        if (option.ends_with("_regularizer") || option.ends_with("_constraint")) return object(value);
        if (option == "activation") return activation(value);
        if (option.ends_with("factor")) return factor(value, now);
        if (now.is_array() && value.is_null()) return Json::array();
        if (now.is_array() && value.is_number_integer()) return Json::array({value});
        if (now.is_number_integer() && value.is_array() && value.size() == 1) return value[0];
        return value;
    }

    /// How weights began is of no more use than to start anew: one that fovea does not have becomes the usual one.
    static Json initializer(const Json& value, const Json& usual) {
        std::string name = value.is_string() ? value.get<std::string>() : "";
        if (value.is_object() && value.contains("class_name") && value["class_name"].is_string())
            name = value["class_name"].get<std::string>();
        if (name == "Constant" && value.contains("config") && value["config"].is_object() &&
            value["config"].contains("value") && value["config"]["value"].is_number())
            return {{"class_name", name}, {"config", {{"value", value["config"]["value"]}}}};
        name = fovea::detail::snake_case(name);
        try {
            return std::string(Initializer::from_name(name).name());
        } catch (const ValueError&) {
            return usual;
        }
    }

    /// A regularizer or constraint.
    static Json object(const Json& value) {
        if (!value.is_object() || !value.contains("class_name") || !value.contains("config")) return value;
        Json config = value["config"];
        if (config.is_object() && config.contains("axis") && config["axis"].is_number_integer())
            config["axis"] = Json::array({config["axis"]});
        return {{"class_name", value["class_name"]}, {"config", std::move(config)}};
    }

    Json activation(const Json& value) const {
        if (value.is_null()) return "linear";
        const Json& name = detail::without_wrapping(value);
        check(name.is_string(), "activation", value);
        return name == "swish" ? Json("silu") : name;
    }

    /// How strong an augmentation is. Keras keeps one number as two: where fovea knows but one it is the second of them; and what
    /// Keras says goes from 0 it draws from [-factor, factor] in RandomSaturation and RandomColorDegeneration.
    Json factor(const Json& value, const Json& now) const {
        if (value.is_null()) return now;
        const bool pair = value.is_array() && value.size() == 2 && value[0].is_number() && value[1].is_number();
        if (!pair) return value;
        if (type_ == "RandomShear" && value[0] < 0.0) return value[1]; // which Keras writes, and does not read
        if (type_ == "RandAugment" || type_ == "RandomElasticTransform" || type_ == "RandomPerspective")
            return value[1];
        if (type_ == "RandomSaturation" || type_ == "RandomColorDegeneration")
            return {std::max(value[0].get<double>(), 0.0), value[1]};
        return value;
    }

    /// What fovea has no field for.
    bool does_nothing(const std::string& option, const Json& value) const {
        if (option == "data_format") return value.is_null() || value == "channels_last";
        if (option == "axis") {
            const Json& axis = value.is_array() && value.size() == 1 ? value[0] : value;
            return axis == -1 || (rank_ > 0 && axis == rank_ - 1);
        }
        // renorm_... say something about renorm alone, value_range where the range of values does not matter.
        if (option == "seed" || option == "synchronized" || option == "renorm_clipping" ||
            option == "renorm_momentum" || option == "value_range")
            return true;
        if (option == "renorm" || option == "rms_scaling") return value == false;
        return value.is_null(); // such as regularizers, noise_shape, quantization_config
    }

    std::string type_;
    std::size_t rank_;
    std::string where_;
};

} // namespace fovea::keras
