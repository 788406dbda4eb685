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
/// wanted. Both must give each sample the same bits whatever batch it
/// comes in. A layer may also have
///
///     Index kept_bytes(Index batch) const;     // what pass.kept must hold
///     Index scratch_bytes(Index batch) const;  // what pass.scratch must hold
///     static constexpr bool whole_batch;       // true: sees all samples at once, for it mixes them or keeps up a state
///     Activation activation() const;           // its output went through this last; it then heeds pass.before_activation
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

    std::string_view type() const { return type_; }
    const Shape& input_shape() const { return input_shape_; }   ///< of one sample
    const Shape& output_shape() const { return output_shape_; } ///< of one sample

    void forward(ConstView<T> x, View<T> y, Pass<T>& pass) const { layer_->forward(x, y, pass); }
    void backward(ConstView<T> x, ConstView<T> y, View<T> dy, View<T> dx, Pass<T>& pass) const {
        layer_->backward(x, y, dy, dx, pass);
    }
    Index kept_bytes(Index batch) const { return layer_->kept_bytes(batch); }
    Index scratch_bytes(Index batch) const { return layer_->scratch_bytes(batch); }
    bool whole_batch() const { return layer_->whole_batch(); }
    Activation activation() const { return layer_->activation(); }

private:
    struct Interface {
        virtual ~Interface() = default;
        virtual void forward(ConstView<T> x, View<T> y, Pass<T>& pass) const = 0;
        virtual void backward(ConstView<T> x, ConstView<T> y, View<T> dy, View<T> dx, Pass<T>& pass) const = 0;
        virtual Index kept_bytes(Index batch) const = 0;
        virtual Index scratch_bytes(Index batch) const = 0;
        virtual bool whole_batch() const = 0;
        virtual Activation activation() const = 0;
    };

    template <class L>
    struct Holder final : Interface {
        template <class S>
        Holder(const S& spec, const Shape& input, ParameterRegistry& registry) : layer(spec, input, registry) {}

        void forward(ConstView<T> x, View<T> y, Pass<T>& pass) const override { layer.forward(x, y, pass); }
        void backward(ConstView<T> x, ConstView<T> y, View<T> dy, View<T> dx, Pass<T>& pass) const override {
            layer.backward(x, y, dy, dx, pass);
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

        L layer;
    };

    std::shared_ptr<const Interface> layer_;
    std::string type_;
    Shape input_shape_;
    Shape output_shape_;
};

} // namespace fovea
