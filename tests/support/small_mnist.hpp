#pragma once
#include <filesystem>
#include <string>

#include "support/idx_files.hpp"
#include "support/temporary_directory.hpp"

/// A folder with a small MNIST: 20 training and 10 test images.
class SmallMnist {
public:
    explicit SmallMnist(const std::string& folder = "", bool packed = false, char separator = '-') {
        const auto write = [&](const std::string& stem, const std::string& kind, const Bytes& bytes) {
            directory_.write(folder + stem + separator + kind + "-ubyte" + (packed ? ".gz" : ""),
                             packed ? gzip(bytes) : bytes);
        };
        write("train-images", "idx3", images_file(20));
        write("train-labels", "idx1", labels_file(20));
        write("t10k-images", "idx3", images_file(10));
        write("t10k-labels", "idx1", labels_file(10));
    }

    const std::filesystem::path& path() const { return directory_.path(); }
    std::filesystem::path write(const std::string& name, const Bytes& bytes) const {
        return directory_.write(name, bytes);
    }
    void remove(const std::string& name) const { std::filesystem::remove(path() / name); }

private:
    TemporaryDirectory directory_;
};
