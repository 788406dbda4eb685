/// dlib's side of the benchmark: the article's network, whose layers are template arguments, so there is no other.
#include <iostream>

#include <dlib/dnn.h>
#include <fovea/data/gzip.hpp>
#include <fovea/data/mnist.hpp>

#include "../programs/tool.hpp"

namespace {

using Image = dlib::matrix<float>;

/// 3 x 3, valid; dlib's own `con` pads.
template <long filters, class Below>
using Convolution = dlib::add_layer<dlib::con_<filters, 3, 3, 1, 1, 0, 0>, Below>;
template <class Below>
using Pool = dlib::add_layer<dlib::max_pool_<2, 2, 2, 2, 0, 0>, Below>;

template <class Below>
using Features =
    dlib::relu<Convolution<64, Pool<dlib::relu<Convolution<64, Pool<dlib::relu<Convolution<32, Below>>>>>>>>;
using Network = dlib::loss_multiclass_log<dlib::fc<10, dlib::relu<dlib::fc<64, Features<dlib::input<Image>>>>>>;

struct Digits {
    std::vector<Image> images;
    std::vector<unsigned long> labels;
};

Digits load(const std::string& directory) {
    const fovea::Dataset train = fovea::mnist::load(directory).train;
    Digits digits;
    for (fovea::Index i = 0; i < train.size(); ++i) {
        Image image(28, 28);
        for (long row = 0; row < 28; ++row)
            for (long column = 0; column < 28; ++column)
                image(row, column) = static_cast<float>(train.images(i, row, column, 0)) / 255;
        digits.images.push_back(std::move(image));
        digits.labels.push_back(static_cast<unsigned long>(train.labels[i]));
    }
    return digits;
}

void train(const bench::Options& options) {
    const Digits digits = load(options.text("data"));
    const long batch = options.number("batch");
    const long all = static_cast<long>(digits.images.size());
    const long images = options.number("steps") == 0 ? all : std::min(all, batch * options.number("steps"));
    Network network;
    dlib::dnn_trainer<Network, dlib::adam> trainer(network, dlib::adam(0, 0.9F, 0.999F));
    trainer.set_learning_rate(1e-3);
    trainer.set_iterations_without_progress_threshold(1'000'000'000);
    const auto steps = [&](long count) {
        for (long first = 0; first < count; first += batch) {
            const long last = std::min(count, first + batch);
            trainer.train_one_step(digits.images.begin() + first, digits.images.begin() + last,
                                   digits.labels.begin() + first);
        }
        trainer.get_net(dlib::force_flush_to_disk::no); // waits for the trainer's own thread
    };
    steps(batch * options.number("warmup"));
    const double seconds = bench::seconds_of([&] { steps(images); });
    bench::report_training(seconds, images, batch, trainer.get_average_loss());
}

Image grey() {
    Image image(28, 28);
    image = 0.5F;
    return image;
}

void infer(const bench::Options& options) {
    Network network;
    const long batch = options.number("batch");
    const std::vector<Image> images(static_cast<std::size_t>(batch), grey());
    bench::report_inference(options.real("seconds"), batch, [&] { network(images, static_cast<std::size_t>(batch)); });
}

void first_prediction(const bench::Options&) {
    Network network;
    network(grey());
    bench::JsonLine().add("ready", 1).print();
}

} // namespace

int main(int argc, char** argv) try {
    const bench::Options options(argc, argv);
    const std::map<std::string, void (*)(const bench::Options&)> commands{
        {"train", train}, {"infer", infer}, {"first_prediction", first_prediction}};
    commands.at(options.command())(options);
} catch (const std::exception& error) {
    std::cerr << "dlib_article: " << error.what() << '\n';
    return 1;
}
