#pragma once
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fovea/layers/spec_visitor.hpp>

namespace fovea::onnx {

/// The fields of a layer's spec by their names, those of a struct as `struct/field`. Without initializers, regularizers and
/// constraints, which a network in use does not need. What an optional field does not have is not there.
class SpecValues final : public SpecVisitor {
public:
    bool has(std::string_view name) const { return numbers_.contains(name) || texts_.contains(name); }
    const std::vector<double>& numbers(std::string_view name) const { return at(numbers_, name); }
    double number(std::string_view name) const { return numbers(name).at(0); }
    const std::string& text(std::string_view name) const { return at(texts_, name); }
    Size2D size(std::string_view name) const {
        const std::vector<double>& sides = numbers(name);
        return {static_cast<Index>(sides.at(0)), static_cast<Index>(sides.at(1))};
    }

    bool operator==(const SpecValues& other) const { return numbers_ == other.numbers_ && texts_ == other.texts_; }

    using SpecVisitor::operator();
    void operator()(std::string_view name, bool& value) override { put(name, {value ? 1.0 : 0.0}); }
    void operator()(std::string_view name, Index& value) override { put(name, {static_cast<double>(value)}); }
    void operator()(std::string_view name, double& value) override { put(name, {value}); }
    void operator()(std::string_view name, std::string& value) override { texts_[prefix_ + std::string(name)] = value; }
    void operator()(std::string_view name, std::vector<Index>& value) override {
        put(name, {value.begin(), value.end()});
    }
    void operator()(std::string_view name, std::vector<double>& value) override { put(name, value); }
    void operator()(std::string_view name, Size2D& value) override {
        put(name, {static_cast<double>(value.height), static_cast<double>(value.width)});
    }
    void operator()(std::string_view name, Edges2D& value) override {
        put(name, {static_cast<double>(value.height.before), static_cast<double>(value.height.behind),
                   static_cast<double>(value.width.before), static_cast<double>(value.width.behind)});
    }
    void operator()(std::string_view, Initializer&) override {}
    void operator()(std::string_view, Regularizer&) override {}
    void operator()(std::string_view, Constraint&) override {}

private:
    bool is_something(std::string_view, bool now) override { return now; }
    bool is_there(std::string_view, bool now) override { return now; }
    void begin(std::string_view name) override { prefix_ += std::string(name) + '/'; }
    void end() override { prefix_.erase(prefix_.rfind('/', prefix_.size() - 2) + 1); }

    void put(std::string_view name, std::vector<double> value) {
        numbers_[prefix_ + std::string(name)] = std::move(value);
    }

    template <class Map>
    static const typename Map::mapped_type& at(const Map& map, std::string_view name) {
        const auto found = map.find(name);
        require<StateError>(found != map.end(), "the layer has no field \"", name, '"');
        return found->second;
    }

    std::string prefix_;
    std::map<std::string, std::vector<double>, std::less<>> numbers_;
    std::map<std::string, std::string, std::less<>> texts_;
};

} // namespace fovea::onnx
