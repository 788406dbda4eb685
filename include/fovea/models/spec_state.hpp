#pragma once
#include <string>
#include <string_view>
#include <vector>

#include <fovea/layers/spec_visitor.hpp>
#include <fovea/models/state_dict.hpp>

namespace fovea::detail {

/// Sets the fields of a layer's spec as values of a StateDict, to the bit: `dropout.rate`.
class SpecState final : public SpecVisitor {
public:
    SpecState(StateDict& state, const std::string& layer) : state_(state), prefix_(layer + '.') {}

    using SpecVisitor::operator();
    void operator()(std::string_view name, bool& value) override { set(name, value); }
    void operator()(std::string_view name, Index& value) override { set(name, value); }
    void operator()(std::string_view name, double& value) override { set(name, value); }
    void operator()(std::string_view name, std::string& value) override { set(name, value); }
    void operator()(std::string_view name, std::vector<Index>& value) override { set(name, value); }
    void operator()(std::string_view name, std::vector<double>& value) override { set(name, value); }
    void operator()(std::string_view name, Size2D& value) override {
        set(name, text('(', value.height, ", ", value.width, ')'));
    }
    void operator()(std::string_view name, Edges2D& value) override {
        set(name, text("((", value.height.before, ", ", value.height.behind, "), (", value.width.before, ", ",
                       value.width.behind, "))"));
    }
    void operator()(std::string_view name, Initializer& value) override {
        set(name, value.name());
        set(text(name, ".value"), value.value());
    }
    void operator()(std::string_view name, Regularizer& value) override {
        set(text(name, ".l1"), value.l1());
        set(text(name, ".l2"), value.l2());
    }
    void operator()(std::string_view name, Constraint& value) override {
        set(name, value ? value.type() : "none");
        if (!value) return;
        set(text(name, ".max_value"), value.max_value());
        set(text(name, ".axis"), value.axis());
    }

private:
    bool is_something(std::string_view name, bool now) override {
        if (!now) set(name, "none");
        return now;
    }
    bool is_there(std::string_view, bool now) override { return now; }
    void begin(std::string_view name) override {
        lengths_.push_back(prefix_.size());
        prefix_ += text(name, '.');
    }
    void end() override {
        prefix_.resize(lengths_.back());
        lengths_.pop_back();
    }

    template <class V>
    void set(std::string_view name, const V& value) {
        state_.set(prefix_ + std::string(name), value);
    }

    StateDict& state_;
    std::string prefix_;
    std::vector<std::size_t> lengths_; ///< of the prefix, outside of each struct
};

} // namespace fovea::detail
