#pragma once
#include <algorithm>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fovea/core/parallel.hpp>
#include <fovea/data/composed.hpp>
#include <fovea/data/data_report.hpp>
#include <fovea/data/fingerprint.hpp>

namespace fovea {

struct DescribeOptions {
    std::vector<std::string> class_names{}; ///< empty: those that the data set knows itself, if it does
    std::function<void(Index done, Index total)> progress{}; ///< called now and then
};

namespace detail {

/// What is found in some samples, one after another.
class Look {
public:
    /// x (..., channels) of a sample that can be read.
    template <class T>
    Fingerprint add(ConstView<T> x) {
        const Shape& shape = x.shape();
        add_channels(moments_of(x, shape.rank() == 3 ? shape[2] : 1));
        return fingerprint_of(shape, x.span());
    }

    void add_label(std::int32_t label) { ++labels_[label]; }
    void add_size(Index height, Index width) { ++sizes_[{height, width}]; }
    void add_unreadable(std::string name, std::string reason) {
        unreadable_.push_back({std::move(name), std::move(reason)});
    }

    void add(Look&& other) {
        add_channels(other.channels_);
        for (const auto& [label, samples] : other.labels_) labels_[label] += samples;
        for (const auto& [size, pictures] : other.sizes_) sizes_[size] += pictures;
        for (auto& file : other.unreadable_) unreadable_.push_back(std::move(file));
    }

    void move_to(DataReport& report, const std::vector<std::string>& class_names) {
        report.channels = std::move(channels_);
        for (const auto& [size, pictures] : sizes_) report.sizes.push_back({size.first, size.second, pictures});
        std::stable_sort(report.sizes.begin(), report.sizes.end(),
                         [](const auto& a, const auto& b) { return a.pictures > b.pictures; });
        report.unreadable.insert(report.unreadable.end(), unreadable_.begin(), unreadable_.end());
        if (labels_.empty()) return;
        for (std::size_t label = 0; label < class_names.size(); ++label) labels_[static_cast<std::int32_t>(label)];
        for (const auto& [label, samples] : labels_) {
            const bool named = 0 <= label && static_cast<std::size_t>(label) < class_names.size();
            const std::string name = named ? class_names[static_cast<std::size_t>(label)] : std::to_string(label);
            report.classes.push_back({label, name, samples});
        }
    }

private:
    void add_channels(const std::vector<Moments>& found) {
        if (channels_.size() < found.size()) channels_.resize(found.size());
        for (std::size_t c = 0; c < found.size(); ++c) channels_[c].add(found[c]);
    }

    std::vector<Moments> channels_;
    std::map<std::int32_t, Index> labels_;
    std::map<std::pair<Index, Index>, Index> sizes_;
    std::vector<DataReport::Unreadable> unreadable_;
};

/// A sample that could be read, and what it is.
struct Seen {
    Fingerprint print;
    Index sample;
};

/// Calls `look_at(sample, look)`, which returns a fingerprint, for all samples, on all threads; an Error that it throws is noted under
/// the sample's name. Pieces of a fixed number of samples are put together in order, so the result does not depend on the
/// threads, and only a round of them is in memory.
template <class Name, class LookAt>
std::vector<Seen> look_at_all(Index samples, Look& all, const DescribeOptions& options, const Name& name,
                              const LookAt& look_at) {
    constexpr Index piece = 64;
    constexpr Index round = 64 * piece;
    std::vector<Seen> seen;
    for (Index first = 0; first < samples; first += round) {
        const Index last = std::min(samples, first + round);
        const Index pieces = (last - first + piece - 1) / piece;
        std::vector<Look> looks(static_cast<std::size_t>(pieces));
        std::vector<std::vector<Seen>> prints(looks.size());
        parallel_for(pieces, [&](Index i, int) {
            const auto place = static_cast<std::size_t>(i);
            const Index begin = first + i * piece;
            for (Index sample = begin; sample < std::min(last, begin + piece); ++sample) try {
                    prints[place].push_back({look_at(sample, looks[place]), sample});
                } catch (const Error& error) {
                    looks[place].add_unreadable(name(sample), error.what());
                }
        });
        for (std::size_t i = 0; i < looks.size(); ++i) {
            all.add(std::move(looks[i]));
            seen.insert(seen.end(), prints[i].begin(), prints[i].end());
        }
        if (options.progress) options.progress(last, samples);
    }
    return seen;
}

/// `labels` may be empty.
inline std::vector<DataReport::Duplicates> duplicates_among(std::vector<Seen> seen,
                                                            std::span<const std::int32_t> labels,
                                                            const std::function<std::string(Index)>& name) {
    std::sort(seen.begin(), seen.end(), [](const Seen& a, const Seen& b) {
        return a.print != b.print ? a.print < b.print : a.sample < b.sample;
    });
    std::vector<DataReport::Duplicates> all;
    for (std::size_t i = 1; i < seen.size(); ++i) {
        if (seen[i].print != seen[i - 1].print) continue;
        DataReport::Duplicates group;
        const auto add = [&](Index sample) {
            group.samples.push_back(sample);
            group.names.push_back(name(sample));
            const auto label = [&](Index s) { return labels[static_cast<std::size_t>(s)]; };
            if (!labels.empty()) group.across_classes |= label(sample) != label(group.samples.front());
        };
        add(seen[i - 1].sample);
        for (; i < seen.size() && seen[i].print == seen[i - 1].print; ++i) add(seen[i].sample);
        all.push_back(std::move(group));
    }
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.samples[0] < b.samples[0]; });
    return all;
}

} // namespace detail

/// What is wrong with the data, before the network is blamed: `std::cout << describe(train);` prints how many samples there are of which class,
/// mean and deviation of each channel, samples that are there twice, and those that cannot be read. Reads each sample once, on all
/// threads; the report does not depend on how many. Memory: 28 bytes a sample, and a sample a thread.
template <ComposableSource S>
DataReport describe(const S& source, const DescribeOptions& options = {}) {
    using T = detail::ScalarOf<S>;
    const Data<T> data(source);
    DataReport report{data.size(), data.sample_shape(), {}, {}, {}, {}, {}};
    detail::Look all;
    const auto name = [](Index sample) { return text("sample ", sample); };
    const bool labelled = data.targets_are_labels() && data.target_shape().size() == 1;
    std::vector<std::int32_t> labels(labelled ? static_cast<std::size_t>(data.size()) : 0);
    const auto look_at = [&](Index sample, detail::Look& look) {
        const std::span which(&sample, 1);
        if (labelled) {
            std::int32_t& label = labels[static_cast<std::size_t>(sample)];
            data.read(which, {}, View<std::int32_t>(&label, data.target_shape().prepend(1)), {});
            look.add_label(label);
        }
        Tensor<T> x(data.sample_shape());
        data.read(which, x, {}, {});
        return look.add(ConstView<T>(x));
    };
    auto seen = detail::look_at_all(data.size(), all, options, name, look_at);
    all.move_to(report, detail::class_names_of(source, options.class_names));
    report.duplicates = detail::duplicates_among(std::move(seen), labels, name);
    return report;
}

} // namespace fovea
