#include <fovea/layers/rescaling.hpp>
#include <fovea/testing/gradient_check.hpp>

#include "layers/contract.hpp"

using namespace fovea;

TEST_CASE("Rescaling: bytes to numbers from -1 to 1") {
    const Tensor<double> x{{0, 51, 127.5, 255}};
    const auto out = contract::evaluate(Rescaling{.scale = 1 / 127.5, .offset = -1}, x, Tensor<double>(x.shape(), 255));
    CHECK(allclose(out.y, Tensor<double>{{-1, -0.6, 0, 1}}, 1e-15, 1e-15));
    CHECK(allclose(out.dx, Tensor<double>(x.shape(), 2), 1e-15, 0));
}

TEST_CASE("Rescaling: numbers that are not finite are refused") {
    CHECK_THROWS_MATCHES(Rescaling{std::numeric_limits<double>::infinity()}.output_shape({3}), ValueError,
                         says("Rescaling: scale and offset must be finite numbers, got inf and 0"));
}

TEST_CASE("Rescaling keeps a layer's contract") {
    contract::check(Rescaling{0.3, 0.7}, {3, 4, 5, 3}, {4, 5, 3});
    contract::check(Rescaling{2}, {2, 1}, {1}, false);
    CHECK(gradient_check(Rescaling{0.3, 0.7}, {3, 5, 3}).passed(1e-6));
}
