#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <limits>
#include <map>
#include <span>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <fovea/core/tensor.hpp>

/// The recorded results in this folder, and the numbers they were computed from: reference/README.md says how both are made.
namespace reference {

using fovea::Index;
using fovea::Shape;
using fovea::Tensor;

/// The splitmix64 hash of (stream << 32) + index.
inline std::uint64_t splitmix64(std::uint64_t stream, Index index) {
    std::uint64_t z = (stream << 32) + static_cast<std::uint64_t>(index) + 0x9E3779B97F4A7C15;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
}

/// In [-1, 1) with steps of 2^-23, so float holds it exactly.
inline double value(std::uint64_t stream, Index index) {
    return static_cast<double>(splitmix64(stream, index) >> 40) * 0x1p-23 - 1;
}

/// offset + scale * value, computed in double.
template <class T>
Tensor<T> values(const Shape& shape, std::uint64_t stream, double scale = 1, double offset = 0) {
    Tensor<T> result(shape);
    for (Index i = 0; i < result.size(); ++i) result[i] = static_cast<T>(offset + scale * value(stream, i));
    return result;
}

/// What the numbers of a case are made from.
enum Stream : std::uint64_t {
    x_stream = 1,
    upstream = 2,
    labels = 3,
    targets = 4,
    sample_weights = 5,
    parameters = 10
};

/// `Conv2D filters=4 kernel_size=3,3`: a kind and its options. Each option must be taken once: what is left over is a part of
/// the case that the test has not looked at.
class Description {
public:
    Description() = default;
    explicit Description(const std::string& line) {
        std::istringstream words(line);
        words >> kind_;
        for (std::string word; words >> word;) {
            const auto equals = word.find('=');
            if (equals == std::string::npos) throw std::runtime_error("no option: " + word);
            options_[word.substr(0, equals)] = word.substr(equals + 1);
        }
    }

    const std::string& kind() const { return kind_; }
    bool has(const std::string& key) const { return options_.count(key) > 0; }
    bool all_taken() const { return options_.empty(); }

    std::string text(const std::string& key) {
        const auto found = options_.find(key);
        if (found == options_.end()) throw std::runtime_error(kind_ + " has no option " + key);
        std::string result = std::move(found->second);
        options_.erase(found);
        return result;
    }
    double number(const std::string& key) { return std::stod(text(key)); }
    bool flag(const std::string& key) { return number(key) != 0; }
    Index integer(const std::string& key) { return integers(key).at(0); }
    std::vector<Index> integers(const std::string& key) {
        std::istringstream words(text(key));
        std::vector<Index> result;
        for (std::string word; std::getline(words, word, ',');) result.push_back(std::stoll(word));
        return result;
    }

private:
    std::string kind_;
    std::map<std::string, std::string> options_;
};

struct Case {
    std::string name;
    std::map<std::string, std::string> lines; ///< by their first word
    std::map<std::string, Tensor<double>> tensors;

    Description description(const std::string& word) const { return Description(lines.at(word)); }
    Shape shape(const std::string& word) const { return read_shape(lines.at(word)); }
    const Tensor<double>& tensor(const std::string& key) const { return tensors.at(key); }

    static Shape read_shape(const std::string& line) {
        std::istringstream words(line);
        std::vector<Index> extents;
        for (Index extent = 0; words >> extent;) extents.push_back(extent);
        return Shape(std::span<const Index>(extents));
    }
};

/// The cases of one of the files in this folder. Throws for a file that is missing or cut off.
inline std::vector<Case> read(const std::string& file) {
    std::ifstream in(std::string(FOVEA_TEST_DIRECTORY "/reference/") + file);
    if (!in) throw std::runtime_error("cannot open tests/reference/" + file);
    std::vector<Case> cases;
    bool open = false;
    for (std::string line; std::getline(in, line);) {
        const auto space = std::min(line.find(' '), line.size());
        const std::string word = line.substr(0, space);
        const std::string rest = line.substr(std::min(space + 1, line.size()));
        if (word == "case") {
            cases.emplace_back().name = rest;
        } else if (word == "tensor") {
            const auto end = std::min(rest.find(' '), rest.size());
            Tensor<double> tensor(Case::read_shape(rest.substr(end)));
            for (double& element : tensor)
                if (!(in >> element)) throw std::runtime_error(file + ": cut off in " + cases.back().name);
            in >> std::ws;
            cases.back().tensors.emplace(rest.substr(0, end), std::move(tensor));
        } else if (word != "end") {
            cases.back().lines[word] = rest;
        }
        open = word != "end";
    }
    if (open || cases.empty()) throw std::runtime_error(file + ": cut off");
    return cases;
}

/// The worst |actual - expected| / max(1, |expected|); infinite for shapes that differ and for NaN.
template <class T>
double worst_difference(const Tensor<T>& actual, const Tensor<double>& expected) {
    if (actual.shape() != expected.shape()) return std::numeric_limits<double>::infinity();
    double worst = 0;
    for (Index i = 0; i < expected.size(); ++i) {
        const double difference =
            std::abs(static_cast<double>(actual[i]) - expected[i]) / std::max(1.0, std::abs(expected[i]));
        if (!(difference <= worst))
            worst = std::isnan(difference) ? std::numeric_limits<double>::infinity() : difference;
    }
    return worst;
}

} // namespace reference
