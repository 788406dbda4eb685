#include <algorithm>
#include <string>
#include <vector>

#include <fovea/core/tensor.hpp>
#include <fovea/layers/layer.hpp>
#include <fovea/layers/max_pooling2d.hpp>

#include "catch.hpp"

using namespace fovea;

namespace {

/// y = factor * x, with no more than a layer must have.
struct Scale {
    double factor = 2;

    static constexpr std::string_view type = "Scale";

    template <class T>
    class Layer;

    Shape output_shape(const Shape& input) const { return input; }
};

template <class T>
class Scale::Layer {
public:
    Layer(const Scale& spec, const Shape&, ParameterRegistry& parameters) : start_(spec.factor) {
        factor_ = parameters.add("factor", {1}, Initializer::constant(start_));
    }

    void forward(ConstView<T> x, View<T> y, Pass<T>& pass) const {
        std::transform(x.begin(), x.end(), y.begin(), [f = pass.value(factor_)[0]](T value) { return f * value; });
    }
    void backward(ConstView<T> x, ConstView<T>, View<T> dy, View<T> dx, Pass<T>& pass) const {
        for (Index i = 0; i < x.size(); ++i) pass.gradient(factor_)[0] += x[i] * dy[i];
        if (!dx.empty())
            std::transform(dy.begin(), dy.end(), dx.begin(),
                           [f = pass.value(factor_)[0]](T value) { return f * value; });
    }

private:
    double start_;
    Parameter factor_;
};

/// The same with all that a layer may have.
struct Rich : Scale {
    static constexpr std::string_view type = "Rich";

    template <class T>
    class Layer : public Scale::Layer<T> {
    public:
        static constexpr bool whole_batch = true;

        using Scale::Layer<T>::Layer;
        Index kept_bytes(Index batch) const { return 10 * batch; }
        Index scratch_bytes(Index batch) const { return 100 * batch; }
        Activation activation() const { return Activation::softmax; }
        Index prepared_bytes(bool training) const { return training ? 128 : 64; }
        void prepare(std::span<const T> values, Arena prepared, bool training) const {
            prepared.take<T>(1)[0] = training ? -values[0] : values[0];
        }
        Index multiply_adds() const { return 7; }
        std::string kernels(bool training) const { return training ? "both ways" : "one way"; }
    };
};

struct WithoutType {
    template <class T>
    using Layer = Scale::Layer<T>;
    Shape output_shape(const Shape& input) const { return input; }
};

struct WithoutBackward {
    static constexpr std::string_view type = "WithoutBackward";
    template <class T>
    struct Layer {
        Layer(const WithoutBackward&, const Shape&, ParameterRegistry&) {}
        void forward(ConstView<T>, View<T>, Pass<T>&) const {}
    };
    Shape output_shape(const Shape& input) const { return input; }
};

static_assert(LayerSpec<Scale>);
static_assert(LayerSpec<Rich>);
static_assert(!LayerSpec<WithoutType>);
static_assert(!LayerSpec<WithoutBackward>);
static_assert(!LayerSpec<int>);
static_assert(LayerOf<Scale::Layer<double>, double>);
static_assert(!LayerOf<Scale::Layer<double>, float>);

} // namespace

