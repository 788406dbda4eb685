#pragma once
#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <fovea/onnx/node_reader.hpp>

/// Groups of nodes that together are one layer of fovea's, as older files and other exporters write it.
namespace fovea::onnx {

/// Looks for them before the graph is read, puts one node in the place of the last, and leaves the others out.
class NodeJoiner {
public:
    explicit NodeJoiner(ReadGraph& graph) : graph_(graph) {
        for (std::size_t i = 0; i < nodes().size(); ++i)
            for (const std::string& name : nodes()[i].outputs) writers_.emplace(name, i);
    }

    void join() {
        for (std::size_t i = nodes().size(); i-- > 0;) { // the last of a group comes first
            const std::string op = nodes()[i].op;
            const std::size_t inputs = nodes()[i].inputs.size();
            if (graph_.done.contains(i) || nodes()[i].outputs.size() != 1) continue;
            taken_ = {i};
            if (op == "Mul" && inputs == 2 && !gelu(i)) taken_ = {i}, silu(i);
            if (op == "Div" && inputs == 2 && !unit_normalization(i)) taken_ = {i}, layer_normalization(i);
            if (op == "Where" && inputs == 3) relu(i);
        }
    }

private:
    using Number = std::optional<float>;

    std::vector<Node>& nodes() { return graph_.file.nodes; }
    const std::string& input(std::size_t node, std::size_t i) const { return graph_.file.nodes[node].inputs[i]; }

    /// The node of one of these operators and so many inputs that writes a tensor; it is then one of the group.
    std::optional<std::size_t> writer(const std::string& name, std::initializer_list<std::string_view> ops,
                                      std::size_t inputs) {
        const auto found = writers_.find(name);
        if (found == writers_.end() || graph_.done.contains(found->second)) return {};
        const Node& node = nodes()[found->second];
        const bool fits = std::find(ops.begin(), ops.end(), node.op) != ops.end() && node.inputs.size() == inputs &&
                          node.outputs.size() == 1;
        if (!fits) return {};
        taken_.push_back(found->second);
        return found->second;
    }

    /// A constant of one number.
    Number number(const std::string& name) const {
        const auto found = graph_.constants.find(name);
        if (found == graph_.constants.end()) return {};
        const Floats* const values = std::get_if<Floats>(&found->second.elements);
        return values != nullptr && values->size() == 1 ? Number((*values)[0]) : Number{};
    }
    bool is_number(const std::string& name, float value) const {
        const Number got = number(name);
        return got && std::abs(*got - value) <= 1e-5F * std::abs(value);
    }

    /// The other input of a node of two, where one is this number, or this tensor.
    std::string beside_number(std::size_t node, float value) const {
        for (const std::size_t i : {0U, 1U})
            if (is_number(input(node, i), value)) return input(node, 1 - i);
        return {};
    }
    std::string beside(std::size_t node, const std::string& name) const {
        for (const std::size_t i : {0U, 1U})
            if (input(node, i) == name) return input(node, 1 - i);
        return {};
    }

    /// False, and nothing is done, if a tensor between them is read elsewhere.
    bool replace(std::size_t last, const char* op, const std::string& x, std::vector<Attribute> attributes = {}) {
        std::sort(taken_.begin(), taken_.end());
        taken_.erase(std::unique(taken_.begin(), taken_.end()), taken_.end());
        for (const std::size_t node : taken_) {
            if (node == last) continue;
            for (const std::size_t reader : graph_.readers[nodes()[node].outputs[0]])
                if (std::find(taken_.begin(), taken_.end(), reader) == taken_.end()) return false;
        }
        for (const std::size_t node : taken_) {
            for (const std::string& name : nodes()[node].inputs) std::erase(graph_.readers[name], node);
            if (node != last) graph_.done.insert(node);
        }
        graph_.readers[x].push_back(last);
        nodes()[last] = {op, nodes()[taken_.front()].name, {x}, nodes()[last].outputs, std::move(attributes)};
        return true;
    }

