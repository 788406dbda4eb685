#include <cmath>

#include <fovea/layers/elu.hpp>
#include <fovea/testing/gradient_check.hpp>

#include "layers/contract.hpp"

using namespace fovea;

TEST_CASE("ELU: by hand") {
    const Tensor<double> x{{-std::log(2.0), 0, 3}};
    for (const double alpha : {1.0, 4.0, -2.0}) {
        const auto out = contract::evaluate(ELU{alpha}, x, Tensor<double>{{6, 6, 6}});
        CHECK(allclose(out.y, Tensor<double>{{-alpha / 2, 0, 3}}, 1e-15, 0));
        CHECK(allclose(out.dx, Tensor<double>{{alpha * 3, 6, 6}}, 1e-15, 0));
    }
}

TEST_CASE("ELU: an alpha that is no number is refused") {
    CHECK_THROWS_MATCHES(ELU{std::nan("")}.output_shape({3}), ValueError,
                         says("ELU: alpha must be a finite number, got nan"));
}

TEST_CASE("ELU keeps a layer's contract") {
    contract::check(ELU{}, {3, 4, 5, 3}, {4, 5, 3});
    contract::check(ELU{0.3}, {3, 17}, {17}, false);
    CHECK(gradient_check(ELU{0.7}, {3, 5, 3}).passed(1e-6));
}
