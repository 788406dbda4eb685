#include "predict_image_options.hpp"

#include "command_line.hpp"

PredictImageOptions::PredictImageOptions(int argc, char** argv) {
    CLI::App app("Says what is on pictures.");
    app.option_defaults()->always_capture_default();
    app.add_option("model", model, "File that train_folder, mnist_cnn --save or model.save has written")->required();
    app.add_option("pictures", pictures, "PNG, JPEG, BMP, TGA, PGM or PPM files")->required();
    app.add_option("--top", top, "How many classes to name, the most probable first");
    app.add_flag("--digit", digit, "Each picture is a photographed digit: make it like those of MNIST");
    parse(app, argc, argv);
    require_range("--top", top, 1, 1'000'000);
}
