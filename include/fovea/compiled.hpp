#pragma once

// For programs of several files, which all would compile the same: fovea.hpp includes this where FOVEA_COMPILED is defined. What stands
// in compiled.inl is then only declared, for float, and with FOVEA_COMPILED_DOUBLE for double, too. One file of the program has to bring it:
//
//     #include <fovea/fovea.hpp>
//     #include <fovea/compile_float.inl>    // and compile_double.inl
//
// In CMake the targets fovea::compiled and fovea::compiled_double are all of that.
#include <fovea/fovea.hpp>

#define FOVEA_EXTERN extern
#define FOVEA_T float
#include <fovea/compiled.inl>
#undef FOVEA_T
#ifdef FOVEA_COMPILED_DOUBLE
#define FOVEA_T double
#include <fovea/compiled.inl>
#undef FOVEA_T
#endif
#undef FOVEA_EXTERN
