#pragma once
#include <concepts>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fovea/layers/pass.hpp>
#include <fovea/layers/spec_visitor.hpp>
#include <fovea/ops/activation_kind.hpp>

namespace fovea {

/// What a model asks of a layer, which exists once its input shape is known. x and y begin with the batch axis.
///
///     void forward (ConstView<T> x, View<T> y, Pass<T>& pass) const;                              // y =
///     void backward(ConstView<T> x, ConstView<T> y, View<T> dy, View<T> dx, Pass<T>& pass) const; // dx =, parameter gradients +=
///
/// `backward` comes after a `forward` in training on the same x, with the same `kept`. It may overwrite dy; an empty dx is not
/// wanted. Both must give each sample the same bits whatever batch it comes in. A layer may also have
///
///     Index prepared_bytes(bool training) const;   // what it derives from its parameters: pass.prepared
///     void prepare(std::span<const T> values, Arena prepared, bool training) const;   // whenever they have changed
///     Index kept_bytes(Index batch) const;     // what pass.kept must hold
///     Index scratch_bytes(Index batch) const;  // what pass.scratch must hold
///     static constexpr bool whole_batch;       // true: sees all samples at once, for it mixes them or keeps up a state
///     Activation activation() const;           // its output went through this last; it then heeds pass.before_activation
///     Index multiply_adds() const;             // of a forward pass of one sample, for plan() and profile()
///     std::string kernels(bool training) const; // what it is computed by, for plan()
///     bool idle_in_inference() const;          // then y = x: what exports the network may leave it out
template <class L, class T>
concept LayerOf = requires(const L& layer, ConstView<T> x, View<T> y, Pass<T>& pass) {
    layer.forward(x, y, pass);
    layer.backward(x, x, y, y, pass);
};

/// The same of one with several inputs, which come in the order of the call. Any dx[k] may be empty.
template <class L, class T>
concept MergeOf = requires(const L& layer, std::span<const ConstView<T>> x, View<T> y, std::span<const View<T>> dx,
                           Pass<T>& pass) {
    layer.forward(x, y, pass);
    layer.backward(x, y, y, dx, pass);
};

/// The description of a layer: a plain aggregate with the type's name, the output shape, and `Layer<T>`. With an operator() it can be
/// called on the nodes of a graph, as those of fovea's own: see models/graph.hpp. With `fields` it can be written to a file and read back:
/// see layers/spec_visitor.hpp.
/// Shapes here are those of one sample, without the batch axis.
//
// clang-format 14 takes template arguments in a requirement for comparisons.
// clang-format off
template <class S>
concept LayerSpec = requires(const S& spec, const Shape& input, ParameterRegistry& registry) {
    { S::type } -> std::convertible_to<std::string_view>;
    { spec.output_shape(input) } -> std::same_as<Shape>;
    requires LayerOf<typename S::template Layer<float>, float>;
    requires LayerOf<typename S::template Layer<double>, double>;
    requires std::constructible_from<typename S::template Layer<float>, const S&, const Shape&, ParameterRegistry&>;
};

/// The description of a layer with several inputs.
template <class S>
concept MergeSpec = requires(const S& spec, std::span<const Shape> inputs, ParameterRegistry& registry) {
    { S::type } -> std::convertible_to<std::string_view>;
    { spec.output_shape(inputs) } -> std::same_as<Shape>;
    requires MergeOf<typename S::template Layer<float>, float>;
    requires MergeOf<typename S::template Layer<double>, double>;
    requires std::constructible_from<typename S::template Layer<float>, const S&, std::span<const Shape>, ParameterRegistry&>;
};
// clang-format on

/// Any layer, behind one pointer. Immutable, so copies share it.
template <class T>
class AnyLayer {
public:
    using Inputs = std::span<const ConstView<T>>;

    template <LayerSpec S>
    AnyLayer(const S& spec, const Shape& input, ParameterRegistry& registry)
        : AnyLayer(std::make_shared<SpecHolder<S>>(spec, input, registry), S::type, {input}, spec.output_shape(input)) {
    }

