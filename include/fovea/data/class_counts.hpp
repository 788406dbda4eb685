#pragma once
#include <algorithm>
#include <vector>

#include <fovea/data/composed.hpp>

namespace fovea {

/// The labels of all samples; no inputs are read. Throws ValueError unless the data set has one label a sample.
template <ComposableSource S>
std::vector<std::int32_t> labels_of(const S& source) {
    const Data<detail::ScalarOf<S>> data(source);
    require<ValueError>(data.targets_are_labels() && data.target_shape().size() == 1,
                        "labels_of: the data set has no labels, one a sample");
    std::vector<std::int32_t> labels(static_cast<std::size_t>(data.size()));
    std::array<Index, 256> which;
    for (std::size_t first = 0; first < labels.size(); first += which.size()) {
        const std::size_t count = std::min(which.size(), labels.size() - first);
        for (std::size_t i = 0; i < count; ++i) which[i] = static_cast<Index>(first + i);
        data.read(std::span(which).first(count), {},
                  View<std::int32_t>(labels.data() + first, data.target_shape().prepend(static_cast<Index>(count))),
                  {});
    }
    return labels;
}

/// How many samples have the label 0, 1 ... up to the largest that there is, or up to `classes` - 1. Throws ValueError for a label
/// that is negative or, where `classes` are given, too large.
template <ComposableSource S>
std::vector<Index> class_counts(const S& source, Index classes = 0) {
    std::vector<Index> counts(static_cast<std::size_t>(classes));
    for (const std::int32_t label : labels_of(source)) {
        require<ValueError>(label >= 0 && (classes == 0 || label < classes), "class_counts: expected labels from 0 ",
                            classes == 0 ? std::string("on") : text("to ", classes - 1), ", got ", label);
        const auto place = static_cast<std::size_t>(label);
        if (place >= counts.size()) counts.resize(place + 1);
        ++counts[place];
    }
    return counts;
}

} // namespace fovea
