// Trains a small network on any folder of pictures, one subfolder a class, and saves it with the names of its classes for predict_image:
//
//     train_folder photos --image-size 64 --sheet sheet.png --model photos.safetensors
//     predict_image photos.safetensors new/*.jpg
//
// Pictures that cannot be read are named and left out. With --checkpoint DIR, training that was stopped goes on with --resume.
//
// Of the 50,000 training pictures of CIFAR-10 (--image-size 32) it finds 0.66 of those kept for validation after 10 epochs of 7 to 16
// seconds on 4 virtual cores, which others used as well; 0.43 after the first, with 177 MB of memory at most.
#include <cinttypes>
#include <cstdio>
#include <iostream>

#include <fovea/fovea.hpp>
#include <fovea/image/all.hpp>
#include <fovea/io/model_file.hpp>

#include "support/class_names.hpp"
#include "support/folder_options.hpp"

using namespace fovea;

int main(int argc, char** argv) try {
    using enum Activation;
    const FolderOptions options(argc, argv);

    const ImageFolder folder(options.data, {.image_size = options.image_size,
                                            .color_mode = options.color_mode,
                                            .unreadable = Unreadable::skip,
                                            .cache_bytes = options.cache_bytes});
    std::cout << describe(folder) << std::endl;
    const auto [train, validation] =
        split(folder, {.validation_split = options.validation_split, .seed = random_seed(), .stratify = true});
    const auto augmented = augment(train, options.augmentation);
    if (!options.sheet.empty()) contact_sheet(options.sheet, train, {.columns = 5, .samples = 50, .beside = augmented});

    Sequential model{Input{folder.sample_shape()}};
    for (const Index filters : {32, 64, 128}) {
        model.add(Conv2D{.filters = filters, .kernel_size = 3, .activation = relu, .padding = Padding::same});
        model.add(MaxPooling2D{.pool_size = 2});
    }
    model.add(GlobalAveragePooling2D{});
    model.add(Dense{.units = static_cast<Index>(folder.class_names().size()), .activation = softmax});
    model.compile({
        .optimizer = Adam{},
        .loss = Loss::sparse_categorical_crossentropy,
        .metrics = {Metric::accuracy},
    });
    model.fit(augmented, {.epochs = options.epochs,
                          .batch_size = options.batch_size,
                          .validation_data = validation,
                          .verbose = options.verbose,
                          .callbacks = options.callbacks,
                          .checkpoint = options.checkpoint});
    save_model(model, options.model, {.metadata = {{"class_names", lines_of(folder.class_names())}}});

    const Tensor<std::int32_t> labels(Shape{validation.size()}, labels_of(validation));
    const auto confusions = confusion_matrix(labels, model.predict(validation));
    Index right = 0;
    for (Index label = 0; label < confusions.shape()[0]; ++label) right += confusions(label, label);
    std::cout << "Found in the " << labels.size() << " pictures that were kept for validation:\n";
    print_recall(std::cout, folder.class_names(), confusions);
    std::printf("Weights hash: %016" PRIx64 "\n", model.weights_hash());
    std::printf("Validation accuracy: %.4f\n", static_cast<double>(right) / static_cast<double>(labels.size()));
} catch (const Interrupted& stop) {
    std::cerr << "\ntrain_folder: " << stop.what() << "; with --resume it goes on\n";
    return 130;
} catch (const Error& error) {
    std::cerr << "train_folder: " << error.what() << '\n';
    return 1;
}