    template <MergeSpec S>
    AnyLayer(const S& spec, std::span<const Shape> inputs, ParameterRegistry& registry)
        : AnyLayer(std::make_shared<SpecHolder<S>>(spec, inputs, registry), S::type, {inputs.begin(), inputs.end()},
                   spec.output_shape(inputs)) {}

    /// A layer that is there already, such as one that does the work of several.
    template <LayerOf<T> L>
    AnyLayer(std::string_view type, L layer, const Shape& input, const Shape& output)
        : AnyLayer(std::make_shared<Holder<L>>(std::move(layer)), type, {input}, output) {}

    /// The same layer for other inputs, with parameters from another registry. StateError for one without a spec.
    AnyLayer rebuilt(std::span<const Shape> inputs, ParameterRegistry& registry) const {
        return layer_->rebuilt(inputs, registry);
    }

    /// Shows the fields of the spec, a copy of them. StateError for a layer without a spec, or whose spec has no `fields`.
    void visit_fields(SpecVisitor& visit) const { layer_->visit_fields(visit); }

    /// The layer itself if it is an L, else null.
    template <class L>
    const L* get_if() const {
        const auto* const holder = dynamic_cast<const Holder<L>*>(layer_.get());
        return holder == nullptr ? nullptr : &holder->layer;
    }

    /// What the layer was made of if that is an S, else null.
    template <class S>
    const S* spec_if() const {
        const auto* const holder = dynamic_cast<const SpecHolder<S>*>(layer_.get());
        return holder == nullptr ? nullptr : &holder->spec;
    }

    std::string_view type() const { return type_; }
    const Shape& input_shape() const { return input_shapes_.front(); } ///< of one sample; of the first input
    const std::vector<Shape>& input_shapes() const { return input_shapes_; }
    const Shape& output_shape() const { return output_shape_; } ///< of one sample

    void forward(Inputs x, View<T> y, Pass<T>& pass) const { layer_->forward(x, y, pass); }
    void forward(ConstView<T> x, View<T> y, Pass<T>& pass) const { layer_->forward({&x, 1}, y, pass); }
    void backward(Inputs x, ConstView<T> y, View<T> dy, std::span<const View<T>> dx, Pass<T>& pass) const {
        layer_->backward(x, y, dy, dx, pass);
    }
    void backward(ConstView<T> x, ConstView<T> y, View<T> dy, View<T> dx, Pass<T>& pass) const {
        layer_->backward({&x, 1}, y, dy, {&dx, 1}, pass);
    }
    Index prepared_bytes(bool training) const { return layer_->prepared_bytes(training); }
    void prepare(std::span<const T> values, Arena prepared, bool training) const {
        layer_->prepare(values, prepared, training);
    }
    Index kept_bytes(Index batch) const { return layer_->kept_bytes(batch); }
    Index scratch_bytes(Index batch) const { return layer_->scratch_bytes(batch); }
    bool whole_batch() const { return layer_->whole_batch(); }
    Activation activation() const { return layer_->activation(); }
    Index multiply_adds() const { return layer_->multiply_adds(); }
    std::string kernels(bool training) const { return layer_->kernels(training); }
    bool idle_in_inference() const { return layer_->idle_in_inference(); }

private:
    struct Interface {
        virtual ~Interface() = default;
        virtual AnyLayer rebuilt(std::span<const Shape> inputs, ParameterRegistry& registry) const = 0;
        virtual void visit_fields(SpecVisitor& visit) const = 0;
        virtual void forward(Inputs x, View<T> y, Pass<T>& pass) const = 0;
        virtual void backward(Inputs x, ConstView<T> y, View<T> dy, std::span<const View<T>> dx,
                              Pass<T>& pass) const = 0;
        virtual Index prepared_bytes(bool training) const = 0;
        virtual void prepare(std::span<const T> values, Arena prepared, bool training) const = 0;
        virtual Index kept_bytes(Index batch) const = 0;
        virtual Index scratch_bytes(Index batch) const = 0;
        virtual bool whole_batch() const = 0;
        virtual Activation activation() const = 0;
        virtual Index multiply_adds() const = 0;
        virtual std::string kernels(bool training) const = 0;
        virtual bool idle_in_inference() const = 0;
    };

