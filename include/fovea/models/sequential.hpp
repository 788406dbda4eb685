#pragma once
#include <fovea/layers/input.hpp>
#include <fovea/models/blocks.hpp>
#include <fovea/models/model.hpp>

namespace fovea {

/// What may stand in a Sequential.
template <class Item>
concept SequentialItem = std::same_as<Item, Input> || LayerSpec<Item> || Callable<Item>;

/// Layers one after another:
///
///     Sequential model{Input{28, 28, 1}, Flatten{}, Dense{.units = 10, .activation = Activation::softmax}};
///
/// is a Sequential<float>. Blocks such as Chain and Residual may stand among them. Each layer is built at once, so what does not fit is said here: ShapeError, ValueError, and
/// StateError for a first item that is not Input.
template <class T = float>
class Sequential : public Model<T> {
public:
    Sequential() : Model<T>("sequential") {}

    template <SequentialItem... Items>
        requires(sizeof...(Items) > 0)
    explicit(sizeof...(Items) == 1) Sequential(const Items&... items) : Sequential() { (add(items), ...); }

    /// A model with one input and one output, such as one that `load_model` has read, to go on from. Throws ValueError for any other.
    explicit Sequential(Model<T> model) : Model<T>(std::move(model)) {
        require<ValueError>(this->network_.inputs() == 1 && this->network_.outputs() == 1,
                            "Sequential: expected a model with one input and one output, got ", this->network_.inputs(),
                            " and ", this->network_.outputs());
    }

    /// Puts one more item at the end; the optimizer must then be compiled anew. The model is as it was if this throws.
    template <SequentialItem Item>
    void add(const Item& item) {
        if constexpr (std::same_as<Item, Input>) {
            require<StateError>(!this->network_.has_input(), "the model has its input already: ",
                                this->network_.has_input() ? this->network_.input_shape() : Shape{},
                                ", got a second one: ", item.shape);
            this->network_.add_input(item.shape, item.name);
        } else if constexpr (LayerSpec<Item>) {
            this->network_.add(item);
        } else {
            this->network_.require_input("a block of layers");
            const Graph<T> graph(this->network_);
            const Node<T> last = graph.outputs().empty() ? graph.inputs().front() : graph.outputs().front();
            this->network_ =
                graph.inputs().front().network()->part({graph.inputs().front().wire()}, {item(last).wire()});
        }
        this->reset();
    }
};

template <SequentialItem... Items>
Sequential(const Items&...) -> Sequential<float>;

} // namespace fovea
