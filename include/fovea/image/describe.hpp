#pragma once
#include <fovea/data/describe.hpp>
#include <fovea/image/image_folder.hpp>

namespace fovea {

/// Of picture files as they are, before they are resized: also their sizes, and those that are left out or would be refused, with the
/// reason. Pictures are duplicates if their pixels are the same, whatever the files. Each is decoded once, past the cache.
inline DataReport describe(const ImageFolder& folder, DescribeOptions options = {}) {
    if (!options.progress) options.progress = image::detail::terminal_progress("describe");
    DataReport report{folder.size(), folder.sample_shape(), {}, {}, {}, {}, {}};
    for (const auto& [file, reason] : folder.skipped()) report.unreadable.push_back({file, reason});
    report.samples += static_cast<Index>(folder.skipped().size());
    detail::Look all;
    const auto look_at = [&folder](Index sample, detail::Look& look) {
        look.add_label(folder.labels()[static_cast<std::size_t>(sample)]);
        const Tensor<std::uint8_t> picture = folder.original(sample);
        look.add_size(picture.shape()[0], picture.shape()[1]);
        folder.require_fits(sample, picture.shape());
        return look.add(picture.view());
    };
    const auto name = [&folder](Index sample) { return folder.file(sample); };
    auto seen = detail::look_at_all(folder.size(), all, options, name, look_at);
    all.move_to(report, detail::class_names_of(folder, options.class_names));
    report.duplicates = detail::duplicates_among(std::move(seen), folder.labels(), name);
    return report;
}

} // namespace fovea