    template <class L>
    struct Holder : Interface {
        template <class... Arguments>
        explicit Holder(Arguments&&... arguments) : layer(std::forward<Arguments>(arguments)...) {}

        AnyLayer rebuilt(std::span<const Shape>, ParameterRegistry&) const override {
            throw StateError("AnyLayer: a layer without a spec cannot be built again");
        }
        void visit_fields(SpecVisitor&) const override {
            throw StateError("AnyLayer: a layer without a spec has no fields");
        }
        void forward(Inputs x, View<T> y, Pass<T>& pass) const override {
            if constexpr (LayerOf<L, T>)
                layer.forward(x[0], y, pass);
            else
                layer.forward(x, y, pass);
        }
        void backward(Inputs x, ConstView<T> y, View<T> dy, std::span<const View<T>> dx, Pass<T>& pass) const override {
            if constexpr (LayerOf<L, T>)
                layer.backward(x[0], y, dy, dx[0], pass);
            else
                layer.backward(x, y, dy, dx, pass);
        }
        Index prepared_bytes(bool training) const override {
            if constexpr (requires { layer.prepared_bytes(training); })
                return layer.prepared_bytes(training);
            else
                return 0;
        }
        void prepare(std::span<const T> values, Arena prepared, bool training) const override {
            if constexpr (requires { layer.prepare(values, prepared, training); })
                layer.prepare(values, prepared, training);
        }
        Index kept_bytes(Index batch) const override {
            if constexpr (requires { layer.kept_bytes(batch); })
                return layer.kept_bytes(batch);
            else
                return 0;
        }
        Index scratch_bytes(Index batch) const override {
            if constexpr (requires { layer.scratch_bytes(batch); })
                return layer.scratch_bytes(batch);
            else
                return 0;
        }
        bool whole_batch() const override {
            if constexpr (requires { L::whole_batch; })
                return L::whole_batch;
            else
                return false;
        }
        Activation activation() const override {
            if constexpr (requires { layer.activation(); })
                return layer.activation();
            else
                return Activation::linear;
        }
        Index multiply_adds() const override {
            if constexpr (requires { layer.multiply_adds(); })
                return layer.multiply_adds();
            else
                return 0;
        }
        std::string kernels(bool training) const override {
            if constexpr (requires { layer.kernels(training); })
                return layer.kernels(training);
            else
                return {};
        }
        bool idle_in_inference() const override {
            if constexpr (requires { layer.idle_in_inference(); })
                return layer.idle_in_inference();
            else
                return false;
        }

        L layer;
    };

    /// One that can be built again.
    template <class S>
    struct SpecHolder final : Holder<typename S::template Layer<T>> {
        template <class Input>
        SpecHolder(const S& s, const Input& input, ParameterRegistry& registry)
            : Holder<typename S::template Layer<T>>(s, input, registry), spec(s) {}

        AnyLayer rebuilt(std::span<const Shape> inputs, ParameterRegistry& registry) const override {
            if constexpr (LayerSpec<S>)
                return AnyLayer(spec, inputs[0], registry);
            else
                return AnyLayer(spec, inputs, registry);
        }
        [[gnu::cold]] void
        visit_fields(SpecVisitor& visit) const override { // so that it is not inlined into, which takes time
            if constexpr (requires(S copy) { copy.fields(visit); }) {
                S copy = spec;
                copy.fields(visit);
            } else {
                throw StateError(text(S::type, ": has no fields(SpecVisitor&)"));
            }
        }

        S spec;
    };

    AnyLayer(std::shared_ptr<const Interface> layer, std::string_view type, std::vector<Shape> inputs,
             const Shape& output)
        : layer_(std::move(layer)), type_(type), input_shapes_(std::move(inputs)), output_shape_(output) {}

    std::shared_ptr<const Interface> layer_;
    std::string type_;
    std::vector<Shape> input_shapes_;
    Shape output_shape_;
};

} // namespace fovea
