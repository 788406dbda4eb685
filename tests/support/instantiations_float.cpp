#include <fovea/fovea.hpp>

#define FOVEA_EXTERN
#define FOVEA_T float
#include "support/instantiations.inl"
