#pragma once
#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <new>
#include <optional>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fovea/io/spec_json.hpp>
#include <fovea/io/test_vector.hpp>
#include <fovea/layers/all.hpp>
#include <fovea/models/sequential.hpp>

/// A model without its weights as JSON, and back. Optional: needs nlohmann/json (link fovea::io).
///
///     {"class_name": "Sequential", "name": "sequential",
///      "inputs": [{"name": "input_layer", "shape": [28, 28, 1]}],
///      "layers": [{"class_name": "Flatten", "name": "flatten", "trainable": true, "config": {}}, ...],
///      "calls": [{"layer": "flatten", "inputs": [0]}, ...],
///      "outputs": [2]}
///
/// Calls stand in an order in which they can run, between numbered wires: first the inputs, then what each call writes. A
/// layer of several calls is shared. A field "fuses" says false where `set_fuses` did.
namespace fovea {

namespace detail {

template <class T>
nlohmann::json model_json(const Model<T>& model) {
    using Json = nlohmann::json;
    const Network<T>& network = model.network();
    network.require_complete("save");
    const Wiring<T>& wiring = network.wiring();
    std::vector<std::size_t> numbers(wiring.wires.size());
    const auto numbers_of = [&](const std::vector<std::size_t>& wires) {
        Json result = Json::array();
        for (const std::size_t wire : wires) result.push_back(numbers[wire]);
        return result;
    };
    Json inputs = Json::array();
    for (std::size_t i = 0; i < wiring.inputs.size(); ++i) {
        const Shape& shape = network.input_shape(i);
        inputs.push_back({{"name", network.input_names()[i]}, {"shape", std::vector(shape.begin(), shape.end())}});
        numbers[wiring.inputs[i]] = i;
    }
    Json layers = Json::array();
    for (const NamedLayer<T>& layer : network.layers()) {
        SpecWriter writer(layer.name);
        layer.layer.visit_fields(writer);
        layers.push_back({{"class_name", std::string(layer.layer.type())},
                          {"name", layer.name},
                          {"trainable", layer.trainable},
                          {"config", std::move(writer.config())}});
    }
    Json calls = Json::array();
    for (const Call<T>& call : wiring.calls) {
        calls.push_back({{"layer", network.layers()[call.of].name}, {"inputs", numbers_of(call.inputs)}});
        numbers[call.output] = wiring.inputs.size() + calls.size() - 1;
    }
    Json json = {{"class_name", model.name() == "sequential" ? "Sequential" : "Functional"},
                 {"name", model.name()},
                 {"inputs", std::move(inputs)},
                 {"layers", std::move(layers)},
                 {"calls", std::move(calls)},
                 {"outputs", numbers_of(wiring.outputs)}};
    if (!network.fuses()) json["fuses"] = false;
    return json;
}

/// What a layer is to be built with. Nothing has been allocated yet that grows with what a file says.
struct LayerPlace {
    const std::string& name;
    bool trainable;
    std::span<const Shape> inputs;
    ParameterRegistry& registry;
    double most_elements; ///< that a sample's output, or what a layer has for its window, may have

    void check(const SpecReader& fields, const Shape& output) const {
        const auto check_elements = [&](double elements) {
            require<DataError>(elements <= most_elements, "needs more memory than the memory_limit");
        };
        check_elements(static_cast<double>(output.size()));
        for (const Shape& input : inputs) // with the padding that a window of this size may get
            if (input.rank() == 3)
                check_elements((static_cast<double>(input[0]) + fields.rows()) *
                               (static_cast<double>(input[1]) + fields.columns()) * static_cast<double>(input[2]));
    }
};

template <class T, class S>
AnyLayer<T> read_layer(SpecReader& fields, const LayerPlace& place) {
    static_assert(
        requires(S spec, SpecVisitor & visit) { spec.fields(visit); },
        "a layer that is to be read from a file needs fields(SpecVisitor&)");
    S spec{};
    spec.fields(fields);
    fields.require_no_more();
    if constexpr (requires { spec.name; }) spec.name = place.name;
    if constexpr (requires { spec.trainable; }) spec.trainable = place.trainable;
    if constexpr (LayerSpec<S>) {
        require<DataError>(place.inputs.size() == 1, "has one input, got ", place.inputs.size());
        place.check(fields, spec.output_shape(place.inputs[0]));
        return AnyLayer<T>(spec, place.inputs[0], place.registry);
    } else {
        place.check(fields, spec.output_shape(place.inputs));
        return AnyLayer<T>(spec, place.inputs, place.registry);
    }
}

/// How the layers of a file are made from their names.
template <class T>
using LayerReaders = std::map<std::string_view, AnyLayer<T> (*)(SpecReader&, const LayerPlace&)>;

template <class T, class Spec>
void add_readers(LayerReaders<T>& readers, const Spec*) {
    readers.insert_or_assign(std::string_view(Spec::type), &read_layer<T, Spec>);
}
template <class T, class... Specs>
void add_readers(LayerReaders<T>& readers, const LayerTypes<Specs...>*) {
    (add_readers(readers, static_cast<const Specs*>(nullptr)), ...);
}

/// `Own` are specs, or lists of them.
template <class T, class... Own>
LayerReaders<T> layer_readers() {
    LayerReaders<T> readers;
    add_readers(readers, static_cast<const BuiltInLayers*>(nullptr));
    (add_readers(readers, static_cast<const Own*>(nullptr)), ...);
    return readers;
}

/// Puts a network together from the JSON of a model; only the values of the parameters are left to be said.
template <class T>
class NetworkReader {
public:
    /// `check` is called with each parameter before memory for it is asked for.
    NetworkReader(const LayerReaders<T>& readers, double memory_limit, std::function<void(const NamedParameter&)> check)
        : readers_(readers), most_elements_(memory_limit / sizeof(T)), check_(std::move(check)) {}

