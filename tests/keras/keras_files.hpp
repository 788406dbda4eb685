#pragma once
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <fovea/keras/hdf5.hpp>
#include <fovea/keras/zip.hpp>

#include "io/safetensors_files.hpp"
#include "models/outputs.hpp"
#include "support/temporary_directory.hpp"

/// .keras files that Keras wrote, and such as nobody should have written.
namespace keras_files {

/// A file that was recorded: tests/reference/record_keras.py.
inline std::string unpacked(const reference::Case& record) {
    const TemporaryDirectory folder;
    return fovea::keras::ZipReader(folder.write("packed.zip", safetensors_files::bytes_of(record)))
        .read("model.keras", 1 << 20);
}

inline reference::Case recorded(const std::string& name) {
    for (const reference::Case& record : reference::read("keras.txt"))
        if (record.name == name) return record;
    throw std::runtime_error("no recorded file " + name);
}

/// The outputs that Keras had.
inline std::vector<fovea::Tensor<double>> outputs_of(const reference::Case& record) {
    std::vector<fovea::Tensor<double>> y;
    while (record.tensors.contains(fovea::text('y', y.size()))) y.push_back(record.tensor(fovea::text('y', y.size())));
    return y;
}

} // namespace keras_files
