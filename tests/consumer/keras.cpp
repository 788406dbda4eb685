#include <filesystem>

#include <fovea/fovea.hpp>
#include <fovea/keras/load.hpp>
#include <fovea/keras/save.hpp>

int main() {
    fovea::Sequential<float> model{fovea::Input{3}, fovea::Dense{.units = 1}};
    fovea::save_keras(model, "consumer.keras");
    const bool is_equal = fovea::load_keras("consumer.keras").get_weights() == model.get_weights();
    std::filesystem::remove("consumer.keras");
    return is_equal ? 0 : 1;
}
