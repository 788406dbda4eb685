#pragma once
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <vector>

#include "reference/reference.hpp"

/// Safetensors files as the tests make them, right and wrong ones.
namespace safetensors_files {

inline std::string content(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// Eight bytes, little end first.
inline std::string length(std::uint64_t value) {
    std::string bytes;
    for (int i = 0; i < 8; ++i) bytes += static_cast<char>(value >> 8 * i & 0xFF);
    return bytes;
}

/// A file with this header, and data after it.
inline std::string file(const std::string& header, const std::string& data) {
    return length(header.size()) + header + data;
}

/// The file that was recorded in a case.
inline std::string bytes_of(const reference::Case& record) {
    const std::string& digits = record.lines.at("bytes");
    std::string bytes;
    for (std::size_t i = 0; i < digits.size(); i += 2)
        bytes += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
    return bytes;
}

/// A file that Python's package has written: tests/reference/record_safetensors.py.
inline std::string recorded(const std::string& name) {
    for (const reference::Case& record : reference::read("safetensors.txt"))
        if (record.name == name) return bytes_of(record);
    throw std::runtime_error("no recorded file " + name);
}

} // namespace safetensors_files
