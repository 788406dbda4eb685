#pragma once
#include <array>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fovea/data/dataset.hpp>
#include <fovea/data/idx.hpp>
#include <fovea/data/sha256.hpp>

namespace fovea {

/// SHA-256 of the files that are read, one behind the other; empty: whatever is there is taken.
using FileSums = std::span<const std::string_view>;

namespace detail {

/// Throws DataError unless the sums, in hexadecimal digits, agree.
inline void check_sum(const std::string& found, std::string_view expected, const std::string& what) {
    require<DataError>(found == expected, what, ": this is not what was published, its SHA-256 is ", found,
                       ", expected ", expected);
}

} // namespace detail

namespace detail::cifar {

inline constexpr Index extent = 32;
inline constexpr Index pixels = extent * extent;

/// A file of records: label bytes, and then the red, the green and the blue plane, row by row. Appends to images
/// (n, 32, 32, 3) and labels; `label` is which of the `label_bytes` counts, `classes` how many there are.
struct Records {
    Index label_bytes;
    Index label;
    Index classes;
};

inline Index records_in(std::uint64_t bytes, const Records& records, const std::string& name) {
    const auto record = static_cast<std::uint64_t>(records.label_bytes + 3 * pixels);
    require<DataError>(bytes > 0 && bytes % record == 0, name, ": expected records of ", record,
                       " bytes, the file has ", bytes);
    return static_cast<Index>(bytes / record);
}

/// The records of all files, one behind the other.
inline Dataset load(const std::filesystem::path& directory, const std::vector<std::string>& names,
                    const Records& records, FileSums sums) {
    std::vector<idx::detail::File> files;
    Index count = 0;
    for (const std::string& name : names) {
        files.emplace_back(directory / name);
        count += records_in(files.back().size(), records, (directory / name).string());
    }
    Dataset set{Tensor<std::uint8_t>(Shape{count, extent, extent, 3}), Tensor<std::int32_t>(Shape{count}),
                (directory / names.front()).string()};
    std::vector<std::byte> record(static_cast<std::size_t>(records.label_bytes + 3 * pixels));
    Index sample = 0;
    for (std::size_t i = 0; i < files.size(); ++i) {
        Sha256 sum;
        for (std::size_t at = 0; at < files[i].size(); at += record.size(), ++sample) {
            files[i].read(at, record);
            if (!sums.empty()) sum.add(record);
            set.labels[sample] = static_cast<std::int32_t>(record[static_cast<std::size_t>(records.label)]);
            require<DataError>(set.labels[sample] < records.classes, (directory / names[i]).string(),
                               ": expected labels from 0 to ", records.classes - 1, ", that of record ",
                               at / record.size(), " is ", set.labels[sample]);
            const std::byte* const planes = record.data() + records.label_bytes;
            std::uint8_t* const image = set.images.row(sample).data();
            for (Index pixel = 0; pixel < pixels; ++pixel)
                for (Index channel = 0; channel < 3; ++channel)
                    image[3 * pixel + channel] = static_cast<std::uint8_t>(planes[channel * pixels + pixel]);
        }
        if (!sums.empty()) check_sum(sum.digits(), sums[i], (directory / names[i]).string());
    }
    return set;
}

/// `directory`, or the folder in it that the published archive unpacks to.
inline std::filesystem::path place(const std::filesystem::path& directory, const char* archive, const char* file) {
    std::error_code error;
    const std::filesystem::path deeper = directory / archive;
    const bool here = std::filesystem::exists(directory / file, error);
    return !here && std::filesystem::exists(deeper / file, error) ? deeper : directory;
}

} // namespace detail::cifar

/// CIFAR-10 (Krizhevsky 2009): 50,000 and 10,000 colour images of 32 x 32 in ten classes, as the published binary files.
namespace cifar10 {

inline constexpr std::array<std::string_view, 10> class_names{"airplane", "automobile", "bird",  "cat",  "deer",
                                                              "dog",      "frog",       "horse", "ship", "truck"};

/// From data_batch_1.bin to data_batch_5.bin and test_batch.bin in `directory` or in `directory`/cifar-10-batches-bin. Images (n, 32, 32, 3).
/// Throws DataError that names the file, what was expected and what came.
inline Splits load(const std::filesystem::path& directory, FileSums sums = {}) {
    const auto place = detail::cifar::place(directory, "cifar-10-batches-bin", "test_batch.bin");
    std::vector<std::string> train;
    for (const char number : {'1', '2', '3', '4', '5'}) train.push_back(std::string("data_batch_") + number + ".bin");
    return {detail::cifar::load(place, train, {1, 0, 10}, sums.first(sums.empty() ? 0 : 5)),
            detail::cifar::load(place, {"test_batch.bin"}, {1, 0, 10}, sums.last(sums.empty() ? 0 : 1))};
}

} // namespace cifar10

/// CIFAR-100: as CIFAR-10, with 100 classes, which also form 20 superclasses.
namespace cifar100 {

/// Keras's names of the two.
enum class LabelMode { fine, coarse };

/// From train.bin and test.bin in `directory` or in `directory`/cifar-100-binary.
inline Splits load(const std::filesystem::path& directory, LabelMode label_mode = LabelMode::fine, FileSums sums = {}) {
    const auto place = detail::cifar::place(directory, "cifar-100-binary", "test.bin");
    const bool fine = label_mode == LabelMode::fine;
    const detail::cifar::Records records{2, fine ? 1 : 0, fine ? 100 : 20};
    const std::size_t each = sums.empty() ? 0 : 1;
    return {detail::cifar::load(place, {"train.bin"}, records, sums.first(each)),
            detail::cifar::load(place, {"test.bin"}, records, sums.last(each))};
}

} // namespace cifar100

} // namespace fovea
