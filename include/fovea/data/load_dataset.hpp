#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fovea/data/cifar.hpp>
#include <fovea/data/fashion_mnist.hpp>
#include <fovea/data/find_mnist.hpp>
#include <fovea/data/sha256.hpp>

namespace fovea {

namespace detail::named {

/// SHA-256 of MNIST's published files, unpacked: training images and labels, test images and labels.
using IdxSums = std::array<std::string_view, 4>;

inline constexpr IdxSums mnist_sums{"ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
                                    "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
                                    "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
                                    "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"};
inline constexpr IdxSums fashion_mnist_sums{"c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
                                            "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
                                            "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
                                            "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"};

/// Of the files in the order in which they are read, training first; as torchvision-ruby has them, beside the archive that all agree on.
inline constexpr std::array<std::string_view, 6> cifar10_sums{
    "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5",
    "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed",
    "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67",
    "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48",
    "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add",
    "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b"};
inline constexpr std::array<std::string_view, 2> cifar100_sums{
    "f31298fc616915fa142368359df1c4ca2ae984d6915ca468b998a5ec6aeebf29",
    "d8b1e6b7b3bee4020055f0699b111f60b1af1e262aeb93a0b659061746f8224a"};

/// Throws DataError unless an IDX file with these elements has the sum. Raw or packed, by whomever, makes no difference.
inline void check_idx(std::span<const std::uint8_t> elements, const Shape& shape, std::string_view expected,
                      const std::string& what) {
    std::vector<std::byte> header;
    const auto append = [&header](std::uint64_t word) {
        for (const int shift : {24, 16, 8, 0}) header.push_back(static_cast<std::byte>(word >> shift & 0xFF));
    };
    append(0x800U | static_cast<std::uint64_t>(shape.rank()));
    for (const Index extent : shape) append(static_cast<std::uint64_t>(extent));
    Sha256 sum;
    sum.add(header);
    sum.add(std::as_bytes(elements));
    check_sum(sum.digits(), expected, what);
}

inline Splits checked(Splits splits, const IdxSums& sums) {
    const auto check = [](const Dataset& set, std::string_view images, std::string_view labels) {
        check_idx(set.images.span(), {set.size(), 28, 28}, images, set.source);
        check_idx(set.labels.cast<std::uint8_t>().span(), {set.size()}, labels, "the labels of " + set.source);
    };
    check(splits.train, sums[0], sums[1]);
    check(splits.test, sums[2], sums[3]);
    return splits;
}

/// Where a data set may be, in the order in which it is looked for.
inline std::vector<std::filesystem::path> places(const std::string& name) {
    const mnist::Search usual = mnist::Search::usual();
    std::vector<std::filesystem::path> all;
    if (!usual.fovea_data.empty()) all.push_back(usual.fovea_data / name);
    if (!usual.cache.empty()) all.push_back(usual.cache.parent_path() / name);
    if (name == "fashion_mnist" && idx::gzip_unpacker) all.push_back(usual.fashion_mnist);
    return all;
}

inline std::filesystem::path find(const std::string& name) {
    std::string looked;
    for (const std::filesystem::path& place : places(name)) {
        std::error_code error;
        if (std::filesystem::is_directory(place, error)) return place;
        looked += (looked.empty() ? "" : ", ") + place.string();
    }
    throw DataError(text("load_dataset: there is no ", name, " in ", looked.empty() ? "any usual place" : looked,
                         "; cmake -DDATASET=", name, " -P cmake/DownloadDataset.cmake downloads it"));
}

} // namespace detail::named

/// The data sets that load_dataset knows.
inline constexpr std::array<std::string_view, 4> dataset_names{"mnist", "fashion_mnist", "cifar10", "cifar100"};

/// A well-known data set by its name, exactly as it was published: `const auto [train, test] = load_dataset("cifar10");`. It is read from
/// `directory`, or else from the folder of its name in FOVEA_DATA or in ${XDG_CACHE_HOME:-~/.cache}/fovea, where cmake/DownloadDataset.cmake
/// puts it. CIFAR-100 has its 100 fine labels. Throws ValueError for another name, and DataError if files are missing, or if the
/// SHA-256 of one of them is not that of the published file. The sums take half a second for MNIST, one for CIFAR.
inline Splits load_dataset(const std::string& name, const std::filesystem::path& directory = {}) {
    const bool known = std::find(dataset_names.begin(), dataset_names.end(), name) != dataset_names.end();
    require<ValueError>(known, "load_dataset: expected mnist, fashion_mnist, cifar10 or cifar100, got ", name);
    const std::filesystem::path place = directory.empty() ? detail::named::find(name) : directory;
    if (name == "mnist") return detail::named::checked(mnist::load(place), detail::named::mnist_sums);
    if (name == "fashion_mnist")
        return detail::named::checked(fashion_mnist::load(place), detail::named::fashion_mnist_sums);
    if (name == "cifar10") return cifar10::load(place, detail::named::cifar10_sums);
    return cifar100::load(place, cifar100::LabelMode::fine, detail::named::cifar100_sums);
}

} // namespace fovea
