#pragma once

// For programs of several files, which all would compile the same: fovea.hpp includes this where FOVEA_COMPILED is defined. What stands
// in compiled.inl is then only declared, and one file of the program has to bring it:
//
//     #include <fovea/fovea.hpp>
//     #include <fovea/compile_float.inl>    // and compile_double.inl, if the program has models of double
//
// In CMake the target fovea::compiled is all of that.
#include <fovea/fovea.hpp>

#define FOVEA_EXTERN extern
#define FOVEA_T float
#include <fovea/compiled.inl>
#undef FOVEA_T
#define FOVEA_T double
#include <fovea/compiled.inl>
#undef FOVEA_T
#undef FOVEA_EXTERN
