#include <fovea/augment/center_crop.hpp>

#include "augment/moved.hpp"

using namespace fovea;

TEST_CASE("CenterCrop: the middle", "[augment]") {
    const Tensor<float> x(Shape{3, 4, 1}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
    CHECK(moved::image(CenterCrop{1, 2}, x) == Tensor<float>(Shape{1, 2, 1}, {6, 7}));
    CHECK(moved::image(CenterCrop{2, 3}, x) == Tensor<float>(Shape{2, 3, 1}, {1, 2, 3, 5, 6, 7}));
    CHECK(moved::image(CenterCrop{3, 4}, x) == x);
}

TEST_CASE("CenterCrop: what does not fit is refused", "[augment]") {
    CHECK_THROWS_MATCHES((CenterCrop{4, 4}.output_size({3, 4})), ShapeError,
                         says("CenterCrop: (4, 4) does not fit an image (3, 4)"));
    CHECK_THROWS_MATCHES((CenterCrop{1, -1}.check()), ValueError, says("CenterCrop: height and width must be"));
}
