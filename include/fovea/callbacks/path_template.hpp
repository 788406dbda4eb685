#pragma once
#include <cmath>
#include <iomanip>
#include <locale>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include <fovea/callbacks/python_number.hpp>
#include <fovea/models/logs.hpp>

namespace fovea::detail {

/// A path with fields as Python's str.format has them: `weights-{epoch:02d}-{val_loss:.2f}.safetensors`. A field is a name and perhaps
/// a form [0][width][.digits][type], with the types d (whole numbers only), f, e and g; `{{` and `}}` are braces.
class PathTemplate {
public:
    /// Throws ValueError for braces that do not match and for other forms.
    explicit PathTemplate(std::string text) : text_(std::move(text)) {
        std::string literal;
        for (std::size_t i = 0; i < text_.size(); ++i) {
            const char c = text_[i];
            if (c != '{' && c != '}') {
                literal += c;
            } else if (i + 1 < text_.size() && text_[i + 1] == c) {
                literal += c;
                ++i;
            } else {
                const std::size_t end = text_.find('}', i);
                require<ValueError>(c == '{' && end != std::string::npos, "\"", text_, "\": a brace has no partner");
                pieces_.push_back(read_field(std::move(literal), text_.substr(i + 1, end - i - 1)));
                literal.clear();
                i = end;
            }
        }
        pieces_.push_back({.literal = std::move(literal), .name = ""});
    }

    /// Epoch and batch as users count them, from 1. Throws ValueError for a field that is not there, or has no such form.
    std::string fill(Index epoch, std::optional<Index> batch, const Logs& logs) const {
        std::string path;
        for (const Piece& piece : pieces_) {
            path += piece.literal;
            if (piece.name.empty()) continue;
            const bool whole = piece.name == "epoch" || (piece.name == "batch" && batch);
            require<ValueError>(whole || logs.contains(piece.name), "\"", text_, "\": there is no ", piece.name,
                                " in the logs");
            const double value = piece.name == "epoch" ? static_cast<double>(epoch)
                                 : whole               ? static_cast<double>(*batch)
                                                       : logs.at(piece.name);
            require<ValueError>(whole || piece.type != 'd', "\"", text_, "\": ", piece.name,
                                " is not a whole number, as d expects");
            path += format(piece, value, whole);
        }
        return path;
    }

private:
    struct Piece {
        std::string literal; ///< in front of the field
        std::string name;    ///< empty at the end
        bool zeros = false;
        int width = 0;
        int digits = -1;
        char type = 0;
    };

    Piece read_field(std::string literal, const std::string& field) const {
        const std::size_t colon = std::min(field.find(':'), field.size());
        Piece piece{.literal = std::move(literal), .name = field.substr(0, colon)};
        std::size_t at = std::min(colon + 1, field.size());
        const auto digit = [&] { return at < field.size() && '0' <= field[at] && field[at] <= '9'; };
        const auto number = [&] {
            int value = 0;
            while (digit() && value < 100) value = 10 * value + (field[at++] - '0');
            return value;
        };
        if (digit() && field[at] == '0') piece.zeros = true;
        piece.width = number();
        if (at < field.size() && field[at] == '.') {
            ++at;
            piece.digits = digit() ? number() : -2;
        }
        if (at < field.size()) piece.type = field[at++];
        const bool typed = piece.type == 'f' || piece.type == 'e' || piece.type == 'g';
        const bool known = typed || (piece.digits == -1 && (piece.type == 0 || piece.type == 'd'));
        require<ValueError>(!piece.name.empty() && at == field.size() && known && piece.digits != -2, "\"", text_,
                            "\": expected a field such as {epoch:02d} or {val_loss:.2f}, got {", field, "}");
        return piece;
    }

    static std::string format(const Piece& piece, double value, bool whole) {
        std::ostringstream out;
        out.imbue(std::locale::classic());
        if (piece.type == 'f') out << std::fixed;
        if (piece.type == 'e') out << std::scientific;
        if (piece.digits >= 0) out << std::setprecision(piece.digits);
        if (whole && (piece.type == 0 || piece.type == 'd'))
            out << static_cast<Index>(value);
        else if (piece.type == 0)
            out << python_number(value);
        else
            out << value;
        std::string text = out.str();
        const auto width = static_cast<std::size_t>(piece.width);
        if (text.size() >= width) return text;
        const bool behind_sign = piece.zeros && text.front() == '-';
        return text.insert(behind_sign ? 1 : 0, width - text.size(), piece.zeros ? '0' : ' ');
    }

    std::string text_;
    std::vector<Piece> pieces_;
};

} // namespace fovea::detail
