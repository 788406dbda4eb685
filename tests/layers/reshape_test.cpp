#include <fovea/layers/reshape.hpp>
#include <fovea/testing/gradient_check.hpp>

#include "layers/contract.hpp"

using namespace fovea;

TEST_CASE("Reshape: the elements of a sample stay in order") {
    const Tensor<double> x{{1, 2, 3, 4, 5, 6}};
    const Tensor<double> g(Shape{1, 3, 2}, {10, 20, 30, 40, 50, 60});
    const auto out = contract::evaluate(Reshape{{3, 2}}, x, g);
    CHECK(out.y == Tensor<double>(Shape{1, 3, 2}, {1, 2, 3, 4, 5, 6}));
    CHECK(out.dx == Tensor<double>{{10, 20, 30, 40, 50, 60}});
}

TEST_CASE("Reshape: one extent may be worked out") {
    CHECK(Reshape{{7, 7, -1}}.output_shape({98}) == Shape{7, 7, 2});
    CHECK(Reshape{{-1}}.output_shape({3, 4}) == Shape{12});
    CHECK(Reshape{{-1, 4}}.output_shape({2, 2, 3}) == Shape{3, 4});
}

TEST_CASE("Reshape: what does not fit is refused") {
    CHECK_THROWS_MATCHES((Reshape{{4, 5}}.output_shape({3, 7})), ShapeError,
                         says("Reshape: the 21 elements of input (3, 7) do not fit target_shape (4, 5)"));
    CHECK_THROWS_MATCHES((Reshape{{4, -1}}.output_shape({3, 7})), ShapeError, says("do not fit target_shape (4, -1)"));
    CHECK_THROWS_MATCHES((Reshape{{-1, -1}}.output_shape({4})), ValueError, says("only one extent"));
    CHECK_THROWS_MATCHES((Reshape{{0, 4}}.output_shape({4})), ValueError, says("positive or -1, got (0, 4)"));
    CHECK_THROWS_MATCHES((Reshape{{-2, 4}}.output_shape({4})), ValueError, says("positive or -1, got (-2, 4)"));
    CHECK_THROWS_MATCHES((Reshape{}.output_shape({4})), ValueError, says("1 to 4 extents, got ()"));
    CHECK_THROWS_MATCHES((Reshape{{1, 1, 2, 1, 2}}.output_shape({4})), ValueError,
                         says("1 to 4 extents, got (1, 1, 2, 1, 2)"));
    ParameterRegistry registry;
    CHECK_THROWS_AS((Reshape::Layer<float>(Reshape{{4, 5}}, {3, 7}, registry)), ShapeError);
}

TEST_CASE("Reshape keeps a layer's contract") {
    contract::check(Reshape{{5, -1, 2}}, {3, 4, 5}, {5, 2, 2});
    contract::check(Reshape{{1}}, {1, 1}, {1}, false);
    CHECK(gradient_check(Reshape{{2, -1}}, {2, 3, 1, 2}).passed(1e-6));
}
