#include <fovea/io/safetensors.hpp>
#include <fovea/version.hpp>

#include <iostream>

int main() {
    const auto header = fovea::safetensors::parse_header("{}", 0, "nothing");
    std::cout << "fovea " << fovea::version << " with io, " << header.entries.size() << " tensors\n";
}
