#include "predict_image_options.hpp"

#include "command_line.hpp"

PredictImageOptions::PredictImageOptions(int argc, char** argv) {
    CommandLine line("Says what is on pictures.");
    line.add_required("model", model, "File that train_folder, mnist_cnn --save or model.save has written");
    line.add_required("pictures", pictures, "PNG, JPEG, BMP, TGA, PGM or PPM files");
    line.add_option("--top", top, "How many classes to name, the most probable first");
    line.add_flag("--digit", digit, "Each picture is a photographed digit: make it like those of MNIST");
    line.parse(argc, argv);
    require_range("--top", top, 1, 1'000'000);
}
