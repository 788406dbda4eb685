#include <fovea/layers/layer_normalization.hpp>
#include <fovea/testing/gradient_check.hpp>

#include "layers/contract.hpp"

using namespace fovea;

TEST_CASE("LayerNormalization: by hand") {
    // Means 3 and 10, variances 5 and 0.
    const Tensor<double> x{{0, 2, 4, 6}, {10, 10, 10, 10}}, ones(x.shape(), 1);
    const Tensor<double> parameters{1, 2, 3, 4, 0.5, 0, 0, -1}; // gamma, beta
    for (const bool training : {true, false}) {
        const contract::Subject<double> subject(LayerNormalization{.epsilon = 4}, {4});
        contract::Subject<double> with = subject;
        with.set_values(parameters);
        Tensor<double> y(x.shape());
        Tensor<double> kept(Shape{subject.layer().kept_bytes(2) / 8});
        Pass<double> pass;
        pass.training = training;
        pass.values = parameters.span();
        if (training) pass.kept = Arena(std::as_writable_bytes(kept.span()));
        with.layer().forward(x, y, pass);
        CHECK(allclose(y, Tensor<double>{{-0.5, -2.0 / 3, 1, 3}, {0.5, 0, 0, -1}}, 1e-15, 1e-15));
    }
}

TEST_CASE("LayerNormalization: gradients by hand") {
    // Mean 5, variance 1, sqrt(1 + 3) = 2, n = (-1/2, 1/2); gamma dy = (0, 3), of mean 3/2, and times n of mean 3/4.
    const auto out = contract::evaluate(LayerNormalization{.epsilon = 3}, Tensor<double>{{4, 6}},
                                        Tensor<double>{{0, 1}}, Tensor<double>{2, 3, 7, 7});
    CHECK(out.y == Tensor<double>{{6, 8.5}});
    CHECK(out.dx == Tensor<double>{{(0 - 1.5 + 0.375) / 2, (3 - 1.5 - 0.375) / 2}});
    CHECK(out.gradients == Tensor<double>{0, 0.5, 0, 1});
}

TEST_CASE("LayerNormalization: parameters in Keras's order, of the axes' shape") {
    const contract::Subject<float> subject(LayerNormalization{.axis = {3, 2}, .gamma_regularizer = L2{0.5}}, {2, 3, 4});
    const auto& found = subject.parameters();
    REQUIRE(found.size() == 2);
    CHECK(found[0].name == "layer/gamma");
    CHECK(found[1].name == "layer/beta");
    CHECK(found[0].place.shape == Shape{3, 4});
    CHECK(found[1].place.shape == Shape{3, 4});
    CHECK(found[0].initializer.name() == "ones");
    CHECK(found[1].initializer.name() == "zeros");
    CHECK(found[0].regularizer.l2() == 0.5);
    CHECK(contract::Subject<float>(LayerNormalization{.center = false, .scale = false}, {4}).parameters().empty());
}

TEST_CASE("LayerNormalization: what makes no sense is refused") {
    const Shape image{4, 5, 3};
    CHECK_THROWS_MATCHES(LayerNormalization{.epsilon = 0}.output_shape(image), ValueError,
                         says("LayerNormalization: epsilon must be positive, got 0"));
    CHECK_THROWS_MATCHES(LayerNormalization{.axis = {1}}.output_shape(image), ValueError,
                         says("axis must name the last axes"));
    CHECK_THROWS_MATCHES(LayerNormalization{.axis = {0}}.output_shape(image), ValueError, says("last axes"));
    CHECK_THROWS_MATCHES((LayerNormalization{.axis = {-1, 3}}).output_shape(image), ValueError, says("each once"));
    CHECK_THROWS_MATCHES(LayerNormalization{.axis = {}}.output_shape(image), ValueError, says("1 to 3 axes"));
    CHECK_THROWS_MATCHES(LayerNormalization{}.output_shape(Shape{}), ShapeError, says("got ()"));
}

TEST_CASE("LayerNormalization keeps a layer's contract") {
    contract::check(LayerNormalization{}, {3, 4, 5, 7}, {4, 5, 7});
    contract::check(LayerNormalization{}, {70, 33}, {33});
    contract::check(LayerNormalization{.axis = {-1, -2, -3}}, {2, 4, 5, 16}, {4, 5, 16});
    contract::check(LayerNormalization{.center = false}, {3, 300}, {300});
    contract::check(LayerNormalization{.scale = false}, {3, 3, 2}, {3, 2});
    contract::check(LayerNormalization{.center = false, .scale = false}, {3, 5}, {5});
}

TEST_CASE("LayerNormalization: gradients") {
    for (const auto& [spec, input] :
         std::vector<std::pair<LayerNormalization, Shape>>{{{}, {3, 7}},
                                                           {{}, {2, 3, 4, 5}},
                                                           {{.axis = {1, 2, 3}}, {2, 3, 4, 5}},
                                                           {{.epsilon = 0.1, .center = false}, {3, 17}},
                                                           {{.scale = false}, {70, 3}}}) {
        const auto result = gradient_check(spec, input);
        INFO(input << ": " << result);
        CHECK(result.passed(1e-6));
    }
}
