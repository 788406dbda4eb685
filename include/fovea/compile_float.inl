// Compiles what compiled.hpp declares, for float. In one file of a program.
#define FOVEA_EXTERN
#define FOVEA_T float
#include <fovea/compiled.inl>
#undef FOVEA_T
#undef FOVEA_EXTERN
