#pragma once
// Every augmentation that fovea has, and what makes a data set of them.
#include <fovea/augment/augment.hpp>
#include <fovea/augment/auto_contrast.hpp>
#include <fovea/augment/center_crop.hpp>
#include <fovea/augment/cutmix.hpp>
#include <fovea/augment/equalization.hpp>
#include <fovea/augment/mixup.hpp>
#include <fovea/augment/rand_augment.hpp>
#include <fovea/augment/random_brightness.hpp>
#include <fovea/augment/random_color_degeneration.hpp>
#include <fovea/augment/random_color_jitter.hpp>
#include <fovea/augment/random_contrast.hpp>
#include <fovea/augment/random_crop.hpp>
#include <fovea/augment/random_elastic_transform.hpp>
#include <fovea/augment/random_erasing.hpp>
#include <fovea/augment/random_flip.hpp>
#include <fovea/augment/random_gaussian_blur.hpp>
#include <fovea/augment/random_grayscale.hpp>
#include <fovea/augment/random_hue.hpp>
#include <fovea/augment/random_invert.hpp>
#include <fovea/augment/random_noise.hpp>
#include <fovea/augment/random_perspective.hpp>
#include <fovea/augment/random_posterization.hpp>
#include <fovea/augment/random_rotation.hpp>
#include <fovea/augment/random_saturation.hpp>
#include <fovea/augment/random_sharpness.hpp>
#include <fovea/augment/random_shear.hpp>
#include <fovea/augment/random_translation.hpp>
#include <fovea/augment/random_zoom.hpp>
#include <fovea/augment/solarization.hpp>
#include <fovea/layers/layer_types.hpp>

namespace fovea {

/// Those that may be layers: `load_model<float, AugmentationLayers>(path)`.
using AugmentationLayers =
    LayerTypes<AutoContrast, CenterCrop, Equalization, RandAugment, RandomBrightness, RandomColorDegeneration,
               RandomColorJitter, RandomContrast, RandomCrop, RandomElasticTransform, RandomErasing, RandomFlip,
               RandomGaussianBlur, RandomGrayscale, RandomHue, RandomInvert, RandomNoise, RandomPerspective,
               RandomPosterization, RandomRotation, RandomSaturation, RandomSharpness, RandomShear, RandomTranslation,
               RandomZoom, Solarization>;

} // namespace fovea
