/// How fast a model's file is read: `model_files save --network article|wide --file PATH` writes one, `model_files load --file PATH
/// --times N` prints the seconds of each load as a line of JSON, with and without running the network on the file's test input.
#include <cstdio>
#include <iostream>

#include <fovea/fovea.hpp>
#include <fovea/io/model_file.hpp>

#include "tool.hpp"

using namespace fovea;

namespace {

using enum Activation;

Sequential<float> network(const std::string& name) {
    if (name == "article")
        return Sequential<float>{Input{28, 28, 1},  Conv2D{32, {3, 3}, relu}, MaxPooling2D{}, Conv2D{64, {3, 3}, relu},
                                 MaxPooling2D{},    Conv2D{64, {3, 3}, relu}, Flatten{},      Dense{64, relu},
                                 Dense{10, softmax}};
    if (name != "wide") throw std::invalid_argument("--network: expected article or wide, got " + name);
    const auto conv = [](Index filters) {
        return Conv2D{.filters = filters, .kernel_size = 3, .activation = relu, .padding = Padding::same};
    };
    return Sequential<float>{Input{32, 32, 3},  conv(64),          MaxPooling2D{},    conv(128),
                             MaxPooling2D{},    conv(256),         MaxPooling2D{},    Flatten{},
                             Dense{2048, relu}, Dense{1024, relu}, Dense{10, softmax}};
}

void load(const bench::Options& options) {
    const std::string& file = options.text("file");
    for (long i = 0; i < options.number("times"); ++i) {
        Index parameters = 0;
        const double seconds = bench::seconds_of([&] { parameters = load_model(file).count_params(); });
        const double unverified = bench::seconds_of([&] { load_model(file, {.verify = false}); });
        std::printf(R"({"seconds": %.9g, "unverified": %.9g, "parameters": %td})"
                    "\n",
                    seconds, unverified, parameters);
    }
}

} // namespace

int main(int argc, char** argv) try {
    const bench::Options options(argc, argv);
    if (options.command() == "save")
        network(options.text("network")).save(options.text("file"));
    else if (options.command() == "load")
        load(options);
    else
        throw std::invalid_argument("model_files save|load --name value ...");
} catch (const std::exception& error) {
    std::cerr << "model_files: " << error.what() << '\n';
    return 1;
}
