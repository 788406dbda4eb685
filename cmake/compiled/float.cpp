#include <fovea/fovea.hpp>

#include <fovea/compile_float.inl>
