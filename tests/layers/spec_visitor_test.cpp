#include <cstddef>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include <fovea/augment/all.hpp>
#include <fovea/layers/all.hpp>

#include "catch.hpp"

using namespace fovea;

/// Outside of an anonymous namespace, where clang misses a definition.
namespace spec_members {

template <class T>
inline constexpr bool is_std_optional = false;
template <class T>
inline constexpr bool is_std_optional<std::optional<T>> = true;

/// Becomes whatever initialises a member. A std::optional makes itself of it.
struct Anything {
    template <class T>
        requires(!is_std_optional<T>)
    operator T() const;
};

/// The number of members of an aggregate: as many initialisers as it takes.
template <class S, class... Initialisers>
constexpr std::size_t members() {
    if constexpr (requires { S{Initialisers{}..., Anything{}}; })
        return members<S, Initialisers..., Anything>();
    else
        return sizeof...(Initialisers);
}

} // namespace spec_members

namespace {

using spec_members::members;

/// Writes down the names of fields.
class FieldNames final : public SpecVisitor {
public:
    std::vector<std::string> names;

    using SpecVisitor::operator();
    void operator()(std::string_view name, bool&) override { names.emplace_back(name); }
    void operator()(std::string_view name, Index&) override { names.emplace_back(name); }
    void operator()(std::string_view name, double&) override { names.emplace_back(name); }
    void operator()(std::string_view name, std::string&) override { names.emplace_back(name); }
    void operator()(std::string_view name, std::vector<Index>&) override { names.emplace_back(name); }
    void operator()(std::string_view name, std::vector<double>&) override { names.emplace_back(name); }
    void operator()(std::string_view name, Size2D&) override { names.emplace_back(name); }
    void operator()(std::string_view name, Edges2D&) override { names.emplace_back(name); }
    void operator()(std::string_view name, Initializer&) override { names.emplace_back(name); }
    void operator()(std::string_view name, Regularizer&) override { names.emplace_back(name); }
    void operator()(std::string_view name, Constraint&) override { names.emplace_back(name); }

private:
    bool is_something(std::string_view name, bool) override {
        names.emplace_back(name);
        return false;
    }
    bool is_there(std::string_view name, bool) override {
        names.emplace_back(name);
        return false;
    }
    void begin(std::string_view name) override { names.emplace_back(name); }
    void end() override {}
};

template <class S>
std::vector<std::string> field_names() {
    FieldNames visit;
    S spec{};
    spec.fields(visit);
    return visit.names;
}

template <class S>
void all_members_are_fields() {
    std::size_t others = 0;
    if constexpr (requires(S s) { s.name; }) ++others;
    if constexpr (requires(S s) { s.trainable; }) ++others;
    INFO(S::type);
    CHECK(field_names<S>().size() + others == members<S>());
}

template <class... Specs>
void all_members_are_fields_of_all(LayerTypes<Specs...>) {
    (all_members_are_fields<Specs>(), ...);
}

struct ThreeMembers {
    std::optional<double> a = {};
    OptionalSize2D b = {};
    std::vector<Index> c = {};
};
static_assert(members<ThreeMembers>() == 3);
static_assert(members<Conv2D>() == 17);

} // namespace

TEST_CASE("fields: of every layer they are all members but name and trainable") {
    all_members_are_fields_of_all(BuiltInLayers{});
    all_members_are_fields_of_all(AugmentationLayers{});
}

TEST_CASE("fields: by Keras's names, in the order of the members") {
    CHECK(field_names<MaxPooling2D>() == std::vector<std::string>{"pool_size", "strides", "padding"});
    CHECK(field_names<ReLU>() == std::vector<std::string>{"max_value", "negative_slope", "threshold"});
    CHECK(field_names<Flatten>().empty());
}
