#include <fovea/fovea.hpp>

#include <iostream>

int main() {
    using namespace fovea;
    const Sequential model{Input{28, 28, 1}, Flatten{}, Dense{.units = 10, .activation = Activation::softmax}};
    std::cout << "fovea " << version << ", " << model.count_params() << " parameters\n";
    return model.count_params() == 7850 ? 0 : 1;
}
