#pragma once
#include <array>
#include <ostream>
#include <string>
#include <vector>

#include <fovea/models/network.hpp>
#include <fovea/models/progress.hpp>

namespace fovea {

template <class T>
class Model;

} // namespace fovea

namespace fovea::detail {

/// `93,322`
inline std::string with_commas(Index number) {
    const std::string digits = std::to_string(number);
    std::string result;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        if (i > 0 && (digits.size() - i) % 3 == 0) result += ',';
        result += digits[i];
    }
    return result;
}

/// `93,322 (364.54 KB)`
inline std::string with_size(Index count, double size) {
    constexpr std::array units{"B", "KB", "MB", "GB", "TB"};
    std::size_t unit = 0;
    for (; size >= 1024 && unit + 1 < units.size(); ++unit) size /= 1024;
    return text(with_commas(count), " (", fixed(size, 2), ' ', units[unit], ')');
}

/// `(None, 26, 26, 32)`
inline std::string batched(const Shape& sample) {
    std::string shape = "(None";
    for (const Index extent : sample) shape += text(", ", extent);
    return shape + ")";
}

/// One line of a cell, and how many columns it takes, which `…` has fewer of than bytes.
struct CellLine {
    std::string text;
    std::size_t width = 0;
};

/// Cuts text between words into lines of at most `width` columns; a longer word ends in `…`.
inline std::vector<CellLine> wrap(std::string_view rest, std::size_t width) {
    std::vector<CellLine> lines(1);
    while (!rest.empty()) {
        const std::string word(rest.substr(0, rest.find(' ')));
        rest.remove_prefix(std::min(rest.size(), word.size() + 1));
        const std::size_t space = lines.back().width > 0 ? 1 : 0;
        if (lines.back().width + space + word.size() <= width) {
            lines.back() = {lines.back().text + std::string(space, ' ') + word,
                            lines.back().width + space + word.size()};
            continue;
        }
        if (space > 0) lines.emplace_back();
        lines.back() =
            word.size() <= width ? CellLine{word, word.size()} : CellLine{word.substr(0, width - 1) + "…", width};
    }
    return lines;
}

/// Keras's table, 88 characters wide.
class SummaryTable {
public:
    explicit SummaryTable(std::ostream& out) : out_(out) {}

    void header(const std::array<std::string, 3>& cells) {
        rule("┏", "━", "┳", "┓");
        line("┃", {CellLine{cells[0], cells[0].size()}, {cells[1], cells[1].size()}, {cells[2], cells[2].size()}});
        rule("┡", "━", "╇", "┩");
    }

    void row(const std::array<std::string, 3>& cells) {
        if (rows_++ > 0) rule("├", "─", "┼", "┤");
        std::array<std::vector<CellLine>, 3> wrapped;
        std::size_t height = 0;
        for (std::size_t c = 0; c < cells.size(); ++c) {
            wrapped[c] = wrap(cells[c], widths[c] - 2);
            height = std::max(height, wrapped[c].size());
        }
        for (std::size_t i = 0; i < height; ++i) {
            std::array<CellLine, 3> part;
            for (std::size_t c = 0; c < cells.size(); ++c)
                if (i < wrapped[c].size()) part[c] = wrapped[c][i];
            line("│", part);
        }
    }

    void footer() { rule("└", "─", "┴", "┘"); }

private:
    static constexpr std::array<std::size_t, 3> widths{38, 29, 17};

    void rule(const char* left, const char* dash, const char* cross, const char* right) {
        out_ << left;
        for (std::size_t c = 0; c < widths.size(); ++c) {
            for (std::size_t i = 0; i < widths[c]; ++i) out_ << dash;
            out_ << (c + 1 < widths.size() ? cross : right);
        }
        out_ << '\n';
    }

    void line(const char* bar, const std::array<CellLine, 3>& cells) {
        for (std::size_t c = 0; c < cells.size(); ++c) {
            const std::string space(widths[c] - 2 - std::min(widths[c] - 2, cells[c].width), ' ');
            out_ << bar << ' ' << (c == 2 ? space + cells[c].text : cells[c].text + space) << ' ';
        }
        out_ << bar << '\n';
    }

    std::ostream& out_;
    int rows_ = 0;
};

template <class T>
void print_summary(const Model<T>& model, std::ostream& out) {
    const Network<T>& network = model.network();
    out << "Model: \"" << model.name() << "\"\n";
    SummaryTable table(out);
    table.header({"Layer (type)", "Output Shape", "Param #"});
    Index trainable = 0;
    for (const NamedLayer<T>& layer : network.layers()) {
        Index count = 0;
        for (std::size_t i = layer.first; i < layer.last; ++i) {
            const NamedParameter& p = network.parameters()[i];
            count += p.place.size();
            if (network.is_trained(layer, p)) trainable += p.place.size();
        }
        table.row(
            {text(layer.name, " (", layer.layer.type(), ")"), batched(layer.layer.output_shape()), with_commas(count)});
    }
    table.footer();
    const Index parameters = model.count_params();
    const Index optimizer = model.optimizer_params(trainable);
    const auto bytes = [](Index count) { return static_cast<double>(count) * sizeof(T); };
    // One of the optimizer's numbers is its iteration, which Keras keeps in 8 bytes.
    const double optimizer_bytes = optimizer > 0 ? bytes(optimizer - 1) + 8 : 0;
    out << " Total params: " << with_size(parameters + optimizer, bytes(parameters) + optimizer_bytes) << '\n'
        << " Trainable params: " << with_size(trainable, bytes(trainable)) << '\n'
        << " Non-trainable params: " << with_size(parameters - trainable, bytes(parameters - trainable)) << '\n';
    if (optimizer > 0) out << " Optimizer params: " << with_size(optimizer, optimizer_bytes) << '\n';
}

} // namespace fovea::detail
