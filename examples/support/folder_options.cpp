#include "folder_options.hpp"

#include <filesystem>
#include <vector>

#include <fovea/augment/random_flip.hpp>
#include <fovea/augment/random_rotation.hpp>
#include <fovea/augment/random_translation.hpp>
#include <fovea/augment/random_zoom.hpp>

#include "command_line.hpp"

using namespace fovea;

FolderOptions::FolderOptions(int argc, char** argv) {
    bool grayscale = false;
    bool mirror = true;
    double rotate = 10;
    double zoom = 0.1;
    double shift = 0.1;
    Index cache = 256;
    int thread_count = threads();
    std::int64_t seed = 0;

    CLI::App app(
        "Trains a network on the pictures of a folder, one subfolder a class, and saves it for predict_image.");
    app.option_defaults()->always_capture_default();
    app.add_option("data", data, "Folder with a subfolder of pictures for each class")->required();
    app.add_option("--image-size", image_size, "Height and width that all pictures get");
    app.add_flag("--grayscale", grayscale, "Without colours");
    app.add_option("--validation-split", validation_split, "Part of each class that is not trained on");
    app.add_option("--mirror", mirror, "Half of the pictures the other way round; not for letters and digits");
    app.add_option("--rotate", rotate, "Turn pictures by up to so many degrees");
    app.add_option("--zoom", zoom, "Make what is on them larger or smaller, by up to this part");
    app.add_option("--shift", shift, "Shift them by up to this part of their size");
    app.add_option("--epochs", epochs, "How often to go through the pictures");
    app.add_option("--batch-size", batch_size, "Pictures to a training step");
    app.add_option("--sheet", sheet, "File for some of the pictures, with what augmentation makes of them");
    app.add_option("--model", model, "File for the trained network");
    app.add_option("--cache", cache, "MiB of decoded pictures to keep in memory");
    app.add_option("--seed", seed, "Of the split, the weights, the order of the pictures and their augmentation");
    app.add_option("--threads", thread_count, "Changes the time that training takes and nothing else");
    app.add_option("--verbose", verbose, "0: silent, 1: progress line, 2: one line an epoch");
    add_to(app);
    parse(app, argc, argv);

    require_range("--image-size", image_size, 8, 4096);
    require_range("--epochs", epochs, 1, 1'000'000);
    require_range("--batch-size", batch_size, 1, 1'000'000);
    require_range("--cache", cache, 0, 1 << 20);
    require_range("--verbose", verbose, 0, 2);
    const std::filesystem::path folder = std::filesystem::path(model).parent_path();
    require<ValueError>(folder.empty() || std::filesystem::is_directory(folder), "--model: there is no folder ",
                        folder.string());
    std::vector<AnyAugmentation> all{RandomRotation{.degrees = rotate}, RandomZoom{zoom},
                                     RandomTranslation{shift, shift}};
    if (mirror) all.push_back(RandomFlip{FlipMode::horizontal});
    augmentation = Augment(std::move(all));
    color_mode = grayscale ? image::ColorMode::grayscale : image::ColorMode::rgb;
    cache_bytes = cache << 20;
    set_threads_and_seed(thread_count, seed);
    open();
}
