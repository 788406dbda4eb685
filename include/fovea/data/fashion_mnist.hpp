#pragma once
#include <array>
#include <filesystem>
#include <string_view>

#include <fovea/data/mnist.hpp>

/// Fashion-MNIST (Xiao et al. 2017): clothes in MNIST's format.
namespace fovea::fashion_mnist {

inline constexpr std::array<std::string_view, 10> class_names{
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"};

/// Where Debian's package dataset-fashion-mnist has it, packed: <fovea/data/gzip.hpp> is needed.
inline constexpr const char* debian_directory = "/usr/share/datasets/fashion-mnist";

/// As mnist::load. Throws DataError.
inline Splits load(const std::filesystem::path& directory = debian_directory) { return mnist::load(directory); }

} // namespace fovea::fashion_mnist
