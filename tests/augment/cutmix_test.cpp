#include <numeric>
#include <vector>

#include <fovea/augment/cutmix.hpp>

#include "catch.hpp"

using namespace fovea;

namespace {

/// Pictures (8, 10, 2) all of whose numbers are the picture's own, from 0 on, with the same as a label, or masks of them.
struct FlatPictures {
    bool masks = false;

    Index size() const { return 6; }
    Shape sample_shape() const { return {8, 10, 2}; }
    bool has_targets() const { return true; }
    bool targets_are_labels() const { return !masks; }
    Shape target_shape() const { return masks ? Shape{8, 10, 1} : Shape{}; }
    void read(std::span<const Index> which, View<float> x, View<std::int32_t> labels, View<float> values) const {
        for (std::size_t i = 0; i < which.size(); ++i) {
            const auto at = static_cast<Index>(i);
            if (!x.empty()) std::fill_n(x.data() + at * 160, 160, static_cast<float>(which[i]));
            if (!labels.empty()) labels[at] = static_cast<std::int32_t>(which[i]);
            if (!values.empty()) std::fill_n(values.data() + at * 80, 80, static_cast<float>(which[i]));
        }
    }
};

} // namespace

TEST_CASE("cutmix: a rectangle of another picture, and the label's share is the rectangle's of the area", "[augment]") {
    const auto mixed = cutmix(FlatPictures{}, {.classes = 6, .seed = 1});
    const Data<float> data(mixed);
    CHECK(data.target_shape() == Shape{6});
    std::vector<Index> which(6);
    std::iota(which.begin(), which.end(), Index{0});
    Tensor<float> x(Shape{6, 8, 10, 2}), p(Shape{6, 6});
    double areas = 0;
    for (Index epoch = 0; epoch < 100; ++epoch) {
        data.read({which, epoch}, x, {}, p);
        for (Index i = 0; i < 6; ++i) {
            Index pixels = 0, top = 8, bottom = 0, left = 10, right = 0;
            float other = -1;
            bool of_one_picture = true;
            for (Index h = 0; h < 8; ++h)
                for (Index w = 0; w < 10; ++w) {
                    of_one_picture = of_one_picture && x(i, h, w, 0) == x(i, h, w, 1);
                    if (x(i, h, w, 0) == static_cast<float>(i)) continue;
                    of_one_picture = of_one_picture && (other == -1 || other == x(i, h, w, 0));
                    other = x(i, h, w, 0);
                    ++pixels;
                    top = std::min(top, h);
                    bottom = std::max(bottom, h + 1);
                    left = std::min(left, w);
                    right = std::max(right, w + 1);
                }
            CHECK(of_one_picture);
            if (pixels > 0) CHECK(pixels == (bottom - top) * (right - left));
            for (Index c = 0; c < 6; ++c) {
                const double part = static_cast<double>(pixels) / 80;
                const double is = c == i ? 1 - part : static_cast<float>(c) == other ? part : 0;
                CHECK(p(i, c) == Catch::Approx(is).margin(1e-6));
            }
            areas += static_cast<double>(pixels) / 80;
        }
    }
    CHECK(areas / 600 ==
          Catch::Approx(0.5).margin(0.06)); // five standard deviations of the mean of 600 uniform numbers
}

TEST_CASE("cutmix: targets that are pictures of this size are cut as well", "[augment]") {
    const auto mixed = cutmix(FlatPictures{.masks = true}, {.seed = 1});
    const Data<float> data(mixed);
    CHECK(data.target_shape() == Shape{8, 10, 1});
    Tensor<float> x(Shape{1, 8, 10, 2}), mask(Shape{1, 8, 10, 1});
    const std::vector<Index> which{3};
    Index elsewhere = 0;
    for (Index epoch = 0; epoch < 20; ++epoch) {
        data.read({which, epoch}, x, {}, mask);
        for (Index h = 0; h < 8; ++h)
            for (Index w = 0; w < 10; ++w) {
                CHECK(mask(0, h, w, 0) == x(0, h, w, 0));
                elsewhere += mask(0, h, w, 0) != 3 ? 1 : 0;
            }
    }
    CHECK(elsewhere > 0);
}

TEST_CASE("cutmix: errors", "[augment]") {
    const Tensor<float> x{{0.0F}, {1.0F}};
    CHECK_THROWS_MATCHES(cutmix(x), ShapeError, says("cutmix: expected pictures (height, width, channels), got (1,)"));
    CHECK_THROWS_MATCHES(cutmix(FlatPictures{}), ValueError, says("cutmix: labels need .classes"));
    CHECK_THROWS_MATCHES(cutmix(FlatPictures{}, {.alpha = -1, .classes = 6}), ValueError,
                         says("alpha must be above 0"));
}
