#pragma once
#include <algorithm>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include <fovea/models/fusion.hpp>
#include <fovea/models/inference_plan.hpp>

namespace fovea {

namespace detail {

/// Keras's rule: `MaxPooling2D` -> `max_pooling2d`.
inline std::string snake_case(std::string_view type) {
    const auto upper = [](char c) { return 'A' <= c && c <= 'Z'; };
    const auto lower = [](char c) { return 'a' <= c && c <= 'z'; };
    std::string name;
    for (std::size_t i = 0; i < type.size(); ++i) {
        const bool word_begins =
            i > 0 && upper(type[i]) && (lower(type[i - 1]) || (i + 1 < type.size() && lower(type[i + 1])));
        if (word_begins) name += '_';
        name += upper(type[i]) ? static_cast<char>(type[i] - 'A' + 'a') : type[i];
    }
    return name;
}

} // namespace detail

/// The wires of a model: layers, how they hang together, and one flat block with all their parameters.
template <class T>
class Network {
public:
    explicit Network(std::uint64_t seed = random_seed()) : seed_(seed) {}

    /// One whose parts were put together elsewhere, such as those out of a file; values are on the places that `registry` gave. Throws
    /// StateError for a layer with a state that may not have one.
    Network(std::uint64_t seed, ParameterRegistry registry, std::vector<NamedLayer<T>> layers, Wiring<T> wiring,
            std::vector<std::string> input_names, Tensor<T> values)
        : seed_(seed), registry_(std::move(registry)), layers_(std::move(layers)), wiring_(std::move(wiring)),
          input_names_(std::move(input_names)), values_(std::move(values)) {
        for (const NamedLayer<T>& layer : layers_) check_states(layer.layer, registry_, layer.first, layer.last);
    }

    /// A wire for samples of this shape. Throws ValueError for a name that is taken.
    std::size_t add_input(const Shape& shape, std::string name = {}) {
        if (name.empty()) name = free_name("input_layer");
        require<ValueError>(!is_taken(name), "Input: the name \"", name, "\" is taken");
        wiring_.wires.push_back(shape);
        wiring_.inputs.push_back(wiring_.wires.size() - 1);
        input_names_.push_back(std::move(name));
        plan_.drop(false);
        return wiring_.inputs.back();
    }

    /// Builds a layer, draws its parameters and calls it on these wires; returns the wire of its result. Throws StateError
    /// without input, ValueError for a name that is taken, and what the layer throws; the network is then as it was.
    template <class S>
        requires LayerSpec<S> || MergeSpec<S> std::size_t add(const S& spec, std::span<const std::size_t> inputs) {
            std::string name;
            bool trainable = true;
            if constexpr (requires { spec.name; }) name = spec.name;
            if constexpr (requires { spec.trainable; }) trainable = spec.trainable;
            ParameterRegistry registry = registry_;
            name = begin_layer(S::type, std::move(name), registry);
            const std::vector<Shape> shapes = wiring_.shapes(inputs);
            const auto build = [&] {
                if constexpr (LayerSpec<S>) {
                    require<ValueError>(shapes.size() == 1, S::type, ": has one input, got ", shapes.size());
                    return AnyLayer<T>(spec, shapes[0], registry);
                } else {
                    return AnyLayer<T>(spec, std::span<const Shape>(shapes), registry);
                }
            };
            return append({std::move(name), build(), trainable, parameters().size(), registry.parameters().size()},
                          registry, inputs);
        }

    /// The same behind the output of a network that has one, or behind its input; the result becomes the output.
    template <LayerSpec S>
    void add(const S& spec) {
        require_input(S::type);
        const std::size_t last = wiring_.outputs.empty() ? wiring_.inputs.front() : wiring_.outputs.front();
        const std::size_t wire = add(spec, std::span(&last, 1));
        set_outputs({wire});
    }

    /// Calls a layer once more, with the parameters that it has. Throws ShapeError if they do not fit these inputs.
    std::size_t call(std::size_t layer, std::span<const std::size_t> inputs) {
        ParameterRegistry registry = registry_;
        registry.share(layers_[layer].first);
        const std::vector<Shape> shapes = wiring_.shapes(inputs);
        require<ValueError>(shapes.size() == layers_[layer].layer.input_shapes().size(), layers_[layer].name, ": has ",
                            layers_[layer].layer.input_shapes().size(), " inputs, got ", shapes.size());
        return add_call(layers_[layer].layer.rebuilt(shapes, registry), layer, inputs);
    }

    /// Which wires the model gives to the outside.
    void set_outputs(std::vector<std::size_t> wires) {
        wiring_.outputs = std::move(wires);
        plan_.drop(false);
    }

