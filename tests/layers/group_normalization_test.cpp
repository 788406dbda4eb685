#include <fovea/layers/group_normalization.hpp>
#include <fovea/layers/layer_normalization.hpp>
#include <fovea/testing/gradient_check.hpp>

#include "layers/contract.hpp"

using namespace fovea;

TEST_CASE("GroupNormalization: by hand") {
    // One sample of two positions; group 0 holds 0, 2, 4, 6 (mean 3, variance 5), group 1 only 10.
    const Tensor<double> x(Shape{1, 2, 4}, {0, 2, 10, 10, 4, 6, 10, 10});
    const auto out = contract::evaluate(GroupNormalization{.groups = 2, .epsilon = 4}, x, Tensor<double>(x.shape(), 1),
                                        Tensor<double>{1, 2, 3, 4, 0.5, 0, 0, -1});
    CHECK(allclose(out.y, Tensor<double>(x.shape(), {-0.5, -2.0 / 3, 0, -1, 1.0 / 3 + 0.5, 2, 0, -1}), 1e-15, 1e-15));
    // dgamma = sum of n: (-3 + 1) / 3, (-1 + 3) / 3; dbeta = 2 each
    CHECK(allclose(out.gradients, Tensor<double>{-2.0 / 3, 2.0 / 3, 0, 0, 2, 2, 2, 2}, 1e-15, 1e-15));
}

TEST_CASE("GroupNormalization: one group over rows is LayerNormalization") {
    const auto x = contract::numbers<double>({5, 12}, 1), g = contract::numbers<double>({5, 12}, 2);
    const auto one = contract::evaluate(GroupNormalization{.groups = 1}, x, g);
    const auto other = contract::evaluate(LayerNormalization{}, x, g);
    CHECK(allclose(one.y, other.y, 1e-13, 1e-14));
    CHECK(allclose(one.dx, other.dx, 1e-13, 1e-14));
    CHECK(allclose(one.gradients, other.gradients, 1e-13, 1e-14));
}

TEST_CASE("GroupNormalization: inference has the bits of training") {
    const auto x = contract::numbers<float>({3, 4, 4, 6}, 1);
    const contract::Subject<float> subject(GroupNormalization{.groups = 3}, {4, 4, 6});
    Tensor<float> y(x.shape());
    Tensor<float> scratch(Shape{subject.layer().scratch_bytes(3) / 4});
    Pass<float> pass;
    Tensor<float> values(Shape{12});
    for (Index i = 0; i < 12; ++i) values[i] = contract::numbers<float>({6}, 3)[i % 6];
    pass.values = values.span();
    pass.scratch = Arena(std::as_writable_bytes(scratch.span()));
    subject.layer().forward(x, y, pass);
    CHECK(contract::same_bits(y, subject.run(x, x, {}).y));
}

TEST_CASE("GroupNormalization: numbers far from zero keep their variance") {
    Tensor<float> far(Shape{1, 1000, 2});
    for (Index i = 0; i < far.size(); ++i) far[i] = 10000 + static_cast<float>(i / 2 % 2);
    const auto y = contract::Subject<float>(
                       GroupNormalization{.groups = 1, .epsilon = 1e-6, .center = false, .scale = false}, {1000, 2})
                       .run(far, far, {})
                       .y;
    CHECK(y[2] - y[0] == Catch::Approx(2).epsilon(1e-5)); // a standard deviation of 1/2
}

TEST_CASE("GroupNormalization: parameters in Keras's order") {
    const contract::Subject<float> subject(GroupNormalization{.groups = -1}, {4, 4, 3});
    const auto& found = subject.parameters();
    REQUIRE(found.size() == 2);
    CHECK(found[0].name == "layer/gamma");
    CHECK(found[1].name == "layer/beta");
    CHECK(found[0].place.shape == Shape{3});
}

TEST_CASE("GroupNormalization: what makes no sense is refused") {
    CHECK_THROWS_MATCHES(GroupNormalization{}.output_shape({4, 4, 48}), ValueError,
                         says("GroupNormalization: groups=32 does not divide the 48 channels of the input (4, 4, 48)"));
    CHECK_THROWS_MATCHES(GroupNormalization{.groups = 0}.output_shape({4}), ValueError,
                         says("groups must be at least 1, or -1, got 0"));
    CHECK_THROWS_MATCHES((GroupNormalization{.groups = 1, .epsilon = -1}).output_shape({4}), ValueError,
                         says("epsilon must be positive, got -1"));
    CHECK_THROWS_MATCHES(GroupNormalization{}.output_shape(Shape{}), ShapeError, says("got ()"));
}

TEST_CASE("GroupNormalization keeps a layer's contract") {
    contract::check(GroupNormalization{.groups = 2}, {3, 4, 5, 6}, {4, 5, 6});
    contract::check(GroupNormalization{}, {2, 3, 3, 96}, {3, 3, 96});
    contract::check(GroupNormalization{.groups = -1}, {3, 9, 9, 5}, {9, 9, 5});
    contract::check(GroupNormalization{.groups = 3, .center = false}, {3, 9}, {9});
    contract::check(GroupNormalization{.groups = 1, .scale = false}, {3, 2, 2, 3}, {2, 2, 3});
    contract::check(GroupNormalization{.groups = 4, .center = false, .scale = false}, {2, 3, 3, 8}, {3, 3, 8});
}

TEST_CASE("GroupNormalization: gradients") {
    for (const auto& [spec, input] :
         std::vector<std::pair<GroupNormalization, Shape>>{{{.groups = 2}, {2, 3, 4, 6}},
                                                           {{.groups = -1}, {2, 3, 4, 5}},
                                                           {{.groups = 1}, {2, 9, 9, 2}},
                                                           {{.groups = 3, .epsilon = 0.1, .center = false}, {3, 9}},
                                                           {{.groups = 2, .scale = false}, {3, 3, 2, 4}}}) {
        const auto result = gradient_check(spec, input);
        INFO(input << ": " << result);
        CHECK(result.passed(1e-6));
    }
}
