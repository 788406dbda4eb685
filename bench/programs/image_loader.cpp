/// How fast pictures come from a folder: `image_loader load --data FOLDER --threads N --batch N --passes N --size S --cache MIB`
/// reads every picture of a folder with a subfolder for each class, in batches of a random order, and prints a line of JSON for each pass:
/// pictures a second, and the peak of resident memory so far. The first pass reads from the disk what is not in its cache.
#include <cstdio>
#include <fstream>
#include <iostream>

#include <fovea/data/shuffle.hpp>
#include <fovea/image/image_folder.hpp>

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

void load(const bench::Options& options) {
    set_threads(static_cast<int>(options.number("threads")));
    ImageFolderOptions folder_options{.cache_bytes = options.number("cache") << 20};
    if (const Index size = options.number("size"); size > 0) folder_options.image_size = {size, size};
    std::unique_ptr<ImageFolder> folder;
    const double scan = bench::seconds_of(
        [&] { folder = std::make_unique<ImageFolder>(options.text("data"), std::move(folder_options)); });
    for (long pass = 0; pass < options.number("passes"); ++pass) {
        const std::vector<Index> order = detail::random_order(folder->size(), static_cast<std::uint64_t>(pass));
        const double seconds = bench::seconds_of([&] { read_all(*folder, order, options.number("batch")); });
        bench::JsonLine()
            .add("pass", pass)
            .add("images", folder->size())
            .add("scan_s", scan)
            .add("images_per_s", static_cast<double>(folder->size()) / seconds)
            .add("peak_mib", peak_memory())
            .print();
    }
}

} // namespace

int main(int argc, char** argv) try {
    const bench::Options options(argc, argv);
    if (options.command() != "load") throw std::invalid_argument("the command is load, see the top of this file");
    load(options);
} catch (const std::exception& error) {
    std::cerr << "image_loader: " << error.what() << '\n';
    return 1;
}
