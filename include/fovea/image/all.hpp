#pragma once

// All of fovea::image; takes stb.
#include <fovea/image/bounding_box.hpp>
#include <fovea/image/color.hpp>
#include <fovea/image/contact_sheet.hpp>
#include <fovea/image/crop.hpp>
#include <fovea/image/describe.hpp>
#include <fovea/image/image_folder.hpp>
#include <fovea/image/load.hpp>
#include <fovea/image/mnist_digit.hpp>
#include <fovea/image/otsu_threshold.hpp>
#include <fovea/image/resize.hpp>
#include <fovea/image/save.hpp>