    /// What lies between these wires, with copies of the parameters and names as they are. Throws ValueError if an output needs an
    /// input that is not among them, if one of them is not needed, or if something is named twice.
    Network part(const std::vector<std::size_t>& inputs, const std::vector<std::size_t>& outputs) const {
        const std::vector<bool> needed =
            wiring_.calls_between(inputs, outputs, [this](std::size_t wire) { return name_of_wire(wire); });
        Network result(seed_);
        result.fuses_ = fuses_;
        constexpr std::size_t none = std::numeric_limits<std::size_t>::max();
        std::vector<std::size_t> wires(wiring_.wires.size(), none);
        std::vector<std::size_t> numbers(layers_.size(), none);
        for (const std::size_t wire : inputs) {
            // Another result of the layer that an input comes from may be an input too, or be made within the part.
            const auto is_taken = [&](const std::string& name) {
                bool taken = result.is_taken(name);
                for (std::size_t i = 0; i < needed.size(); ++i)
                    taken = taken || (needed[i] && layers_[wiring_.calls[i].of].name == name);
                return taken;
            };
            wires[wire] = result.add_input(wiring_.wires[wire], free_name(name_of_wire(wire), is_taken));
        }
        for (std::size_t i = 0; i < wiring_.calls.size(); ++i) {
            if (!needed[i]) continue;
            const Call<T>& call = wiring_.calls[i];
            std::vector<std::size_t> from;
            for (const std::size_t wire : call.inputs) from.push_back(wires[wire]);
            if (numbers[call.of] == none) {
                numbers[call.of] = result.layers_.size();
                wires[call.output] = result.copy_layer(*this, call, from);
            } else {
                wires[call.output] = result.call(numbers[call.of], from);
            }
        }
        std::vector<std::size_t> ends;
        for (const std::size_t wire : outputs) ends.push_back(wires[wire]);
        result.set_outputs(std::move(ends));
        return result;
    }

    const Wiring<T>& wiring() const { return wiring_; }
    const std::vector<std::string>& input_names() const { return input_names_; }
    /// That of the layer that an output comes from; Keras names losses and metrics after it. A second output of the same layer has
    /// `_1` behind it, where Keras has the same name twice and drops a loss from the logs.
    std::string output_name(std::size_t output) const {
        const std::string& name = name_of_wire(wiring_.outputs[output]);
        std::size_t earlier = 0;
        for (std::size_t i = 0; i < output; ++i)
            if (name_of_wire(wiring_.outputs[i]) == name) ++earlier;
        return earlier == 0 ? name : text(name, '_', earlier);
    }
    /// The layer that writes a wire, or the input that it is.
    const std::string& name_of_wire(std::size_t wire) const {
        for (std::size_t i = 0; i < wiring_.inputs.size(); ++i)
            if (wiring_.inputs[i] == wire) return input_names_[i];
        return layers_[wiring_.call_of(wire).of].name;
    }
    bool has_input() const { return !wiring_.inputs.empty(); }
    std::size_t inputs() const { return wiring_.inputs.size(); }
    std::size_t outputs() const { return wiring_.outputs.size(); }
    /// Shapes of one sample.
    const Shape& input_shape(std::size_t input = 0) const { return wiring_.wires[wiring_.inputs.at(input)]; }
    const Shape& output_shape(std::size_t output = 0) const {
        return wiring_.outputs.empty() ? input_shape() : wiring_.wires[wiring_.outputs.at(output)];
    }
    std::uint64_t seed() const { return seed_; }

    const std::vector<NamedLayer<T>>& layers() const { return layers_; }
    std::vector<NamedLayer<T>>& layers() { return layers_; }

    /// Throws ValueError for a name that is not there, and lists those that are.
    const NamedLayer<T>& layer(std::string_view name) const {
        return find(layers_, name, "layer", [](const auto& l) { return l.name; });
    }
    NamedLayer<T>& layer(std::string_view name) { return const_cast<NamedLayer<T>&>(std::as_const(*this).layer(name)); }

    const std::vector<NamedParameter>& parameters() const { return registry_.parameters(); }

    /// Throws ValueError for a name that is not there, and lists those that are.
    const NamedParameter& parameter(std::string_view name) const {
        return find(parameters(), name, "parameter", [](const auto& p) { return p.name; });
    }

    /// To be changed until the network is used for the next time.
    std::span<T> values() {
        plan_.drop(false);
        return values_.span();
    }
    std::span<const T> values() const { return values_.span(); }
    /// To be changed at any time.
    View<T> value(const NamedParameter& p) {
        plan_.drop(true);
        return {values_.data() + p.place.offset, p.place.shape};
    }
    ConstView<T> value(const NamedParameter& p) const { return {values_.data() + p.place.offset, p.place.shape}; }

    /// Whether layers are fused into steps; see models/fusion.hpp.
    bool fuses() const { return fuses_; }
    void set_fuses(bool fuses) {
        fuses_ = fuses;
        plan_.drop(false);
    }

    /// What inference needs, for the values as they are. Any number of threads may ask for it at once.
    std::shared_ptr<const InferencePlan<T>> inference() const {
        return plan_.get([this] {
            auto plan = std::make_shared<InferencePlan<T>>();
            plan->steps = make_steps(wiring_, false, fuses_);
            plan->layout = inference_layout<T>(wiring_, plan->steps);
            plan->prepared = Prepared<T>(plan->steps, false);
            plan->prepared.refresh(plan->steps, values(), *detail::pool());
            return plan;
        });
    }

