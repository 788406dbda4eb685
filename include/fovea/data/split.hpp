#pragma once
#include <cmath>

#include <fovea/data/class_counts.hpp>
#include <fovea/data/shuffle.hpp>

namespace fovea {

/// Named as in Keras.
struct SplitOptions {
    double validation_split = 0.2; ///< the part that goes to validation
    std::uint64_t seed = 0;        ///< says which samples
    bool stratify = false;         ///< the same part of every class, for data sets with labels
};

template <class S>
struct TrainValidation {
    Subset<const S&> train;
    Subset<const S&> validation;
};

/// `const auto [train, validation] = split(data, {.validation_split = 0.1, .seed = 7});` Every sample is in one of the two, in
/// the order of the data set; which one depends on seed and number of samples alone (with `stratify` on the labels, too).
/// The data set must outlive both. Throws ValueError unless both get samples.
template <ComposableSource S>
TrainValidation<S> split(const S& source, const SplitOptions& options = {}) {
    require<ValueError>(0 < options.validation_split && options.validation_split < 1,
                        "split: expected a validation_split between 0 and 1, got ", options.validation_split);
    const auto part = [&](Index samples) {
        return static_cast<Index>(std::floor(options.validation_split * static_cast<double>(samples) + 0.5));
    };
    const std::vector<std::int32_t> labels = options.stratify ? labels_of(source) : std::vector<std::int32_t>{};
    const Index size = detail::size_of(source);
    std::vector<Index> wanted = options.stratify ? class_counts(source) : std::vector<Index>{size};
    for (Index& samples : wanted) samples = part(samples);

    std::vector<bool> validates(static_cast<std::size_t>(size));
    for (const Index sample : detail::random_order(size, options.seed)) {
        const auto place = static_cast<std::size_t>(sample);
        Index& missing = wanted[options.stratify ? static_cast<std::size_t>(labels[place]) : 0];
        validates[place] = missing > 0;
        missing -= missing > 0;
    }
    std::vector<Index> train;
    std::vector<Index> validation;
    for (Index i = 0; i < size; ++i) (validates[static_cast<std::size_t>(i)] ? validation : train).push_back(i);
    require<ValueError>(!train.empty() && !validation.empty(), "split: ", options.validation_split, " of ", size,
                        " samples leave ", train.size(), " to train and ", validation.size(), " to validate");
    return {subset(source, std::move(train)), subset(source, std::move(validation))};
}

template <ComposableSource S>
void split(const S&& source, const SplitOptions& options = {}) = delete; // it would be gone

} // namespace fovea
