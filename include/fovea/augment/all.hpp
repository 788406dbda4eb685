#pragma once
// Every augmentation that fovea has, and what makes a data set of them.
#include <fovea/augment/augment.hpp>
#include <fovea/augment/center_crop.hpp>
#include <fovea/augment/random_crop.hpp>
#include <fovea/augment/random_elastic_transform.hpp>
#include <fovea/augment/random_flip.hpp>
#include <fovea/augment/random_perspective.hpp>
#include <fovea/augment/random_rotation.hpp>
#include <fovea/augment/random_shear.hpp>
#include <fovea/augment/random_translation.hpp>
#include <fovea/augment/random_zoom.hpp>
