#pragma once
#include <algorithm>
#include <string>

#include <fovea/layers/merge.hpp>

namespace fovea {

/// The inputs one behind the other along an axis; along all others they have the same extents.
///
///     x[k] (batch, ..., n[k], ...) -> y (batch, ..., n[0] + n[1] + ..., ...)
struct Concatenate {
    int axis = -1; ///< counted with the batch axis, which is 0 and is not possible; negative ones from the end
    std::string name = {};
    bool trainable = true;

    static constexpr std::string_view type = "Concatenate";

    void fields(SpecVisitor& visit) { visit("axis", axis); }

    template <class T>
    class Layer;

    template <class Node, class... Nodes>
    Node operator()(const Node& first, const Nodes&... others) const {
        return Node::merge(*this, {first, others...});
    }
    /// The same; layers that are called within the braces are made from left to right.
    template <class Node>
    Node operator()(std::initializer_list<Node> nodes) const {
        return Node::merge(*this, nodes);
    }

    /// Throws ValueError for fewer than two inputs or an axis that is not there, ShapeError for shapes that do not fit each other.
    Shape output_shape(std::span<const Shape> inputs) const {
        require<ValueError>(inputs.size() >= 2, type, ": takes at least two inputs, got ", inputs.size());
        const std::size_t along = sample_axis(inputs[0]);
        std::vector<Index> extents(inputs[0].begin(), inputs[0].end());
        extents[along] = 0;
        for (const Shape& input : inputs) {
            bool fits = input.rank() == inputs[0].rank();
            for (std::size_t i = 0; fits && i < extents.size(); ++i)
                fits = i == along || input.begin()[i] == extents[i];
            require<ShapeError>(fits, type, ": an input of ", input, " does not fit ", inputs[0], " along axis ", axis);
            extents[along] += input.begin()[along];
        }
        return Shape(std::span<const Index>(extents));
    }

    /// The axis of a sample's shape.
    std::size_t sample_axis(const Shape& input) const {
        require<ShapeError>(input.rank() > 0, type, ": expected inputs of at least 1 axis, got ", input);
        const auto rank = static_cast<int>(input.rank()) + 1;
        const int from_front = axis < 0 ? axis + rank : axis;
        require<ValueError>(1 <= from_front && from_front < rank, type, ": axis must be from 1 to ", rank - 1,
                            ", or from the end -1 to ", 1 - rank, ", got ", axis);
        return static_cast<std::size_t>(from_front - 1);
    }
};

template <class T>
class Concatenate::Layer {
public:
    Layer(const Concatenate& spec, std::span<const Shape> inputs, ParameterRegistry&) {
        const std::size_t along = spec.sample_axis(inputs[0]);
        for (const Shape& input : inputs) {
            Index run = 1;
            for (const Index extent : std::span(input.begin(), input.end()).subspan(along)) run *= extent;
            runs_.push_back(run);
            row_ += run;
        }
    }

    void forward(std::span<const ConstView<T>> x, View<T> y, Pass<T>&) const {
        T* to = y.data();
        for (std::size_t k = 0; k < x.size(); to += runs_[k++])
            for (Index row = 0; row < y.size() / row_; ++row)
                std::copy_n(x[k].data() + row * runs_[k], runs_[k], to + row * row_);
    }

    void backward(std::span<const ConstView<T>>, ConstView<T>, View<T> dy, std::span<const View<T>> dx,
                  Pass<T>&) const {
        const T* from = dy.data();
        for (std::size_t k = 0; k < dx.size(); from += runs_[k++]) {
            if (dx[k].empty()) continue;
            for (Index row = 0; row < dy.size() / row_; ++row)
                std::copy_n(from + row * row_, runs_[k], dx[k].data() + row * runs_[k]);
        }
    }

private:
    std::vector<Index> runs_; ///< elements of each input that lie one behind the other
    Index row_ = 0;           ///< and of all
};

static_assert(MergeSpec<Concatenate>);

} // namespace fovea