    /// Throws DataError, with `where` in front, for what makes no network.
    void read(const nlohmann::json& json, const std::string& where) {
        JsonReader model(json, where);
        const std::string kind = model.text("class_name");
        require<DataError>(kind == "Sequential" || kind == "Functional", where, ": unknown class_name ", quoted(kind));
        name_ = model.text("name");
        if (model.has("fuses")) fuses_ = model.flag("fuses");
        for (const nlohmann::json& input : model.list("inputs")) read_input({input, where + ": an input"});
        for (const nlohmann::json& layer : model.list("layers")) read_layer_entry({layer, where + ": a layer"});
        const nlohmann::json& calls = model.list("calls");
        require<DataError>(!calls.empty() && calls.size() <= most_calls, where, ": expected 1 to ", most_calls,
                           " calls, got ", calls.size());
        for (const nlohmann::json& call : calls) read_call({call, text(where, ": call ", wiring_.calls.size())});
        for (const auto& [name, layer] : described_)
            require<DataError>(layer.number.has_value(), where, ": no call is of layer ", quoted(name));
        wiring_.outputs = wires(model.wholes("outputs"), where + ": the model's output");
        std::set<std::size_t> outputs(wiring_.outputs.begin(), wiring_.outputs.end());
        require<DataError>(!outputs.empty() && outputs.size() == wiring_.outputs.size(), where,
                           ": expected outputs, each once, got ", wiring_.outputs.size());
        model.require_no_more();
    }

    const ParameterRegistry& registry() const { return registry_; }

    /// Once, behind `read`.
    Model<T> model(std::uint64_t seed, Tensor<T> values) {
        Network<T> network(seed, std::move(registry_), std::move(layers_), std::move(wiring_), std::move(input_names_),
                           std::move(values));
        network.set_fuses(fuses_);
        return Model<T>(name_, std::move(network));
    }

private:
    static constexpr std::size_t most_calls = 10'000;

    /// A layer as the file describes it.
    struct Described {
        nlohmann::json config;
        std::string type;
        bool trainable;
        std::optional<std::size_t> number = {}; ///< once it is built
    };

    static std::string quoted(const std::string& text) { return safetensors::detail::in_quotes(text); }

    void read_input(JsonReader input) {
        const std::string name = input.text("name");
        require<DataError>(std::find(input_names_.begin(), input_names_.end(), name) == input_names_.end(),
                           input.where(), ": the name ", quoted(name), " is there twice");
        const std::vector<Index> extents = input.wholes("shape");
        input.require_no_more();
        guarded(text(input.where(), " ", quoted(name)), [&] {
            const Shape shape = Input(Shape(std::span<const Index>(extents))).shape;
            add_wire(shape);
            wiring_.inputs.push_back(wiring_.wires.size() - 1);
            input_names_.push_back(name);
        });
    }

    void read_layer_entry(JsonReader layer) {
        const std::string name = layer.text("name");
        Described described{layer.raw("config"), layer.text("class_name"), layer.flag("trainable")};
        layer.require_no_more();
        require<DataError>(!name.empty() && described_.emplace(name, std::move(described)).second &&
                               std::find(input_names_.begin(), input_names_.end(), name) == input_names_.end(),
                           layer.where(), ": the name ", quoted(name), " is empty or taken");
    }

    void read_call(JsonReader call) {
        const std::string name = call.text("layer");
        const auto found = described_.find(name);
        require<DataError>(found != described_.end(), call.where(), ": there is no layer ", quoted(name));
        const std::string where = text(call.where(), ", of ", quoted(name));
        const std::vector<std::size_t> inputs = wires(call.wholes("inputs"), where);
        call.require_no_more();
        const std::vector<Shape> shapes = wiring_.shapes(inputs);
        guarded(where, [&] {
            Described& described = found->second;
            const AnyLayer<T> layer =
                described.number ? again(*described.number, shapes) : build(where, found->first, described, shapes);
            check_memory(layer);
            add_wire(layer.output_shape());
            wiring_.calls.push_back({layer, *described.number, inputs, wiring_.wires.size() - 1});
        });
    }

