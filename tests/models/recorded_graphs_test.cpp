#include <cmath>
#include <functional>
#include <map>
#include <sstream>

#include <fovea/layers/all.hpp>
#include <fovea/models/blocks.hpp>
#include <fovea/models/model.hpp>

#include "catch.hpp"
#include "reference/reference.hpp"

// Networks that branch, meet and share layers against PyTorch: reference/record_graphs.py.

using namespace fovea;

namespace {

/// Rebuilds a recorded network node by node.
template <class T>
class RecordedGraph {
public:
    explicit RecordedGraph(const reference::Case& recorded) {
        for (std::size_t i = 0; recorded.lines.count("node" + std::to_string(i)) > 0; ++i) {
            reference::Description line = recorded.description("node" + std::to_string(i));
            INFO("node " << i << ", " << line.kind());
            if (line.kind() == "Input") {
                inputs.push_back(graph_.input(Shape(std::span<const Index>(line.integers("shape")))));
                nodes_.push_back(inputs.back());
            } else {
                std::vector<Node<T>> x;
                for (const Index input : line.integers("inputs"))
                    x.push_back(nodes_.at(static_cast<std::size_t>(input)));
                nodes_.push_back(add(i, line, x));
            }
            CHECK(line.all_taken());
        }
        std::istringstream words(recorded.lines.at("outputs"));
        for (std::size_t output = 0; words >> output;) outputs.push_back(nodes_.at(output));
    }

    std::vector<Node<T>> inputs, outputs;

private:
    Node<T> add(std::size_t number, reference::Description& line, const std::vector<Node<T>>& x) {
        const std::string& kind = line.kind();
        if (kind == "Again") return layers_.at(static_cast<std::size_t>(line.integer("of")))(x.at(0));
        if (kind == "Add") return Node<T>::merge(Add{}, x);
        if (kind == "Subtract") return Node<T>::merge(Subtract{}, x);
        if (kind == "Multiply") return Node<T>::merge(Multiply{}, x);
        if (kind == "Average") return Node<T>::merge(Average{}, x);
        if (kind == "Maximum") return Node<T>::merge(Maximum{}, x);
        if (kind == "Minimum") return Node<T>::merge(Minimum{}, x);
        if (kind == "Concatenate")
            return Node<T>::merge(Concatenate{.axis = static_cast<int>(line.integer("axis"))}, x);
        layers_[number] = shared(line);
        return layers_[number](x.at(0));
    }

    using Layer = std::function<Node<T>(const Node<T>&)>;

    static Layer shared(reference::Description& d) {
        const auto activation = [&] { return activation_from_name(d.text("activation")); };
        const auto padding = [&] { return padding_from_name(d.text("padding")); };
        const auto pair = [&](const char* key) {
            const std::vector<Index> both = d.integers(key);
            return Size2D{both.at(0), both.at(1)};
        };
        const std::string kind = d.kind();
        if (kind == "Conv2D")
            return Shared(Conv2D{.filters = d.integer("filters"),
                                 .kernel_size = pair("kernel_size"),
                                 .activation = activation(),
                                 .strides = pair("strides"),
                                 .padding = padding(),
                                 .dilation_rate = pair("dilation_rate"),
                                 .groups = d.integer("groups"),
                                 .use_bias = d.flag("use_bias")});
        if (kind == "MaxPooling2D")
            return Shared(
                MaxPooling2D{.pool_size = pair("pool_size"), .strides = pair("strides"), .padding = padding()});
        if (kind == "AveragePooling2D")
            return Shared(
                AveragePooling2D{.pool_size = pair("pool_size"), .strides = pair("strides"), .padding = padding()});
        if (kind == "Dense")
            return Shared(
                Dense{.units = d.integer("units"), .activation = activation(), .use_bias = d.flag("use_bias")});
        if (kind == "BatchNormalization") {
            CHECK(d.integer("axis") == -1);
            return Shared(BatchNormalization{.momentum = d.number("momentum"),
                                             .epsilon = d.number("epsilon"),
                                             .center = d.flag("center"),
                                             .scale = d.flag("scale"),
                                             .trainable = d.flag("training")});
        }
        if (kind == "Activation") return Shared(ActivationLayer{.activation = activation()});
        if (kind == "GlobalAveragePooling2D") return Shared(GlobalAveragePooling2D{});
        if (kind == "GlobalMaxPooling2D") return Shared(GlobalMaxPooling2D{});
        if (kind == "Flatten") return Shared(Flatten{});
        if (kind == "Reshape") return Shared(Reshape{.target_shape = d.integers("target_shape")});
        throw ValueError("the recorded layer " + kind + " is unknown");
    }

