#include <fovea/fovea.hpp>

#include <fovea/compile_double.inl>
