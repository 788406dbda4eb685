#pragma once
#include <concepts>
#include <memory>
#include <string>
#include <string_view>

#include <fovea/layers/pass.hpp>
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
template <class L, class T>
concept LayerOf = requires(const L& layer, ConstView<T> x, View<T> y, Pass<T>& pass) {
    layer.forward(x, y, pass);
    layer.backward(x, x, y, y, pass);
};

/// The description of a layer: a plain aggregate with the type's name, the output shape, and `Layer<T>`.
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
// clang-format on

/// Any layer, behind one pointer. Immutable, so copies share it.
template <class T>
class AnyLayer {
public:
    template <LayerSpec S>
    AnyLayer(const S& spec, const Shape& input, ParameterRegistry& registry)
        : layer_(std::make_shared<Holder<typename S::template Layer<T>>>(spec, input, registry)), type_(S::type),
          input_shape_(input), output_shape_(spec.output_shape(input)) {}

    /// A layer that is there already, such as one that does the work of several.
    template <LayerOf<T> L>
    AnyLayer(std::string_view type, L layer, const Shape& input, const Shape& output)
        : layer_(std::make_shared<Holder<L>>(std::move(layer))), type_(type), input_shape_(input),
          output_shape_(output) {}

    /// The layer itself if it is an L, else null.
    template <class L>
    const L* get_if() const {
        const auto* const holder = dynamic_cast<const Holder<L>*>(layer_.get());
        return holder == nullptr ? nullptr : &holder->layer;
    }

    std::string_view type() const { return type_; }
    const Shape& input_shape() const { return input_shape_; }   ///< of one sample
    const Shape& output_shape() const { return output_shape_; } ///< of one sample

    void forward(ConstView<T> x, View<T> y, Pass<T>& pass) const { layer_->forward(x, y, pass); }
    void backward(ConstView<T> x, ConstView<T> y, View<T> dy, View<T> dx, Pass<T>& pass) const {
        layer_->backward(x, y, dy, dx, pass);
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

private:
    struct Interface {
        virtual ~Interface() = default;
        virtual void forward(ConstView<T> x, View<T> y, Pass<T>& pass) const = 0;
        virtual void backward(ConstView<T> x, ConstView<T> y, View<T> dy, View<T> dx, Pass<T>& pass) const = 0;
        virtual Index prepared_bytes(bool training) const = 0;
        virtual void prepare(std::span<const T> values, Arena prepared, bool training) const = 0;
        virtual Index kept_bytes(Index batch) const = 0;
        virtual Index scratch_bytes(Index batch) const = 0;
        virtual bool whole_batch() const = 0;
        virtual Activation activation() const = 0;
        virtual Index multiply_adds() const = 0;
        virtual std::string kernels(bool training) const = 0;
    };

    template <class L>
    struct Holder final : Interface {
        template <class S>
        Holder(const S& spec, const Shape& input, ParameterRegistry& registry) : layer(spec, input, registry) {}
        explicit Holder(L l) : layer(std::move(l)) {}

        void forward(ConstView<T> x, View<T> y, Pass<T>& pass) const override { layer.forward(x, y, pass); }
        void backward(ConstView<T> x, ConstView<T> y, View<T> dy, View<T> dx, Pass<T>& pass) const override {
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

        L layer;
    };

    std::shared_ptr<const Interface> layer_;
    std::string type_;
    Shape input_shape_;
    Shape output_shape_;
};

} // namespace fovea
