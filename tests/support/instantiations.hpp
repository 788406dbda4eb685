#pragma once
#include <fovea/fovea.hpp>

#define FOVEA_EXTERN extern
#define FOVEA_T float
#include "support/instantiations.inl"
#undef FOVEA_T
#define FOVEA_T double
#include "support/instantiations.inl"
#undef FOVEA_T
#undef FOVEA_EXTERN
