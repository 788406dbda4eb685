#include <fovea/keras/load.hpp>
#include <fovea/keras/save.hpp>
