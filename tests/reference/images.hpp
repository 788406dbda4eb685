#pragma once
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "reference/reference.hpp"

/// The pictures of images.txt, which record_images.py makes.
namespace reference {

/// Bytes in 0 .. 255 by the formula.
inline Tensor<std::uint8_t> picture(const Shape& shape) {
    Tensor<std::uint8_t> pixels(shape);
    for (Index i = 0; i < pixels.size(); ++i)
        pixels[i] = static_cast<std::uint8_t>(std::floor((value(x_stream, i) + 1) * 128));
    return pixels;
}

/// A file and what Pillow decodes of it, by the names of Pillow's modes.
struct RecordedFile {
    std::string name;
    std::vector<std::byte> bytes;
    std::map<std::string, Tensor<std::uint8_t>> pixels;
};

/// A resizing of a picture by the formula: of 3 channels as bytes, or of 2 channels as float.
struct RecordedResize {
    std::string name;
    std::string method;
    bool antialias = true;
    Shape from, to;
    Tensor<std::uint8_t> bytes;
    Tensor<float> floats;
};

struct RecordedImages {
    std::vector<RecordedFile> files;
    std::vector<RecordedResize> resizes;

    const RecordedFile& file(const std::string& name) const {
        for (const RecordedFile& file : files)
            if (file.name == name) return file;
        throw std::runtime_error("images.txt: no case " + name);
    }
};

inline std::vector<std::byte> from_hexadecimal(const std::string& digits) {
    std::vector<std::byte> bytes;
    for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
        bytes.push_back(static_cast<std::byte>(std::stoi(digits.substr(i, 2), nullptr, 16)));
    return bytes;
}

inline RecordedImages read_images() {
    std::ifstream in(FOVEA_TEST_DIRECTORY "/reference/images.txt");
    if (!in) throw std::runtime_error("images.txt cannot be read");
    RecordedImages all;
    std::string line, name;
    bool is_file = false;
    const auto shape_of = [](std::istream& words) {
        Index height = 0, width = 0, channels = 0;
        words >> height >> width >> channels;
        return Shape{height, width, channels};
    };
    while (std::getline(in, line)) {
        std::istringstream words(line);
        std::string what, mode, rest;
        words >> what;
        if (what == "case") {
            words >> name;
        } else if (what == "file") {
            is_file = true;
            std::getline(in, rest);
            all.files.push_back({name, from_hexadecimal(rest), {}});
        } else if (what == "resize" || what == "resize_float") {
            is_file = false;
            RecordedResize resize{name, "", true, {}, {}, {}, {}};
            Index h = 0, w = 0, to_h = 0, to_w = 0;
            words >> resize.method >> resize.antialias >> h >> w >> to_h >> to_w;
            const Index channels = what == "resize" ? 3 : 2;
            resize.from = {h, w, channels};
            resize.to = {to_h, to_w, channels};
            all.resizes.push_back(resize);
        } else if (what == "pixels") {
            words >> mode;
            const Shape shape = shape_of(words);
            std::getline(in, rest);
            Tensor<std::uint8_t> pixels(shape);
            const std::vector<std::byte> bytes = from_hexadecimal(rest);
            for (Index i = 0; i < pixels.size(); ++i)
                pixels[i] = static_cast<std::uint8_t>(bytes.at(static_cast<std::size_t>(i)));
            if (is_file)
                all.files.back().pixels[mode] = pixels;
            else
                all.resizes.back().bytes = pixels;
        } else if (what == "floats") {
            Tensor<float> numbers(shape_of(words));
            for (float& number : numbers) in >> number;
            std::getline(in, rest);
            all.resizes.back().floats = numbers;
        }
    }
    return all;
}

} // namespace reference
