/// The article's network as a C header, and how long the library takes for one image: `c_header ARTICLE.H` writes the file and prints
/// the time. c_header.c says how long the header takes.
#include <algorithm>
#include <cstdio>
#include <iostream>

#include <fovea/fovea.hpp>
#include <fovea/io/export_header.hpp>

#include "tool.hpp"

using namespace fovea;

int main(int argc, char** argv) try {
    if (argc != 2) throw std::invalid_argument("c_header FILE");
    using enum Activation;
    set_threads(1);
    const Sequential<float> model{Input{28, 28, 1},  Conv2D{32, {3, 3}, relu}, MaxPooling2D{}, Conv2D{64, {3, 3}, relu},
                                  MaxPooling2D{},    Conv2D{64, {3, 3}, relu}, Flatten{},      Dense{64, relu},
                                  Dense{10, softmax}};
    export_header(model, argv[1], {.name = "article"});
    Tensor<float> x(Shape{1, 28, 28, 1});
    for (Index i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i % 255) / 255;
    const std::vector<double> times = bench::repeat_for(2, [&] { model.predict(x); });
    std::printf("fovea: %.1f us\n", 1e6 * *std::min_element(times.begin(), times.end()));
} catch (const std::exception& error) {
    std::cerr << "c_header: " << error.what() << '\n';
    return 1;
}
