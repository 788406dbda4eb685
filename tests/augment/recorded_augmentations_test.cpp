#include <fovea/augment/auto_contrast.hpp>
#include <fovea/augment/equalization.hpp>
#include <fovea/augment/random_brightness.hpp>
#include <fovea/augment/random_color_degeneration.hpp>
#include <fovea/augment/random_contrast.hpp>
#include <fovea/augment/random_gaussian_blur.hpp>
#include <fovea/augment/random_grayscale.hpp>
#include <fovea/augment/random_hue.hpp>
#include <fovea/augment/random_invert.hpp>
#include <fovea/augment/random_posterization.hpp>
#include <fovea/augment/random_saturation.hpp>
#include <fovea/augment/random_sharpness.hpp>
#include <fovea/augment/solarization.hpp>

#include "augment/applied.hpp"
#include "catch.hpp"
#include "reference/reference.hpp"
#include "support/on_all_isas.hpp"

// Against Keras's preprocessing layers, with the same numbers drawn: reference/record_augmentations.py.

using namespace fovea;
using applied_augmentation::applied;

namespace {

/// Calls `run(augmentation)` with the one that a recorded line describes.
template <class F>
void with_augmentation(reference::Description& d, F&& run) {
    const std::string& kind = d.kind();
    const auto always = [&](const char* key) {
        const double factor = d.number(key);
        return Factor{factor, factor};
    };
    if (kind == "RandomBrightness")
        run(RandomBrightness{.factor = always("factor"), .value_range = {0, d.has("bytes") ? 255.0 : 1.0}});
    else if (kind == "RandomContrast") {
        const double factor = d.number("factor");
        run(RandomContrast{.factor = {-factor, factor}});
    } else if (kind == "RandomSaturation")
        run(RandomSaturation{.factor = always("factor")});
    else if (kind == "RandomHue")
        run(RandomHue{.factor = always("factor")});
    else if (kind == "RandomGaussianBlur")
        run(RandomGaussianBlur{.factor = {1, 1}, .kernel_size = d.integer("kernel_size"), .sigma = always("sigma")});
    else if (kind == "RandomGrayscale")
        run(RandomGrayscale{.factor = 1});
    else if (kind == "RandomColorDegeneration")
        run(RandomColorDegeneration{.factor = always("factor")});
    else if (kind == "RandomInvert")
        run(RandomInvert{.factor = {1, 1}});
    else if (kind == "RandomPosterization")
        run(RandomPosterization{.factor = d.number("factor")});
    else if (kind == "RandomSharpness")
        run(RandomSharpness{.factor = always("factor")});
    else if (kind == "Solarization")
        run(Solarization{.addition_factor = always("addition_factor"), .threshold_factor = always("threshold_factor")});
    else if (kind == "AutoContrast")
        run(AutoContrast{});
    else if (kind == "Equalization")
        run(Equalization{});
    else
        FAIL("the recorded augmentation " << kind << " is unknown");
}

/// Of bytes / 255, or of bytes.
template <class T>
Tensor<T> recorded_picture(const reference::Case& one, bool bytes) {
    const Shape from = one.shape("from");
    const auto low = static_cast<double>(from[0]), high = static_cast<double>(from[1]);
    Tensor<T> x(one.shape("input"));
    for (Index i = 0; i < x.size(); ++i) {
        const double byte = std::floor(low + (reference::value(reference::x_stream, i) + 1) / 2 * (high - low));
        x[i] = bytes ? static_cast<T>(byte) : static_cast<T>(byte) / T{255};
    }
    return x;
}

template <class T>
void check_augmentations(double tolerance) {
    const std::vector<reference::Case> cases = reference::read("augmentations.txt");
    CHECK(cases.size() >= 37);
    for (const reference::Case& one : cases) {
        INFO(one.name);
        reference::Description description = one.description("augmentation");
        const bool bytes = description.has("bytes");
        const double sign = description.has("sign") ? description.number("sign") : 0;
        with_augmentation(description, [&](const auto& augmentation) {
            // Keras's luma has 0.2989 in place of 0.299: a difference of up to 1e-4.
            const bool grey = one.name.starts_with("gray") || one.name.starts_with("color_degeneration");
            Index sample = 0;
            if (sign != 0) // the first sample that turns hues this way
                while (Draw(7, sample, 0, 0).chance(0.5) != (sign < 0)) ++sample;
            Tensor<T> y = applied(augmentation, recorded_picture<T>(one, bytes), sample);
            if (bytes)
                for (T& number : y) number /= T{255};
            CHECK(reference::worst_difference(y, one.tensor("y")) < (grey ? 1.01e-4 : tolerance));
        });
        if (bytes) CHECK(description.flag("bytes"));
        CHECK(description.all_taken());
    }
}

} // namespace

TEST_CASE("augmentations of colours are Keras's, in float", "[augment][reference]") {
    check_augmentations<float>(3e-7); // a float below 1 is within 3e-8, and some double that a few times
}

TEST_CASE("augmentations of colours are Keras's, in double", "[augment][reference]") {
    check_augmentations<double>(5e-9); // nine digits are recorded
}

TEST_CASE("augmentations of colours: the same bits on every instruction set", "[augment]") {
    const auto cases = reference::read("augmentations.txt");
    on_all_isas([&] {
        std::vector<Tensor<float>> results;
        for (const reference::Case& one : cases) {
            reference::Description description = one.description("augmentation");
            with_augmentation(description, [&](const auto& augmentation) {
                results.push_back(applied(augmentation, recorded_picture<float>(one, description.has("bytes"))));
            });
        }
        return results;
    });
}
