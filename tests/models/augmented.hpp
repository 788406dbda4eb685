#pragma once
#include <fovea/augment/all.hpp>
#include <fovea/models/sequential.hpp>

namespace networks {

/// The augmentations that are the same in inference in Keras, with fields of their own.
template <class T = float>
fovea::Sequential<T> augmented() {
    using namespace fovea;
    return Sequential<T>{Input{9, 8, 3},
                         RandomFlip{FlipMode::vertical},
                         RandomRotation{.factor = {-0.25, 0.125}, .fill_mode = FillMode::wrap},
                         RandomTranslation{0.25, {0, 0.5}, FillMode::constant, Interpolation::nearest, 0.5},
                         RandomZoom{0.25},
                         RandomZoom{{0.125, 0.25}, 0.5},
                         RandomShear{0.25, {0.125, 0.5}},
                         RandomPerspective{.factor = 0.5, .scale = 0.25},
                         RandomElasticTransform{0.5, {0.25, 0.75}},
                         RandAugment{.num_ops = 3, .factor = 0.25},
                         RandomBrightness{0.25},
                         RandomContrast{{0.25, 0.5}},
                         RandomSaturation{{0.25, 0.75}},
                         RandomHue{0.125},
                         RandomColorJitter{0.25, 0.5, {0.25, 0.75}, 0.125},
                         RandomColorDegeneration{0.75},
                         RandomGrayscale{0.25},
                         RandomInvert{{0.25, 0.5}},
                         RandomPosterization{6},
                         Solarization{0.125, {0.25, 0.5}},
                         RandomGaussianBlur{{0.5, 1}, {3, 5}, 0.75},
                         RandomSharpness{0.75},
                         RandomErasing{{0.5, 1}, {0.125, 0.25}},
                         RandomErasing{.fill_value = 0.5},
                         RandomCrop{7, 6},
                         CenterCrop{5, 4},
                         AutoContrast{{0, 2}}};
}

} // namespace networks
