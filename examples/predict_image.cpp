// Says what is on pictures, by a network that train_folder has trained and saved, or any other of one picture and probabilities:
//
//     predict_image photos.safetensors new/*.jpg --top 5
//
//     mnist_cnn --save mnist.safetensors
//     predict_image mnist.safetensors photographed_seven.jpg --digit
//
// Of MNIST's test images a network with 0.987 (mnist_cnn --epochs 2) finds 0.986 with --digit where they are ten times as large, dark
// on grainy paper and not in the middle; 0.795 if they are only made small and inverted.
#include <algorithm>
#include <cstdio>
#include <iostream>
#include <numeric>

#include <fovea/fovea.hpp>
#include <fovea/image/all.hpp>
#include <fovea/io/model_file.hpp>

#include "support/class_names.hpp"
#include "support/predict_image_options.hpp"

using namespace fovea;

namespace {

/// A picture file as the network wants it: x (1, height, width, channels).
Tensor<float> prepared(const std::string& file, const Shape& shape, bool digit) {
    using image::ColorMode;
    Tensor<std::uint8_t> picture = image::load(file, shape[2] == 1   ? ColorMode::grayscale
                                                     : shape[2] == 3 ? ColorMode::rgb
                                                                     : ColorMode::rgba);
    picture = digit ? image::mnist_digit(picture) : image::resize(picture, {shape[0], shape[1]});
    require<ShapeError>(picture.shape() == shape, file, ": prepared as ", picture.shape(), ", the network takes ",
                        shape);
    return picture.map([](std::uint8_t byte) { return static_cast<float>(byte) / 255; }).reshaped(shape.prepend(1));
}

} // namespace

int main(int argc, char** argv) try {
    const PredictImageOptions options(argc, argv);
    const Model<float> model = load_model(options.model);
    const Shape& shape = model.network().input_shape();
    require<ShapeError>(shape.rank() == 3, options.model, ": the network takes ", shape, ", which is no picture");
    const Index classes = model.network().output_shape().size();
    std::vector<std::string> names = names_in(read_metadata(options.model)["class_names"]);
    for (Index label = std::ssize(names); label < classes; ++label) names.push_back(std::to_string(label));

    for (const std::string& file : options.pictures) {
        std::printf("%s\n", file.c_str());
        const Tensor<float> probabilities = model.predict(prepared(file, shape, options.digit));
        std::vector<Index> best(static_cast<std::size_t>(classes));
        std::iota(best.begin(), best.end(), Index{0});
        std::stable_sort(best.begin(), best.end(),
                         [&](Index a, Index b) { return probabilities[a] > probabilities[b]; });
        best.resize(static_cast<std::size_t>(std::min(options.top, classes)));
        for (const Index label : best)
            std::printf("  %.4f  %s\n", probabilities[label], names[static_cast<std::size_t>(label)].c_str());
    }
} catch (const Error& error) {
    std::cerr << "predict_image: " << error.what() << '\n';
    return 1;
}