    AnyLayer<T> build(const std::string& where, const std::string& name, Described& described,
                      std::span<const Shape> shapes) {
        const auto reader = readers_.find(described.type);
        require<DataError>(reader != readers_.end(), where, ": the layer ", quoted(described.type),
                           " is unknown; one of your own must be named: load_model<float, MyLayer>(path)");
        const std::size_t first = registry_.parameters().size();
        registry_.begin_layer(name);
        SpecReader fields(JsonReader(described.config, where + ": config"));
        AnyLayer<T> layer = reader->second(fields, {name, described.trainable, shapes, registry_, most_elements_});
        const std::vector<NamedParameter>& parameters = registry_.parameters();
        for (std::size_t i = first; i < parameters.size(); ++i) check_(parameters[i]);
        described.number = layers_.size();
        layers_.push_back({name, layer, described.trainable, first, parameters.size()});
        return layer;
    }

    AnyLayer<T> again(std::size_t number, std::span<const Shape> shapes) {
        const NamedLayer<T>& layer = layers_[number];
        require<DataError>(shapes.size() == layer.layer.input_shapes().size(), "has ",
                           layer.layer.input_shapes().size(), " inputs, got ", shapes.size());
        ParameterRegistry registry = registry_;
        registry.share(layer.first);
        return layer.layer.rebuilt(shapes, registry);
    }

    /// Before any of it is asked for, by a run of the test's samples.
    void check_memory(const AnyLayer<T>& layer) const {
        const double bytes = static_cast<double>(layer.scratch_bytes(TestVector::most_samples)) +
                             static_cast<double>(layer.prepared_bytes(false));
        require<DataError>(bytes <= most_elements_ * sizeof(T), "needs more memory than the memory_limit");
    }

    void add_wire(const Shape& shape) {
        elements_ += static_cast<double>(shape.size());
        require<DataError>(elements_ <= most_elements_,
                           "the tensors of a sample need more memory than the memory_limit");
        wiring_.wires.push_back(shape);
    }

    /// Throws for a wire that no input or earlier call writes: so there are no cycles.
    std::vector<std::size_t> wires(const std::vector<Index>& numbers, const std::string& who) const {
        for (const Index number : numbers)
            require<DataError>(0 <= number && std::cmp_less(number, wiring_.wires.size()), who, " reads wire ", number,
                               ", which nothing in front of it writes");
        return {numbers.begin(), numbers.end()};
    }

    /// What goes wrong in `f`, with `where` in front.
    template <class F>
    static void guarded(const std::string& where, F&& f) {
        try {
            f();
        } catch (const std::bad_alloc&) {
            throw DataError(where + ": does not fit in memory");
        } catch (const std::length_error&) {
            throw DataError(where + ": does not fit in memory");
        } catch (const Error& error) {
            const std::string what = error.what();
            throw DataError(what.starts_with(where) ? what : where + ": " + what);
        }
    }

    const LayerReaders<T>& readers_;
    double most_elements_;
    std::function<void(const NamedParameter&)> check_;
    std::map<std::string, Described> described_;
    std::string name_;
    bool fuses_ = true;
    double elements_ = 0; ///< of all wires
    ParameterRegistry registry_;
    std::vector<NamedLayer<T>> layers_;
    Wiring<T> wiring_;
    std::vector<std::string> input_names_;
};

/// Deep enough for a regularizer in a struct of a user's spec.
inline constexpr int most_model_depth = 16;

/// Memory that a file may ask for beyond its own size.
inline constexpr double default_memory_limit = 4.0 * 1024 * 1024 * 1024;

} // namespace detail

/// A model without its weights, as JSON. Throws StateError for a model without layers, and for a layer whose spec has no `fields`;
/// ValueError for a name that is not UTF-8 and a number that is not finite.
template <class T>
std::string model_to_json(const Model<T>& model) {
    const nlohmann::json json = detail::model_json(model);
    try {
        return json.dump();
    } catch (const nlohmann::json::type_error&) {
        throw ValueError("save: a name in the model is not UTF-8");
    }
}

/// A model with new weights, drawn by `random_seed()`. `Own` are the specs of your own layers. Throws DataError for what is no model.
template <class T = float, class... Own>
Model<T> model_from_json(std::string_view json, double memory_limit = detail::default_memory_limit) {
    const detail::LayerReaders<T> readers = detail::layer_readers<T, Own...>();
    double elements = 0;
    detail::NetworkReader<T> reader(readers, memory_limit, [&](const NamedParameter& parameter) {
        elements += static_cast<double>(parameter.place.size());
        require<DataError>(elements <= memory_limit / sizeof(T), parameter.name, " of shape ", parameter.place.shape,
                           " needs more memory than the memory_limit");
    });
    const std::string where = "model_from_json";
    reader.read(detail::parse_json(json, detail::most_model_depth, where), where);
    const std::uint64_t seed = random_seed();
    Tensor<T> values(Shape{reader.registry().size()});
    std::uint32_t number = 0;
    for (const NamedParameter& p : reader.registry().parameters())
        p.initializer.fill(View<T>(values.data() + p.place.offset, p.place.shape), p.fans,
                           {seed, random::Purpose::initialize, number++, 0});
    return reader.model(seed, std::move(values));
}

} // namespace fovea
