#pragma once
#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fovea/io/json_reader.hpp>
#include <fovea/layers/spec_visitor.hpp>

/// The fields of a layer's spec as JSON, and back. What is written here Keras takes for a layer's config; a field
/// that it does not have, such as `kernels`, is there only where it is set.
///
///     Conv2D{32, {3, 3}}: {"activation":"linear","filters":32,"kernel_size":[3,3],"kernel_initializer":"glorot_uniform", ...}
namespace fovea::detail {

class SpecWriter final : public SpecVisitor {
public:
    /// `where` is for messages.
    explicit SpecWriter(std::string where) : where_(std::move(where)), open_{&config_} { config_ = empty(); }
    SpecWriter(const SpecWriter&) = delete;
    SpecWriter& operator=(const SpecWriter&) = delete;

    nlohmann::json& config() { return config_; }

    using SpecVisitor::operator();
    void operator()(std::string_view name, bool& value) override { put(name, value); }
    void operator()(std::string_view name, Index& value) override { put(name, value); }
    void operator()(std::string_view name, double& value) override { put(name, finite(name, value)); }
    void operator()(std::string_view name, std::string& value) override { put(name, value); }
    void operator()(std::string_view name, std::vector<Index>& value) override { put(name, value); }
    void operator()(std::string_view name, std::vector<double>& value) override {
        nlohmann::json list = nlohmann::json::array();
        for (const double number : value) list.push_back(shortest(finite(name, number)));
        put(name, list.size() == 1 ? list.front() : list);
    }
    void operator()(std::string_view name, Size2D& value) override { put(name, {value.height, value.width}); }
    void operator()(std::string_view name, Edges2D& value) override {
        using Json = nlohmann::json;
        put(name, Json::array({Json::array({value.height.before, value.height.behind}),
                               Json::array({value.width.before, value.width.behind})}));
    }
    void operator()(std::string_view name, Initializer& value) override {
        if (value.name() == "constant")
            put(name, object("Constant", {{"value", finite(name, value.value())}}));
        else
            put(name, std::string(value.name()));
    }
    void operator()(std::string_view name, Regularizer& value) override {
        nlohmann::json config = empty();
        if (value.l1() > 0) config["l1"] = value.l1();
        if (value.l2() > 0) config["l2"] = value.l2();
        const char* const type = config.size() == 2 ? "L1L2" : value.l1() > 0 ? "L1" : "L2";
        put(name, value ? object(type, std::move(config)) : nlohmann::json());
    }
    void operator()(std::string_view name, Constraint& value) override {
        nlohmann::json config = empty();
        if (value.type() == "MaxNorm") config["max_value"] = value.max_value();
        if (value.type() != "NonNeg") config["axis"] = value.axis();
        put(name, value ? object(value.type(), std::move(config)) : nlohmann::json());
    }

private:
    bool is_something(std::string_view name, bool now) override {
        if (!now) put(name, nullptr);
        return now;
    }
    bool is_there(std::string_view, bool now) override { return now; }
    void begin(std::string_view name) override { open_.push_back(&put(name, empty())); }
    void end() override { open_.pop_back(); }

    static nlohmann::json empty() { return nlohmann::json::object(); }
    static nlohmann::json object(std::string_view type, nlohmann::json config) {
        return {{"class_name", std::string(type)}, {"config", std::move(config)}};
    }

    nlohmann::json& put(std::string_view name, nlohmann::json value) {
        return (*open_.back())[std::string(name)] = std::move(value);
    }

    /// 6, not 6.0: Keras's RandomPosterization wants whole numbers, and no other layer minds them.
    static nlohmann::json shortest(double number) {
        const bool is_whole =
            std::trunc(number) == number && std::abs(number) < 0x1p53 && !(number == 0 && std::signbit(number));
        return is_whole ? nlohmann::json(static_cast<Index>(number)) : nlohmann::json(number);
    }

    double finite(std::string_view name, double value) const {
        require<ValueError>(std::isfinite(value), where_, ": ", name, " is ", value, ", which JSON cannot say");
        return value;
    }

    std::string where_;
    nlohmann::json config_;
    std::vector<nlohmann::json*> open_;
};

/// Gives a spec the fields of its config. Throws DataError, with `where` in front, for fields that are missing, unknown or of
/// another kind; what takes a value throws ValueError for one that it cannot take.
class SpecReader final : public SpecVisitor {
public:
    explicit SpecReader(JsonReader config) { open_.push_back(std::move(config)); }