    /// 0.5 x (1 + erf(x / sqrt(2))), its factors in any order.
    bool gelu(std::size_t last) {
        std::vector<std::string> factors;
        const std::vector<std::size_t> before = taken_;
        for (const std::size_t i : {0U, 1U}) {
            for (const std::size_t j : {0U, 1U}) {
                taken_ = before;
                // One input of the last product is another product, or both are not: x (0.5 x ...) only has three factors.
                const auto inner = writer(input(last, i), {"Mul"}, 2);
                if (!inner) continue;
                const std::string rest = input(last, 1 - i), a = input(*inner, j), b = input(*inner, 1 - j);
                // The sum is one of the three, 0.5 another, x the third.
                for (const auto& [sum, half, x] :
                     {std::tuple{rest, a, b}, std::tuple{a, rest, b}, std::tuple{a, b, rest}}) {
                    const std::vector<std::size_t> so_far = taken_;
                    if (is_number(half, 0.5F) && is_error_function(sum, x) && replace(last, "Gelu", x)) return true;
                    taken_ = so_far;
                }
            }
        }
        return false;
    }

    /// Whether it is 1 + erf(x / sqrt(2)).
    bool is_error_function(const std::string& sum, const std::string& x) {
        const auto add = writer(sum, {"Add"}, 2);
        if (!add) return false;
        const auto erf = writer(beside_number(*add, 1), {"Erf"}, 1);
        if (!erf) return false;
        const auto inner = writer(input(*erf, 0), {"Div", "Mul"}, 2);
        if (!inner) return false;
        constexpr float root = 1.41421356237309505F;
        if (nodes()[*inner].op == "Mul") return beside_number(*inner, 1 / root) == x;
        return input(*inner, 0) == x && is_number(input(*inner, 1), root);
    }

    /// x sigmoid(x)
    bool silu(std::size_t last) {
        for (const std::size_t i : {0U, 1U}) {
            const auto sigmoid = writer(input(last, i), {"Sigmoid"}, 1);
            const std::string x = input(last, 1 - i);
            if (sigmoid && input(*sigmoid, 0) == x && replace(last, "Swish", x)) return true;
            taken_ = {last};
        }
        return false;
    }

    /// x / max(length of x, 1e-6): a smaller limit only shows in rows that are shorter.
    bool unit_normalization(std::size_t last) {
        const std::string x = input(last, 0);
        std::string length = input(last, 1);
        if (const auto expand = writer(length, {"Expand"}, 2)) length = input(*expand, 0);
        auto limit = writer(length, {"Max", "Clip"}, 2);
        if (!limit) limit = writer(length, {"Clip"}, 3);
        if (!limit) return false;
        const Node& node = nodes()[*limit];
        if (node.inputs.size() == 3 && !node.inputs[2].empty()) return false;
        const Number shortest = number(node.inputs[1]);
        if (!shortest || !(*shortest <= 1.001e-6F)) return false;
        auto norm = writer(node.inputs[0], {"ReduceL2"}, 1);
        if (!norm) norm = writer(node.inputs[0], {"ReduceL2"}, 2);
        if (!norm || input(*norm, 0) != x) return false;
        const Integers axes = kept_axes(*norm);
        return axes.size() == 1 && replace(last, "fovea:UnitNormalization", x, {{"axis", axes[0]}});
    }

    /// Those that a reduction goes over, which stay with an extent of 1; none if they do not, or are not known.
    Integers kept_axes(std::size_t node) {
        Integers axes;
        for (const Attribute& a : nodes()[node].attributes) {
            if (a.name == "axes" && std::holds_alternative<Integers>(a.value)) axes = std::get<Integers>(a.value);
            if (a.name == "keepdims" && a.value != decltype(a.value)(std::int64_t{1})) return {};
        }
        if (nodes()[node].inputs.size() == 2) {
            const auto found = graph_.constants.find(input(node, 1));
            if (found == graph_.constants.end()) return {};
            if (const auto* const given = std::get_if<Integers>(&found->second.elements)) axes = *given;
        }
        return axes;
    }

