#include <fovea/data/gzip.hpp>
#include <fovea/version.hpp>

#include <iostream>

int main() { std::cout << "fovea " << fovea::version << " with zlib\n"; }
