#pragma once
#include <algorithm>
#include <cstdint>
#include <iomanip>
#include <ostream>
#include <sstream>
#include <string>
#include <vector>

#include <fovea/data/moments.hpp>

namespace fovea {

/// What `describe` finds. Prints as a page of text.
struct DataReport {
    struct Class {
        std::int32_t label;
        std::string name; ///< the label's digits where there are no names
        Index samples;
    };
    struct PictureSize {
        Index height;
        Index width;
        Index pictures;
    };
    /// Samples whose inputs are the same to the last bit.
    struct Duplicates {
        std::vector<Index> samples;     ///< two or more, the first one first
        std::vector<std::string> names; ///< of these: files, or `sample 17`
        bool across_classes = false;
    };
    struct Unreadable {
        std::string name;
        std::string reason;
    };

    Index samples = 0; ///< with those that cannot be read
    Shape sample_shape;
    std::vector<PictureSize> sizes; ///< of picture files before they are resized, the most frequent first
    std::vector<Moments> channels;  ///< of all numbers of a channel; bytes count as value / 255
    std::vector<Class> classes;     ///< by label; those with a name, and all others that occur. Empty without labels
    std::vector<Duplicates> duplicates;
    std::vector<Unreadable> unreadable; ///< what reading throws for

    /// Samples that are there once already.
    Index repeated() const {
        Index count = 0;
        for (const Duplicates& group : duplicates) count += static_cast<Index>(group.samples.size()) - 1;
        return count;
    }

    /// Groups of duplicates that have not all the same label: at least one of the labels is wrong.
    Index contradictions() const {
        return std::count_if(duplicates.begin(), duplicates.end(),
                             [](const Duplicates& group) { return group.across_classes; });
    }

    /// How many times the samples of the smallest class the largest has, leaving out empty ones; 1 without labels.
    double imbalance() const {
        Index least = 0;
        Index most = 0;
        for (const Class& c : classes) {
            if (c.samples > 0 && (least == 0 || c.samples < least)) least = c.samples;
            most = std::max(most, c.samples);
        }
        return least > 0 ? static_cast<double>(most) / static_cast<double>(least) : 1;
    }
};

namespace detail {

/// Writes a report; of long lists only the beginning.
class ReportPrinter {
public:
    ReportPrinter(std::ostream& out, const DataReport& report) : out_(out), report_(report) {}

    void print() {
        out_ << "Samples: " << report_.samples << " of " << report_.sample_shape << '\n';
        print_sizes();
        print_channels();
        print_classes();
        print_duplicates();
        out_ << "Unreadable: " << (report_.unreadable.empty() ? "none" : text(report_.unreadable.size())) << '\n';
        each(report_.unreadable,
             [this](const auto& file) { out_ << "  " << file.name << ": " << file.reason << '\n'; });
    }

private:
    static constexpr std::size_t most_lines = 10;

    template <class List, class F>
    void each(const List& list, F&& line) {
        for (std::size_t i = 0; i < std::min(list.size(), most_lines); ++i) line(list[i]);
        if (list.size() > most_lines) out_ << "  ... and " << list.size() - most_lines << " more\n";
    }

    static std::string number(double value, int digits) {
        std::ostringstream out;
        out << std::fixed << std::setprecision(digits) << value;
        return out.str();
    }
    static std::string percent(Index part, Index all) {
        return number(100 * static_cast<double>(part) / static_cast<double>(std::max<Index>(all, 1)), 1) + " %";
    }

    void print_sizes() {
        if (report_.sizes.empty()) return;
        const auto& first = report_.sizes.front();
        if (report_.sizes.size() == 1) {
            out_ << "Picture files: all " << first.height << " x " << first.width << '\n';
            return;
        }
        auto least = first;
        auto most = first;
        for (const auto& size : report_.sizes) {
            least = {std::min(least.height, size.height), std::min(least.width, size.width), 0};
            most = {std::max(most.height, size.height), std::max(most.width, size.width), 0};
        }
        out_ << "Picture files: " << report_.sizes.size() << " sizes, " << least.height << " to " << most.height
             << " high and " << least.width << " to " << most.width << " wide\n";
        each(report_.sizes, [this](const auto& size) {
            out_ << "  " << size.height << " x " << size.width << ": " << size.pictures << '\n';
        });
    }

    void print_channels() {
        if (report_.channels.empty()) return;
        out_ << "Channel       mean  deviation      least       most\n";
        Index channel = 0;
        each(report_.channels, [&](const Moments& m) {
            out_ << std::setw(7) << channel++;
            for (const double value : {m.mean, m.deviation(), m.least, m.most})
                out_ << ' ' << std::setw(10) << number(value, 5);
            out_ << '\n';
        });
    }

    void print_classes() {
        if (report_.classes.empty()) return;
        std::size_t width = 0;
        Index all = 0;
        for (const auto& c : report_.classes) {
            width = std::max(width, c.name.size());
            all += c.samples;
        }
        out_ << "Classes: " << report_.classes.size() << ", the largest has " << number(report_.imbalance(), 2)
             << " times the samples of the smallest\n";
        const auto line = [&](const DataReport::Class& c) {
            out_ << "  " << c.name << std::string(width - c.name.size(), ' ') << ' ' << std::setw(8) << c.samples << ' '
                 << std::setw(8) << percent(c.samples, all) << (c.samples == 0 ? "  no samples" : "") << '\n';
        };
        if (report_.classes.size() <= 2 * most_lines) {
            for (const auto& c : report_.classes) line(c);
            return;
        }
        auto sorted = report_.classes;
        std::stable_sort(sorted.begin(), sorted.end(),
                         [](const auto& a, const auto& b) { return a.samples > b.samples; });
        for (std::size_t i = 0; i < most_lines / 2; ++i) line(sorted[i]);
        out_ << "  ...\n";
        for (std::size_t i = sorted.size() - most_lines / 2; i < sorted.size(); ++i) line(sorted[i]);
    }

    void print_duplicates() {
        const Index repeated = report_.repeated();
        if (repeated == 0) {
            out_ << "Duplicates: none\n";
            return;
        }
        out_ << "Duplicates: " << repeated << (repeated == 1 ? " sample is" : " samples are")
             << " there once already\n";
        if (report_.contradictions() > 0)
            out_ << "  " << report_.contradictions() << " in more than one class: a label is wrong\n";
        auto sorted = report_.duplicates; // what is worst first
        std::stable_partition(sorted.begin(), sorted.end(), [](const auto& group) { return group.across_classes; });
        each(sorted, [this](const auto& group) {
            out_ << "  ";
            constexpr std::size_t most_names = 5;
            for (std::size_t i = 0; i < std::min(most_names, group.names.size()); ++i)
                out_ << (i > 0 ? " = " : "") << group.names[i];
            if (group.names.size() > most_names) out_ << " = ... (" << group.names.size() << ')';
            out_ << (group.across_classes ? "  (different classes)" : "") << '\n';
        });
    }

    std::ostream& out_;
    const DataReport& report_;
};

} // namespace detail

inline std::ostream& operator<<(std::ostream& out, const DataReport& report) {
    std::ostringstream page; // so that the stream's own settings neither matter nor change
    detail::ReportPrinter(page, report).print();
    return out << page.str();
}

} // namespace fovea
