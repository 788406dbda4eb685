#include <fovea/augment/all.hpp>

#include "augment/moved.hpp"
#include "reference/reference.hpp"

// Images against SciPy and Keras: reference/record_resampling.py.

using namespace fovea;

namespace {

FillMode fill_mode_named(const std::string& name) {
    for (const FillMode mode : {FillMode::reflect, FillMode::constant, FillMode::wrap, FillMode::nearest})
        if (name_of(mode) == name) return mode;
    throw ValueError("no fill mode " + name);
}

/// A mapping, and how images are read.
struct FixedMap {
    ProjectiveMap map;
    Interpolation interpolation;
    FillMode fill_mode;
    double fill_value;

    static constexpr std::string_view type = "FixedMap";
    ProjectiveMap mapping(Size2D, Draw&) const { return map; }
};

template <class A>
A with_how(A a, reference::Description& d) {
    a.interpolation = interpolation_from_name(d.text("interpolation"));
    a.fill_mode = fill_mode_named(d.text("fill_mode"));
    a.fill_value = d.number("fill_value");
    return a;
}

Factor exactly(double number) { return {number, number}; }

template <class T>
Tensor<T> augmented_as_recorded(const reference::Case& one, reference::Description& d) {
    const auto x = reference::values<T>(one.shape("input"), reference::x_stream);
    if (d.kind() == "resample")
        return moved::image(FixedMap{{0.83, -0.71, 1.137, 0.52, 1.29, -3.21, 0.011, -0.013},
                                     interpolation_from_name(d.text("interpolation")),
                                     fill_mode_named(d.text("fill_mode")),
                                     0.375},
                            x);
    if (d.kind() == "RandomRotation") return moved::image(with_how(RandomRotation{exactly(d.number("factor"))}, d), x);
    if (d.kind() == "RandomZoom") {
        const Factor height = exactly(d.number("height_factor")), width = exactly(d.number("width_factor"));
        return moved::image(with_how(RandomZoom{.height_factor = height, .width_factor = {width}}, d), x);
    }
    if (d.kind() == "RandomTranslation") {
        const Factor height = exactly(d.number("height_factor")), width = exactly(d.number("width_factor"));
        return moved::image(with_how(RandomTranslation{.height_factor = height, .width_factor = width}, d), x);
    }
    if (d.kind() == "RandomShear") {
        const double f = d.number("x_factor"), g = d.number("y_factor"); // of different signs
        const auto shear = with_how(RandomShear{exactly(std::abs(f)), exactly(std::abs(g))}, d);
        for (Index sample = 0;; ++sample) {
            const ProjectiveMap map = moved::mapping_of(shear, {9, 8}, sample);
            if (map.a1 * f > 0 && map.b0 * g > 0) return moved::image(shear, x, sample);
        }
    }
    if (d.kind() == "RandomPerspective") {
        const auto map = ProjectiveMap::corners_to({9, 8}, {{{0.8, 0.2}, {6.6, 0.6}, {8.3, 6.9}, {-1.7, 8.1}}});
        return moved::image(FixedMap{map, interpolation_from_name(d.text("interpolation")), FillMode::constant, 0.375},
                            x);
    }
    if (d.kind() == "CenterCrop") return moved::image(CenterCrop{d.integer("height"), d.integer("width")}, x);
    FAIL("the recorded augmentation " << d.kind() << " is unknown");
    return x;
}

template <class T>
void check_resampling(double tolerance, double keras_tolerance) {
    const std::vector<reference::Case> cases = reference::read("resampling.txt");
    CHECK(cases.size() >= 65);
    for (const reference::Case& one : cases) {
        INFO(one.name);
        reference::Description description = one.description("augment");
        const bool is_keras = description.kind() != "resample";
        const Tensor<T> y = augmented_as_recorded<T>(one, description);
        CHECK(reference::worst_difference(y, one.tensor("y")) < (is_keras ? keras_tolerance : tolerance));
        CHECK(description.all_taken());
    }
}

} // namespace

// Keras computes places in float32, of which those up to 16 have 1e-6, and neighbouring pixels differ by up to 2.
TEST_CASE("resampling: images are SciPy's and Keras's, in double", "[reference]") {
    check_resampling<double>(1e-14, 1e-5);
}

TEST_CASE("resampling: images are SciPy's and Keras's, in float", "[reference]") {
    check_resampling<float>(5e-7, 1e-5);
}
