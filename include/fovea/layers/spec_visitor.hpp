#pragma once
#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <fovea/core/constraint.hpp>
#include <fovea/core/initializer.hpp>
#include <fovea/core/regularizer.hpp>
#include <fovea/ops/edges.hpp>
#include <fovea/ops/window.hpp>

namespace fovea {

/// Goes through the fields of a layer's spec, which says them once, by the names of Keras's config: to write them, read or count them.
///
///     void fields(SpecVisitor& visit) {
///         visit("filters", filters);
///         visit("kernel_size", kernel_size);
///     }
///
/// `name` and `trainable` are not among them: a model keeps those of its layers itself. A field may be of the types below; an
/// enumeration with `name_of(value)` and `from_name(name, value)` beside it; a struct with fields of its own; any of these in
/// std::optional. A visitor that reads throws the same as a constructor would for what it cannot take.
class SpecVisitor {
public:
    virtual ~SpecVisitor() = default;

    virtual void operator()(std::string_view name, bool& value) = 0;
    virtual void operator()(std::string_view name, Index& value) = 0;
    virtual void operator()(std::string_view name, double& value) = 0;
    virtual void operator()(std::string_view name, std::string& value) = 0;
    virtual void operator()(std::string_view name, std::vector<Index>& value) = 0;
    virtual void operator()(std::string_view name, std::vector<double>& value) = 0; ///< one stands as a number
    virtual void operator()(std::string_view name, Size2D& value) = 0;
    virtual void operator()(std::string_view name, Edges2D& value) = 0;
    virtual void operator()(std::string_view name, Initializer& value) = 0;
    virtual void operator()(std::string_view name, Regularizer& value) = 0;
    virtual void operator()(std::string_view name, Constraint& value) = 0;

    template <std::integral N>
    [[gnu::cold]] void operator()(std::string_view name, N& value) {
        auto number = static_cast<Index>(value);
        (*this)(name, number);
        require<ValueError>(std::in_range<N>(number), name, ": ", number, " is out of range");
        value = static_cast<N>(number);
    }

    template <class E>
        requires std::is_enum_v<E>
    [[gnu::cold]] void operator()(std::string_view name, E& value) {
        std::string known(name_of(value));
        (*this)(name, known);
        from_name(known, value);
    }

    template <class Struct>
        requires requires(Struct& value, SpecVisitor& visit) { value.fields(visit); }
    void operator()(std::string_view name, Struct& value) {
        begin(name);
        value.fields(*this);
        end();
    }

    /// What is made of a few numbers, such as a range.
    template <class Numbers>
        requires requires(const Numbers& value) { Numbers::from_numbers(value.numbers()); }
    [[gnu::cold]] void operator()(std::string_view name, Numbers& value) {
        std::vector<double> numbers = value.numbers();
        (*this)(name, numbers);
        value = Numbers::from_numbers(numbers);
    }

    template <class V>
    [[gnu::cold]] void operator()(std::string_view name, std::optional<V>& value) {
        if (!is_something(name, value.has_value())) return value.reset();
        if (!value) value.emplace(first_value<V>());
        (*this)(name, *value);
    }

    /// A field that Keras does not have, or that older files lack: it is there if it is something.
    template <class V>
    [[gnu::cold]] void if_any(std::string_view name, std::optional<V>& value) {
        if (is_there(name, value.has_value()))
            (*this)(name, value);
        else
            value.reset();
    }

    /// The same of one that always has a value: it is there if it is not `usual`.
    template <class V>
    [[gnu::cold]] void if_other(std::string_view name, V& value, const std::type_identity_t<V>& usual) {
        if (is_there(name, !(value == usual)))
            (*this)(name, value);
        else
            value = usual;
    }

private:
    /// Whether an optional field has a value, or is to get one.
    virtual bool is_something(std::string_view name, bool now) = 0;
    virtual bool is_there(std::string_view name, bool now) = 0;

    /// What comes in between are the fields of a struct.
    virtual void begin(std::string_view name) = 0;
    virtual void end() = 0;

    template <class V>
    static V first_value() {
        if constexpr (std::is_default_constructible_v<V>)
            return V{};
        else
            return V(0);
    }
};

} // namespace fovea
