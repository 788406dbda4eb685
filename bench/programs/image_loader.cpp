/// How fast pictures come from a folder, and how fast a network trains on them; --data is a folder with a subfolder for each class:
///
///     image_loader load --data FOLDER[,FOLDER] --threads N --batch N --passes N --size S --cache MIB
///     image_loader train --data FOLDER,FOLDER --threads N --batch N --passes N --size S --cache MIB
///
/// `load` reads every picture in batches of a random order, `train` trains the article's network on the first folder and validates on the
/// second. Both print a line of JSON for each pass:
/// pictures a second, by the clock and by the time of all cores, and the peak of resident memory so far. The first pass reads from the disk what is not in its cache. With
/// --cache decoded pictures are kept, so that later passes decode nothing. --size 0: pictures stay as large as they are.
#include <cstdio>
#include <ctime>
#include <fstream>
#include <iostream>
#include <sstream>

#include <fovea/data/shuffle.hpp>
#include <fovea/image/image_folder.hpp>
#include <fovea/layers/all.hpp>
#include <fovea/models/sequential.hpp>

#include "tool.hpp"

using namespace fovea;

namespace {

/// In MiB; 0 where the system does not say.
double peak_memory() {
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;)
        if (word == "VmHWM:") {
            double kib = 0;
            status >> kib;
            return kib / 1024;
        }
    return 0;
}

/// Reads all samples as training does: each batch in lanes of 8, shared out among the threads.
void read_all(const ImageFolder& folder, const std::vector<Index>& order, Index batch) {
    constexpr Index lane = 8;
    const Data<float> data(folder);
    const Index stride = folder.sample_shape().size();
    Tensor<float> x(Shape{batch, stride});
    Tensor<std::int32_t> labels(Shape{batch});
    for (Index first = 0; first < data.size(); first += batch) {
        const Index size = std::min(batch, data.size() - first);
        parallel_for((size + lane - 1) / lane, [&](Index i, int) {
            const Index from = i * lane;
            const Index count = std::min(lane, size - from);
            const std::span which(order.data() + first + from, static_cast<std::size_t>(count));
            data.read(which, x.slice(from, from + count), labels.slice(from, from + count), {});
        });
    }
}

ImageFolder open(const std::string& directory, const bench::Options& options) {
    ImageFolderOptions folder_options{.cache_bytes = options.number("cache") << 20};
    if (const Index size = options.number("size"); size > 0) folder_options.image_size = {size, size};
    return ImageFolder(directory, std::move(folder_options));
}

/// Calls `run()`, which returns how many pictures it has gone through.
template <class Run>
void timed(long pass, double scan, Run&& run) {
    Index images = 0;
    const std::clock_t cpu = std::clock(); // of all threads
    const double seconds = bench::seconds_of([&] { images = run(); });
    const double cpu_seconds = static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC;
    bench::JsonLine()
        .add("pass", pass)
        .add("images", images)
        .add("scan_s", scan)
        .add("images_per_s", static_cast<double>(images) / seconds)
        .add("images_per_cpu_s", static_cast<double>(images) / cpu_seconds)
        .add("peak_mib", peak_memory())
        .print();
}

void load(const std::vector<ImageFolder>& folders, double scan, const bench::Options& options) {
    for (long pass = 0; pass < options.number("passes"); ++pass)
        timed(pass, scan, [&] {
            Index images = 0;
            for (const ImageFolder& folder : folders) {
                read_all(folder, detail::random_order(folder.size(), static_cast<std::uint64_t>(pass)),
                         options.number("batch"));
                images += folder.size();
            }
            return images;
        });
}

/// The article's network, on pictures of any size.
void train(const std::vector<ImageFolder>& folders, double scan, const bench::Options& options) {
    using enum Activation;
    if (folders.size() != 2) throw std::invalid_argument("train needs two folders");
    const Shape shape = folders[0].sample_shape();
    Sequential model{Input{shape[0], shape[1], shape[2]},
                     Conv2D{.filters = 32, .kernel_size = {3, 3}, .activation = relu},
                     MaxPooling2D{.pool_size = {2, 2}},
                     Conv2D{.filters = 64, .kernel_size = {3, 3}, .activation = relu},
                     MaxPooling2D{.pool_size = {2, 2}},
                     Conv2D{.filters = 64, .kernel_size = {3, 3}, .activation = relu},
                     Flatten{},
                     Dense{.units = 64, .activation = relu},
                     Dense{.units = static_cast<Index>(folders[0].class_names().size()), .activation = softmax}};
    model.compile({.optimizer = Adam{}, .loss = Loss::sparse_categorical_crossentropy});
    for (long pass = 0; pass < options.number("passes"); ++pass)
        timed(pass, scan, [&] {
            model.fit(folders[0], {.epochs = Index{pass} + 1,
                                   .batch_size = options.number("batch"),
                                   .validation_data = folders[1],
                                   .verbose = 0,
                                   .initial_epoch = pass});
            return folders[0].size() + folders[1].size();
        });
}

} // namespace

int main(int argc, char** argv) try {
    const bench::Options options(argc, argv);
    set_threads(static_cast<int>(options.number("threads")));
    std::vector<ImageFolder> folders;
    std::istringstream directories(options.text("data"));
    const double scan = bench::seconds_of([&] {
        for (std::string directory; std::getline(directories, directory, ',');)
            folders.push_back(open(directory, options));
    });
    if (options.command() == "load")
        load(folders, scan, options);
    else if (options.command() == "train")
        train(folders, scan, options);
    else
        throw std::invalid_argument("the command is load or train, see the top of this file");
} catch (const std::exception& error) {
    std::cerr << "image_loader: " << error.what() << '\n';
    return 1;
}
