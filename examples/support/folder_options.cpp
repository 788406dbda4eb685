#include "folder_options.hpp"

#include <filesystem>
#include <vector>

#include <fovea/augment/random_flip.hpp>
#include <fovea/augment/random_rotation.hpp>
#include <fovea/augment/random_translation.hpp>
#include <fovea/augment/random_zoom.hpp>
#include <fovea/core/parallel.hpp>

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
    Index seed = 0;

    CommandLine line(
        "Trains a network on the pictures of a folder, one subfolder a class, and saves it for predict_image.");
    line.add_required("data", data, "Folder with a subfolder of pictures for each class");
    line.add_option("--image-size", image_size, "Height and width that all pictures get");
    line.add_flag("--grayscale", grayscale, "Without colours");
    line.add_option("--validation-split", validation_split, "Part of each class that is not trained on");
    line.add_option("--mirror", mirror, "Half of the pictures the other way round; not for letters and digits");
    line.add_option("--rotate", rotate, "Turn pictures by up to so many degrees");
    line.add_option("--zoom", zoom, "Make what is on them larger or smaller, by up to this part");
    line.add_option("--shift", shift, "Shift them by up to this part of their size");
    line.add_option("--epochs", epochs, "How often to go through the pictures");
    line.add_option("--batch-size", batch_size, "Pictures to a training step");
    line.add_option("--sheet", sheet, "File for some of the pictures, with what augmentation makes of them");
    line.add_option("--model", model, "File for the trained network");
    line.add_option("--cache", cache, "MiB of decoded pictures to keep in memory");
    line.add_option("--seed", seed, "Of the split, the weights, the order of the pictures and their augmentation");
    line.add_option("--threads", thread_count, "Changes the time that training takes and nothing else");
    line.add_option("--verbose", verbose, "0: silent, 1: progress line, 2: one line an epoch");
    add_to(line);
    line.parse(argc, argv);

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