TEST_CASE("AnyLayer: what a layer does not say has a default") {
    ParameterRegistry registry;
    registry.begin_layer("scale");
    const AnyLayer<float> plain(Scale{}, {3}, registry);
    CHECK(plain.type() == "Scale");
    CHECK(plain.kept_bytes(5) == 0);
    CHECK(plain.scratch_bytes(5) == 0);
    CHECK_FALSE(plain.whole_batch());
    CHECK(plain.activation() == Activation::linear);
    for (const bool training : {false, true}) {
        CHECK(plain.prepared_bytes(training) == 0);
        CHECK(plain.kernels(training).empty());
        CHECK_NOTHROW(plain.prepare({}, Arena(), training)); // which does nothing
    }
    CHECK(plain.multiply_adds() == 0);

    const AnyLayer<float> rich(Rich{}, {3}, registry);
    CHECK(rich.type() == "Rich");
    CHECK(rich.kept_bytes(5) == 50);
    CHECK(rich.scratch_bytes(5) == 500);
    CHECK(rich.whole_batch());
    CHECK(rich.activation() == Activation::softmax);
    CHECK(rich.prepared_bytes(false) == 64);
    CHECK(rich.prepared_bytes(true) == 128);
    CHECK(rich.multiply_adds() == 7);
    CHECK(rich.kernels(false) == "one way");
    CHECK(rich.kernels(true) == "both ways");
    const std::vector<float> values{5};
    std::vector<std::byte> memory(64);
    for (const bool training : {false, true}) {
        rich.prepare(values, Arena(memory), training);
        CHECK(Arena(memory).take<float>(1)[0] == (training ? -5 : 5));
    }
}

TEST_CASE("AnyLayer: of a layer that is there already, which can be asked for again") {
    ParameterRegistry registry;
    registry.begin_layer("scale");
    const Scale::Layer<float> scale(Scale{3}, {4}, registry);
    const AnyLayer<float> layer("Renamed", scale, {4}, {2, 2});
    CHECK(layer.type() == "Renamed");
    CHECK(layer.input_shape() == Shape{4});
    CHECK(layer.output_shape() == Shape{2, 2});
    const auto* const found = layer.get_if<Scale::Layer<float>>();
    REQUIRE(found != nullptr);
    CHECK(found != &scale); // a copy
    CHECK(layer.get_if<Rich::Layer<float>>() == nullptr);
    const AnyLayer<float> copy = layer; // copies share it
    CHECK(copy.get_if<Scale::Layer<float>>() == found);

    const std::vector<float> values{3};
    Pass<float> pass;
    pass.values = values;
    const Tensor<float> x{1, 2, 3, 4};
    Tensor<float> y(Shape{4});
    layer.forward(x, y, pass);
    CHECK(y == Tensor<float>{3, 6, 9, 12});
}

TEST_CASE("AnyLayer: shapes and parameters are those of the spec") {
    ParameterRegistry registry;
    registry.begin_layer("max_pooling2d");
    const AnyLayer<double> pooling(MaxPooling2D{}, {6, 4, 3}, registry);
    CHECK(pooling.input_shape() == Shape{6, 4, 3});
    CHECK(pooling.output_shape() == Shape{3, 2, 3});
    CHECK(registry.size() == 0);
    registry.begin_layer("scale");
    const AnyLayer<double> scale(Scale{3}, {6, 4, 3}, registry);
    REQUIRE(registry.parameters().size() == 1);
    CHECK(registry.parameters()[0].name == "scale/factor");
    CHECK_THROWS_AS(AnyLayer<double>(MaxPooling2D{}, {784}, registry), ShapeError);
}

TEST_CASE("AnyLayer: forward and backward reach the layer, and copies share it") {
    ParameterRegistry registry;
    registry.begin_layer("scale");
    const AnyLayer<float> layer(Scale{}, {3}, registry);
    const AnyLayer<float> copy = layer;
    const std::vector<float> values{2};
    std::vector<float> gradients{100};
    Pass<float> pass;
    pass.values = values;
    pass.gradients = gradients;
    std::vector<float> x{1, 2, 3};
    std::vector<float> y(3);
    std::vector<float> dy{10, 20, 30};
    std::vector<float> dx(3);
    const auto view = [](std::vector<float>& v) { return View<float>(v.data(), {1, 3}); };
    copy.forward(view(x), view(y), pass);
    CHECK(y == std::vector<float>{2, 4, 6});
    copy.backward(view(x), view(y), view(dy), view(dx), pass);
    CHECK(dx == std::vector<float>{20, 40, 60});
    CHECK(gradients[0] == 100 + 10 + 40 + 90);
}
