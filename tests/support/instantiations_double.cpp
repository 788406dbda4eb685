#include <fovea/fovea.hpp>

#define FOVEA_EXTERN
#define FOVEA_T double
#include "support/instantiations.inl"
