#include <fovea/augment/equalization.hpp>

#include "augment/applied.hpp"
#include "catch.hpp"

using namespace fovea;
using namespace applied_augmentation;

TEST_CASE("Equalization: levels by how many pixels there are up to them", "[augment]") {
    // Levels 10, 10, 20, 30, 30 of five pixels: the lowest has 2, so they become 0, 255 * 1 / 3 and 255 * 3 / 3.
    const Tensor<double> x(Shape{5, 1, 1}, {10. / 255, 30. / 255, 20. / 255, 10. / 255, 30. / 255});
    CHECK(applied(Equalization{}, x) == Tensor<double>(Shape{5, 1, 1}, {0, 1, 85. / 255, 0, 1}));
    // Halves go to the even side: 255 / 2 is 127.5 -> 128, and of four steps 63.75 -> 64, 127.5 -> 128, 191.25 -> 191.
    const Tensor<double> steps(Shape{5, 1, 1}, {1, 2, 3, 4, 5});
    CHECK(applied(Equalization{{0, 255}}, steps) == Tensor<double>(Shape{5, 1, 1}, {0, 64, 128, 191, 255}));
    const Tensor<double> flat(Shape{2, 2, 1}, 0.3);
    CHECK(applied(Equalization{}, flat) == flat);
    CHECK_THROWS_MATCHES((Equalization{{1, 0}}.check()), ValueError, says("Equalization: value_range"));
}