    /// (x - mean) / sqrt(variance + epsilon), as opsets before 17 have it; gamma and beta follow.
    bool layer_normalization(std::size_t last) {
        const auto mean_of = [&](const std::string& name) {
            const auto one = writer(name, {"ReduceMean"}, 1);
            return one ? one : writer(name, {"ReduceMean"}, 2);
        };
        const std::string difference = input(last, 0);
        const auto sub = writer(difference, {"Sub"}, 2);
        const auto root = writer(input(last, 1), {"Sqrt"}, 1);
        const auto sum = root ? writer(input(*root, 0), {"Add"}, 2) : root;
        if (!sub || !sum) return false;
        const std::string x = input(*sub, 0);
        const auto mean = mean_of(input(*sub, 1));
        const std::size_t place = number(input(*sum, 0)) ? 0 : 1;
        const Number epsilon = number(input(*sum, place));
        const auto variance = mean_of(input(*sum, 1 - place));
        if (!mean || !variance || !epsilon || input(*mean, 0) != x) return false;
        const auto square = writer(input(*variance, 0), {"Pow", "Mul"}, 2);
        if (!square || input(*square, 0) != difference) return false;
        const bool is_square =
            nodes()[*square].op == "Mul" ? input(*square, 1) == difference : is_number(input(*square, 1), 2);
        Integers axes = kept_axes(*mean);
        std::sort(axes.begin(), axes.end());
        Integers others = kept_axes(*variance);
        std::sort(others.begin(), others.end());
        if (!is_square || axes.empty() || axes != others) return false;
        for (std::size_t i = 1; i < axes.size(); ++i)
            if (axes[i] != axes[0] + static_cast<std::int64_t>(i)) return false;
        return replace(last, "fovea:LayerNormalization", x,
                       {{"axis", axes.front()}, {"last", axes.back()}, {"epsilon", *epsilon}});
    }

    /// What export writes of a ReLU with a limit, a slope or a threshold.
    bool relu(std::size_t last) {
        std::vector<Attribute> attributes;
        std::string y = nodes()[last].outputs[0];
        std::string x;
        if (const auto above = writer(input(last, 0), {"Greater"}, 2)) {
            const Number most = number(input(*above, 1));
            if (!most || input(last, 1) != input(*above, 1)) return false;
            attributes.push_back({"max_value", *most});
            x = input(*above, 0);
            y = input(last, 2);
        }
        const auto rising = writer(y, {"Relu", "LeakyRelu"}, 1);
        if (rising) {
            if (input(*rising, 0) != x) return false;
            float slope = 0;
            if (nodes()[*rising].op == "LeakyRelu") {
                slope = 0.01F;
                for (const Attribute& a : nodes()[*rising].attributes)
                    if (a.name == "alpha" && std::holds_alternative<float>(a.value)) slope = std::get<float>(a.value);
            }
            attributes.push_back({"negative_slope", slope});
        } else {
            const auto where = writer(y, {"Where"}, 3);
            if (!where) return false;
            const auto from = writer(input(*where, 0), {"GreaterOrEqual"}, 2);
            const auto below = writer(input(*where, 2), {"Mul"}, 2);
            const auto difference = below ? writer(input(*below, 0), {"Sub"}, 2) : below;
            if (!from || !difference) return false;
            if (x.empty()) x = input(*from, 0);
            const Number threshold = number(input(*from, 1)), slope = number(input(*below, 1));
            const bool fits = threshold && slope && input(*where, 1) == x && input(*from, 0) == x &&
                              input(*difference, 0) == x && input(*difference, 1) == input(*from, 1);
            if (!fits) return false;
            attributes.push_back({"negative_slope", *slope});
            attributes.push_back({"threshold", *threshold});
        }
        return replace(last, "fovea:ReLU", x, std::move(attributes));
    }

    ReadGraph& graph_;
    std::map<std::string, std::size_t> writers_;
    std::vector<std::size_t> taken_;
};

} // namespace fovea::onnx
