#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fovea/core/constraint.hpp>
#include <fovea/core/initializer.hpp>
#include <fovea/core/regularizer.hpp>
#include <fovea/core/view.hpp>

namespace fovea {

/// Where one parameter lies in the model's flat block. The same place holds in every block beside it: gradients, Adam's m and v.
struct Parameter {
    Index offset = 0;
    Shape shape{0};

    Index size() const { return shape.size(); }

    /// Its elements in a block; empty for an empty block, or a parameter that the layer does not have.
    template <class U>
    View<U> in(std::span<U> block) const {
        return block.empty() || size() == 0 ? View<U>{} : View<U>{block.data() + offset, shape};
    }
};

/// A parameter with its name, such as `conv2d/kernel`, and how it starts.
struct NamedParameter {
    std::string name;
    Parameter place;
    Initializer initializer;
    Fans fans;
    bool is_state = false; ///< kept up by the layer itself (moving averages), never by the optimizer
    Regularizer regularizer = {};
    Constraint constraint = {};
};

/// Gives the parameters of a model their places, one behind the other. A layer gets it while it is built.
class ParameterRegistry {
public:
    /// Names of parameters added from here on begin with `prefix/`.
    void begin_layer(std::string prefix) { prefix_ = std::move(prefix); }

    /// Parameters asked for from here on are those that there are, from number `first` on: a layer that is used again, perhaps on
    /// an input of another shape, has the same ones. Then `add` throws ShapeError for one of another shape.
    void share(std::size_t first) { next_shared_ = first; }

    /// A parameter that the optimizer trains. Throws ValueError for a constraint over axes that it does not have.
    Parameter add(const std::string& name, const Shape& shape, Initializer initializer, Fans fans = {},
                  const Regularizer& regularizer = {}, const Constraint& constraint = {}) {
        constraint.check(name, shape);
        return add({prefix_ + "/" + name, {size_, shape}, initializer, fans, false, regularizer, constraint});
    }

    /// A parameter that the layer itself keeps up in training.
    Parameter add_state(const std::string& name, const Shape& shape, Initializer initializer) {
        return add({prefix_ + "/" + name, {size_, shape}, initializer, {}, true});
    }

    const std::vector<NamedParameter>& parameters() const { return parameters_; }

    /// Elements of the whole block.
    Index size() const { return size_; }

private:
    Parameter add(NamedParameter parameter) {
        if (next_shared_) {
            const NamedParameter& shared = parameters_.at((*next_shared_)++);
            require<ShapeError>(shared.place.shape == parameter.place.shape, shared.name, " of shape ",
                                shared.place.shape, " cannot be shared by a layer whose input asks for ",
                                parameter.place.shape);
            return shared.place;
        }
        size_ += parameter.place.size();
        parameters_.push_back(std::move(parameter));
        return parameters_.back().place;
    }

    std::string prefix_;
    std::vector<NamedParameter> parameters_;
    std::optional<std::size_t> next_shared_;
    Index size_ = 0;
};

} // namespace fovea
