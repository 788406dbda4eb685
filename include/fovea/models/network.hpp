#pragma once
#include <algorithm>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <fovea/models/fusion.hpp>

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

/// What inference derives from a network.
template <class T>
struct InferencePlan {
    std::vector<Step<T>> steps;
    Prepared<T> prepared;
};

/// The wires of a model: layers one after another, and one flat block with all their parameters.
template <class T>
class Network {
public:
    explicit Network(std::uint64_t seed = random_seed()) : seed_(seed) {}

    /// Shape of one sample. Throws StateError when there is one already.
    void set_input(const Shape& shape) {
        require<StateError>(!has_input_, "the model has its input already: ", input_shape_,
                            ", got a second one: ", shape);
        input_shape_ = shape;
        has_input_ = true;
    }

    /// Builds a layer behind the last one and draws its parameters. Throws StateError before set_input, ValueError for a
    /// name that is taken, and what the layer throws; the network is then as it was.
    template <LayerSpec S>
    void add(const S& spec) {
        std::string name;
        bool trainable = true;
        if constexpr (requires { spec.name; }) name = spec.name;
        if constexpr (requires { spec.trainable; }) trainable = spec.trainable;
        ParameterRegistry registry = registry_;
        name = begin_layer(S::type, std::move(name), registry);
        AnyLayer<T> layer(spec, output_shape(), registry);
        check_states(layer, registry);
        append({std::move(name), std::move(layer), trainable, parameters().size(), registry.parameters().size()},
               registry);
    }

    bool has_input() const { return has_input_; }
    const Shape& input_shape() const { return input_shape_; }
    const Shape& output_shape() const { return layers_.empty() ? input_shape_ : layers_.back().layer.output_shape(); }
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
            plan->steps = make_steps(layers_, false, fuses_);
            plan->prepared = Prepared<T>(plan->steps, false);
            plan->prepared.refresh(plan->steps, values(), *detail::pool());
            return plan;
        });
    }

    /// Whether the optimizer moves this parameter.
    bool is_trained(const NamedLayer<T>& layer, const NamedParameter& parameter) const {
        return layer.trainable && !parameter.is_state;
    }

    /// Throws StateError unless samples can be sent through.
    void require_complete(std::string_view caller) const {
        require<StateError>(has_input_, caller, ": the model has no Input");
        require<StateError>(!layers_.empty(), caller, ": the model has no layers");
    }

private:
    /// Keeps the plan until the values change. Once somebody outside holds a view of them, nobody knows when that is, so
    /// every use makes its own.
    class PlanCache {
    public:
        PlanCache() = default;
        PlanCache(const PlanCache&) {} // a copied network makes its own, for values of its own
        PlanCache(PlanCache&& other) noexcept : exposed_(other.exposed_) {} // views move along with the values
        PlanCache& operator=(const PlanCache&) {
            drop(false);
            return *this;
        }
        PlanCache& operator=(PlanCache&& other) noexcept {
            drop(other.exposed_);
            return *this;
        }

        void drop(bool exposed) {
            const std::lock_guard lock(mutex_);
            plan_.reset();
            exposed_ = exposed_ || exposed;
        }

        template <class F>
        std::shared_ptr<const InferencePlan<T>> get(F&& make) {
            const std::lock_guard lock(mutex_);
            if (plan_) return plan_;
            std::shared_ptr<const InferencePlan<T>> plan = make();
            if (!exposed_) plan_ = plan;
            return plan;
        }

    private:
        std::mutex mutex_;
        std::shared_ptr<const InferencePlan<T>> plan_;
        bool exposed_ = false;
    };

    /// The name that a new layer gets.
    std::string begin_layer(std::string_view type, std::string name, ParameterRegistry& registry) const {
        require<StateError>(has_input_, "the first item of a model must be Input{...}, got ", type);
        if (name.empty()) name = free_name(detail::snake_case(type));
        require<ValueError>(!is_taken(name), type, ": the name \"", name, "\" is taken by another layer");
        registry.begin_layer(name);
        return name;
    }

    /// Lanes run at the same time, so only a layer that sees all of them at once may keep up a state.
    void check_states(const AnyLayer<T>& layer, const ParameterRegistry& registry) const {
        for (std::size_t i = parameters().size(); i < registry.parameters().size(); ++i)
            require<StateError>(!registry.parameters()[i].is_state || layer.whole_batch(), layer.type(), ": ",
                                registry.parameters()[i].name,
                                " is a state, which only a layer with whole_batch may have");
    }

    void append(NamedLayer<T> layer, ParameterRegistry& registry) {
        Tensor<T> values(Shape{registry.size()});
        std::copy(values_.begin(), values_.end(), values.begin());
        initialize(values, registry, layer.first);
        layers_.push_back(std::move(layer));
        registry_ = std::move(registry);
        values_ = std::move(values);
        plan_.drop(false);
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
        return std::any_of(layers_.begin(), layers_.end(), [&](const auto& layer) { return layer.name == name; });
    }

    std::string free_name(const std::string& base) const {
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
    bool has_input_ = false;
    Shape input_shape_;
    ParameterRegistry registry_;
    std::vector<NamedLayer<T>> layers_;
    Tensor<T> values_;
    bool fuses_ = true;
    mutable PlanCache plan_;
};

} // namespace fovea