    /// Once all fields have been read.
    void require_no_more() const { open_.back().require_no_more(); }

    /// At least as many rows and columns as a window has with these fields: products of all sizes among them.
    double rows() const { return rows_; }
    double columns() const { return columns_; }

    using SpecVisitor::operator();
    void operator()(std::string_view name, bool& value) override { value = in().flag(name); }
    void operator()(std::string_view name, Index& value) override { value = in().whole(name); }
    void operator()(std::string_view name, double& value) override { value = in().number(name); }
    void operator()(std::string_view name, std::string& value) override { value = in().text(name); }
    void operator()(std::string_view name, std::vector<Index>& value) override { value = in().wholes(name); }
    void operator()(std::string_view name, std::vector<double>& value) override { value = in().numbers(name); }
    void operator()(std::string_view name, Size2D& value) override {
        const std::vector<Index> sides = in().wholes(name);
        if (sides.size() != 2) in().refuse(name, sides, "a height and a width");
        value = {sides[0], sides[1]};
        rows_ *= std::max(1.0, static_cast<double>(value.height));
        columns_ *= std::max(1.0, static_cast<double>(value.width));
    }
    void operator()(std::string_view name, Edges2D& value) override {
        const nlohmann::json& pairs = in().list(name);
        std::vector<std::vector<Index>> edges;
        for (const nlohmann::json& pair : pairs) edges.push_back(in().wholes(pair, name));
        if (edges.size() != 2 || edges[0].size() != 2 || edges[1].size() != 2)
            in().refuse(name, pairs, "[[top, bottom], [left, right]]");
        value = {{edges[0][0], edges[0][1]}, {edges[1][0], edges[1][1]}};
    }
    void operator()(std::string_view name, Initializer& value) override {
        if (in().is_text(name)) {
            value = Initializer::from_name(in().text(name));
            return;
        }
        read_object(name, [&](const std::string& type, JsonReader& config) {
            require<DataError>(type == "Constant", config.where(), ": unknown class_name ", quoted(type),
                               "; known is Constant");
            value = Initializer::constant(config.number("value"));
        });
    }
    void operator()(std::string_view name, Regularizer& value) override {
        value = {};
        if (in().is_null(name)) return;
        read_object(name, [&](const std::string& type, JsonReader& config) {
            require<DataError>(type == "L1" || type == "L2" || type == "L1L2", config.where(), ": unknown class_name ",
                               quoted(type), "; known are L1, L2, L1L2");
            const double l1 = type == "L2" ? 0 : config.number("l1");
            value = L1L2{l1, type == "L1" ? 0 : config.number("l2")};
        });
    }
    void operator()(std::string_view name, Constraint& value) override {
        value = {};
        if (in().is_null(name)) return;
        read_object(name, [&](const std::string& type, JsonReader& config) {
            if (type == "MaxNorm")
                value = MaxNorm{config.number("max_value"), config.wholes("axis")};
            else if (type == "UnitNorm")
                value = UnitNorm{config.wholes("axis")};
            else if (type == "NonNeg")
                value = NonNeg{};
            else
                throw DataError(text(config.where(), ": unknown class_name ", quoted(type),
                                     "; known are MaxNorm, UnitNorm, NonNeg"));
        });
    }

private:
    bool is_something(std::string_view name, bool) override { return !in().is_null(name); }
    bool is_there(std::string_view name, bool) override { return in().has(name); }
    void begin(std::string_view name) override {
        JsonReader inner = in().object(name);
        open_.push_back(std::move(inner));
    }
    void end() override {
        require_no_more();
        open_.pop_back();
    }

    JsonReader& in() { return open_.back(); }

    static std::string quoted(const std::string& type) { return safetensors::detail::in_quotes(type); }

    template <class F>
    void read_object(std::string_view name, F&& read) {
        JsonReader object = in().object(name);
        const std::string type = object.text("class_name");
        JsonReader config = object.object("config");
        object.require_no_more();
        read(type, config);
        config.require_no_more();
    }

    std::vector<JsonReader> open_;
    double rows_ = 1;
    double columns_ = 1;
};

} // namespace fovea::detail