    /// Whether the optimizer moves this parameter.
    bool is_trained(const NamedLayer<T>& layer, const NamedParameter& parameter) const {
        return layer.trainable && !parameter.is_state;
    }

    /// Throws StateError if there is none, for `item` is about to stand behind it.
    void require_input(std::string_view item) const {
        require<StateError>(has_input(), "the first item of a model must be Input{...}, got ", item);
    }

    /// Throws StateError unless samples can be sent through.
    void require_complete(std::string_view caller) const {
        require<StateError>(has_input(), caller, ": the model has no Input");
        require<StateError>(!layers_.empty(), caller, ": the model has no layers");
        require<StateError>(!wiring_.outputs.empty(), caller, ": the model has no outputs");
    }

private:
    /// The name that a new layer gets.
    std::string begin_layer(std::string_view type, std::string name, ParameterRegistry& registry) const {
        if (name.empty()) name = free_name(detail::snake_case(type));
        require<ValueError>(!is_taken(name), type, ": the name \"", name, "\" is taken by another layer");
        registry.begin_layer(name);
        return name;
    }

    /// A layer of another network, with the values of its parameters.
    std::size_t copy_layer(const Network& other, const Call<T>& call, std::span<const std::size_t> inputs) {
        const NamedLayer<T>& original = other.layers_[call.of];
        ParameterRegistry registry = registry_;
        registry.begin_layer(original.name);
        AnyLayer<T> layer = original.layer.rebuilt(wiring_.shapes(inputs), registry);
        const std::size_t first = parameters().size();
        const std::size_t wire =
            append({original.name, std::move(layer), original.trainable, first, registry.parameters().size()}, registry,
                   inputs);
        for (std::size_t i = first; i < parameters().size(); ++i) {
            const ConstView<T> from = other.value(other.parameters()[original.first + i - first]);
            std::copy(from.begin(), from.end(), parameters()[i].place.in(values_.span()).begin());
        }
        return wire;
    }

    /// Lanes run at the same time, so only a layer that sees all of them at once may keep up a state.
    static void check_states(const AnyLayer<T>& layer, const ParameterRegistry& registry, std::size_t first,
                             std::size_t last) {
        for (std::size_t i = first; i < last; ++i)
            require<StateError>(!registry.parameters()[i].is_state || layer.whole_batch(), layer.type(), ": ",
                                registry.parameters()[i].name,
                                " is a state, which only a layer with whole_batch may have");
    }

    std::size_t append(NamedLayer<T> layer, ParameterRegistry& registry, std::span<const std::size_t> inputs) {
        check_states(layer.layer, registry, layer.first, layer.last);
        Tensor<T> values(Shape{registry.size()});
        std::copy(values_.begin(), values_.end(), values.begin());
        initialize(values, registry, layer.first);
        layers_.push_back(std::move(layer));
        registry_ = std::move(registry);
        values_ = std::move(values);
        return add_call(layers_.back().layer, layers_.size() - 1, inputs);
    }

    std::size_t add_call(const AnyLayer<T>& layer, std::size_t of, std::span<const std::size_t> inputs) {
        wiring_.wires.push_back(layer.output_shape());
        wiring_.calls.push_back({layer, of, {inputs.begin(), inputs.end()}, wiring_.wires.size() - 1});
        plan_.drop(false);
        return wiring_.wires.size() - 1;
    }

    /// Parameters from number `first` on; each has a stream of its own, so layers added later leave it as it is.
    void initialize(Tensor<T>& values, const ParameterRegistry& registry, std::size_t first) const {
        for (std::size_t i = first; i < registry.parameters().size(); ++i) {
            const NamedParameter& p = registry.parameters()[i];
            p.initializer.fill(View<T>(values.data() + p.place.offset, p.place.shape), p.fans,
                               {seed_, random::Purpose::initialize, static_cast<std::uint32_t>(i), 0});
        }
    }

    bool is_taken(std::string_view name) const {
        return std::any_of(layers_.begin(), layers_.end(), [&](const auto& layer) { return layer.name == name; }) ||
               std::find(input_names_.begin(), input_names_.end(), name) != input_names_.end();
    }

    std::string free_name(const std::string& base) const {
        return free_name(base, [this](const std::string& name) { return is_taken(name); });
    }
    template <class Taken>
    static std::string free_name(const std::string& base, Taken&& is_taken) {
        std::string name = base;
        for (int i = 1; is_taken(name); ++i) name = text(base, '_', i);
        return name;
    }

    template <class Items, class Name>
    static auto& find(Items& items, std::string_view wanted, const char* kind, Name&& name) {
        std::string known;
        for (auto& item : items) {
            if (name(item) == wanted) return item;
            known += (known.empty() ? "" : ", ") + name(item);
        }
        throw ValueError(text("the model has no ", kind, " \"", wanted, "\"; it has ", known.empty() ? "none" : known));
    }

    std::uint64_t seed_;
    ParameterRegistry registry_;
    std::vector<NamedLayer<T>> layers_;
    Wiring<T> wiring_;
    std::vector<std::string> input_names_;
    Tensor<T> values_;
    bool fuses_ = true;
    mutable PlanCache<T> plan_;
};

} // namespace fovea
