#pragma once
#include <algorithm>
#include <ostream>
#include <sstream>
#include <string>
#include <vector>

#include <fovea/core/tensor.hpp>

/// The names of classes as one text, a line each, which is how train_folder keeps them in a model file.
inline std::string lines_of(const std::vector<std::string>& names) {
    std::string lines;
    for (const std::string& name : names) lines += name + '\n';
    return lines;
}

inline std::vector<std::string> names_in(const std::string& lines) {
    std::istringstream text(lines);
    std::vector<std::string> names;
    for (std::string name; std::getline(text, name);) names.push_back(name);
    return names;
}

/// For each class how many of its samples were found, and what the others were taken for most often.
inline void print_recall(std::ostream& out, const std::vector<std::string>& names,
                         const fovea::Tensor<fovea::Index>& confusions) {
    std::size_t longest = 0;
    for (const std::string& name : names) longest = std::max(longest, name.size());
    for (fovea::Index label = 0; label < confusions.shape()[0]; ++label) {
        fovea::Index samples = 0, other = -1;
        for (fovea::Index c = 0; c < confusions.shape()[1]; ++c) {
            samples += confusions(label, c);
            if (c != label && confusions(label, c) > (other < 0 ? 0 : confusions(label, other))) other = c;
        }
        std::string name = names[static_cast<std::size_t>(label)];
        name.resize(longest, ' ');
        out << "  " << name << "  " << confusions(label, label) << " of " << samples;
        if (other >= 0)
            out << ", " << confusions(label, other) << " taken for " << names[static_cast<std::size_t>(other)];
        out << '\n';
    }
}
