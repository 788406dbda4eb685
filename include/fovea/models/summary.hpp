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

/// `364.54 KB`
inline std::string size_text(double size) {
    constexpr std::array units{"B", "KB", "MB", "GB", "TB"};
    std::size_t unit = 0;
    for (; size >= 1024 && unit + 1 < units.size(); ++unit) size /= 1024;
    return text(fixed(size, 2), ' ', units[unit]);
}

/// `93,322 (364.54 KB)`
inline std::string with_size(Index count, double size) { return text(with_commas(count), " (", size_text(size), ')'); }

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

/// Keras's table, as wide as its columns, of which the third is numbers.
class SummaryTable {
public:
    SummaryTable(std::ostream& out, std::vector<std::size_t> widths) : out_(out), widths_(std::move(widths)) {}

    void header(const std::vector<std::string>& cells) {
        rule("┏", "━", "┳", "┓");
        lines("┃", cells);
        rule("┡", "━", "╇", "┩");
    }

    void row(const std::vector<std::string>& cells) {
        if (rows_++ > 0) rule("├", "─", "┼", "┤");
        lines("│", cells);
    }

    void footer() { rule("└", "─", "┴", "┘"); }

private:
    [[gnu::cold]] void lines(const char* bar, const std::vector<std::string>& cells) {
        std::vector<std::vector<CellLine>> wrapped;
        std::size_t height = 0;
        for (std::size_t c = 0; c < widths_.size(); ++c) {
            wrapped.push_back(wrap(cells[c], widths_[c] - 2));
            height = std::max(height, wrapped[c].size());
        }
        for (std::size_t i = 0; i < height; ++i) {
            std::vector<CellLine> part(widths_.size());
            for (std::size_t c = 0; c < part.size(); ++c)
                if (i < wrapped[c].size()) part[c] = wrapped[c][i];
            line(bar, part);
        }
    }

    void rule(const char* left, const char* dash, const char* cross, const char* right) {
        out_ << left;
        for (std::size_t c = 0; c < widths_.size(); ++c) {
            for (std::size_t i = 0; i < widths_[c]; ++i) out_ << dash;
            out_ << (c + 1 < widths_.size() ? cross : right);
        }
        out_ << '\n';
    }

    void line(const char* bar, const std::vector<CellLine>& cells) {
        for (std::size_t c = 0; c < cells.size(); ++c) {
            const std::string space(widths_[c] - 2 - std::min(widths_[c] - 2, cells[c].width), ' ');
            out_ << bar << ' ' << (c == 2 ? space + cells[c].text : cells[c].text + space) << ' ';
        }
        out_ << bar << '\n';
    }

    std::ostream& out_;
    std::vector<std::size_t> widths_;
    int rows_ = 0;
};

/// What a layer reads, in Keras's way: `conv2d[0][0]` is the result of conv2d's first call.
template <class T>
std::string connected_to(const Network<T>& network, std::size_t layer) {
    const Wiring<T>& wiring = network.wiring();
    std::string result;
    for (const Call<T>& call : wiring.calls) {
        if (call.of != layer) continue;
        for (const std::size_t wire : call.inputs) {
            Index number = 0;
            for (const Call<T>& other : wiring.calls)
                if (other.output < wire && network.name_of_wire(other.output) == network.name_of_wire(wire)) ++number;
            result += text(result.empty() ? "" : ", ", network.name_of_wire(wire), '[', number, "][0]");
        }
    }
    return result;
}

/// A row for each input of a model that has not the form of a Sequential.
template <class T>
void print_inputs(const Network<T>& network, SummaryTable& table) {
    for (std::size_t i = 0; i < network.inputs(); ++i)
        table.row({network.input_names()[i] + " (InputLayer)", batched(network.input_shape(i)), "0", "-"});
}

template <class T>
[[gnu::cold]] void print_summary(const Model<T>& model, std::ostream& out) {
    const Network<T>& network = model.network();
    out << "Model: \"" << model.name() << "\"\n";
    const bool straight = network.wiring().is_straight();
    SummaryTable table(out, straight ? std::vector<std::size_t>{38, 29, 17} : std::vector<std::size_t>{31, 27, 17, 28});
    table.header({"Layer (type)", "Output Shape", "Param #", "Connected to"});
    if (!straight) print_inputs(network, table);
    Index trainable = 0;
    for (std::size_t l = 0; l < network.layers().size(); ++l) {
        const NamedLayer<T>& layer = network.layers()[l];
        Index count = 0;
        for (std::size_t i = layer.first; i < layer.last; ++i) {
            const NamedParameter& p = network.parameters()[i];
            count += p.place.size();
            if (network.is_trained(layer, p)) trainable += p.place.size();
        }
        table.row({text(layer.name, " (", layer.layer.type(), ")"), batched(layer.layer.output_shape()),
                   with_commas(count), connected_to(network, l)});
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