    Graph<T> graph_{0};
    std::vector<Node<T>> nodes_;
    std::map<std::size_t, Layer> layers_;
};

/// Kernels are divided by the square root of what they sum over; gamma and the variance lie about 1.
template <class T>
void set_recorded_weights(Model<T>& model) {
    std::vector<Tensor<T>> weights;
    std::uint64_t stream = reference::parameters;
    for (const NamedParameter& p : model.network().parameters()) {
        const auto is = [&](const char* name) { return p.name.ends_with(std::string("/") + name); };
        const Shape& shape = p.place.shape;
        const double sums = static_cast<double>(shape.size() / shape.last());
        weights.push_back(reference::values<T>(shape, stream++, is("kernel") ? 1 / std::sqrt(sums) : 0.5,
                                               is("gamma") || is("moving_variance") ? 1 : 0));
    }
    model.set_weights(weights);
}

template <class T>
void check_recorded_graphs(double tolerance) {
    const std::vector<reference::Case> cases = reference::read("graphs.txt");
    CHECK(cases.size() == 20);
    for (const reference::Case& recorded : cases) {
        INFO(recorded.name);
        const RecordedGraph<T> graph(recorded);
        Model<T> model(graph.inputs, graph.outputs);
        set_recorded_weights(model);

        const Index batch = std::stoll(recorded.lines.at("batch"));
        const auto xstream = static_cast<std::uint64_t>(std::stoul(recorded.lines.at("xstream")));
        std::vector<Tensor<T>> x;
        for (std::size_t i = 0; i < graph.inputs.size(); ++i)
            x.push_back(reference::values<T>(graph.inputs[i].shape().prepend(batch), xstream + i));
        Data<T> data(x[0]);
        for (std::size_t i = 1; i < x.size(); ++i) data.add_input(x[i]);

        for (const bool fuses : {true, false}) {
            INFO((fuses ? "fused" : "not fused"));
            model.set_fuses(fuses);
            model.forward(data);
            std::size_t compared = 0;
            for (std::size_t i = 0; i < graph.outputs.size(); ++i, ++compared) {
                INFO("output " << i);
                CHECK(reference::worst_difference(Tensor<T>(model.output(i)),
                                                  recorded.tensor("y" + std::to_string(i))) < tolerance);
                const View<T> dy = model.output_gradient(i);
                const auto g = reference::values<T>(dy.shape(), reference::upstream + i);
                std::copy(g.begin(), g.end(), dy.begin());
            }
            model.backward();
            for (const NamedLayer<T>& layer : model.network().layers())
                for (std::size_t k = layer.first; k < layer.last; ++k) {
                    const NamedParameter& p = model.network().parameters()[k];
                    if (!model.network().is_trained(layer, p)) continue;
                    INFO(p.name);
                    const Tensor<T> gradient(ConstView<T>(p.place.in(model.gradients())));
                    CHECK(reference::worst_difference(gradient, recorded.tensor("d" + std::to_string(k))) < tolerance);
                    ++compared;
                }
            CHECK(compared == recorded.tensors.size());
        }
    }
}

} // namespace

TEST_CASE("graphs: outputs and gradients of recorded networks are PyTorch's, in float", "[models][reference]") {
    check_recorded_graphs<float>(1e-5); // a float has 24 bits, 6e-8, and some ten layers stand one behind the other
}

TEST_CASE("graphs: outputs and gradients of recorded networks are PyTorch's, in double", "[models][reference]") {
    check_recorded_graphs<double>(1e-9); // twelve digits are recorded
}
