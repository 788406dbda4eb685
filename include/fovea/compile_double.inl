// Compiles what compiled.hpp declares, for double. In one file of a program.
#define FOVEA_EXTERN
#define FOVEA_T double
#include <fovea/compiled.inl>
#undef FOVEA_T
#undef FOVEA_EXTERN
