#pragma once
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fovea/core/error.hpp>
#include <fovea/core/view.hpp>
#include <fovea/io/c_functions.hpp>

namespace fovea::detail {

/// The shortest decimal fraction that is the same float again: `0.1f`. Throws NumericError if it is not finite.
inline std::string c_float(double value, std::string_view what) {
    const auto number = static_cast<float>(value);
    require<NumericError>(std::isfinite(number), "export_header: ", what, " has the number ", number,
                          ", expected finite ones");
    std::array<char, 32> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    std::string result(digits.data(), end);
    if (result.find_first_of(".e") == std::string::npos) result += ".0";
    return result + 'f';
}

/// Throws ValueError for what does not fit C's int.
inline std::string c_int(Index value) {
    require<ValueError>(value <= std::numeric_limits<int>::max() && value >= -std::numeric_limits<int>::max(),
                        "export_header: expected sizes below 2^31, got ", value);
    return std::to_string(value);
}

/// A C program that grows step by step: arrays of weights, and calls of the functions in c_functions.hpp.
class CProgram {
public:
    struct Axis {
        Index extent, from, to; ///< steps in x and in y
    };

    explicit CProgram(std::string prefix) : prefix_(std::move(prefix)) {}

    /// The name of a static array of these numbers; `label` says what they are, and is part of its name.
    template <class Numbers>
    std::string array(const std::string& label, const Numbers& numbers) {
        const std::string name = free_name(label);
        data_ += text("static const float ", name, '[', c_int(static_cast<Index>(numbers.size())), "] = {");
        std::size_t column = line_width;
        for (const auto number : numbers) {
            const std::string digits = c_float(static_cast<double>(number), label);
            if (column + digits.size() + 2 > line_width) {
                data_ += "\n   ";
                column = 3;
            }
            data_ += ' ' + digits + ',';
            column += digits.size() + 2;
        }
        data_.back() = '\n';
        data_ += "};\n";
        weight_count_ += static_cast<Index>(numbers.size());
        return name;
    }

    /// A pointer to a struct of whole numbers.
    std::string window(const std::vector<Index>& fields) { return '&' + table("struct @window", "window", fields); }

    /// y = x, y + x, ... by @walk; `how` is one of = + - * > < p.
    void walk(const std::string& x, const std::string& y, const std::vector<Axis>& axes, char how) {
        std::vector<Axis> joined;
        for (const Axis& axis : axes) {
            if (axis.extent == 1) continue;
            if (!joined.empty() && joined.back().from == axis.from * axis.extent &&
                joined.back().to == axis.to * axis.extent)
                joined.back() = {joined.back().extent * axis.extent, axis.from, axis.to};
            else
                joined.push_back(axis);
        }
        if (joined.empty()) joined.push_back({1, 0, 0});
        std::vector<Index> numbers;
        for (const Axis& axis : joined) numbers.insert(numbers.end(), {axis.extent, axis.from, axis.to});
        const std::string name = table("int", "axes", numbers, joined.size());
        call("walk", {x, y, name, text(joined.size()), text('\'', how, '\'')});
    }

    void call(std::string_view function, const std::vector<std::string>& arguments) {
        use(function);
        std::string line = text("    @", function, '(');
        for (std::size_t i = 0; i < arguments.size(); ++i) line += (i > 0 ? ", " : "") + arguments[i];
        body_ += line + ");\n";
    }

    void comment(std::string words) {
        std::replace(words.begin(), words.end(), '*', '_'); // which might end it
        body_ += "    /* " + words + " */\n";
    }

    bool uses_math() const {
        return std::any_of(c_functions().begin(), c_functions().end(),
                           [&](const CFunction& f) { return f.math && used_.contains(f.name); });
    }
    Index weight_count() const { return weight_count_; }

    const std::string& body() const { return body_; }
    const std::string& data() const { return data_; }
    const std::string& tables() const { return tables_; }
    std::string functions() const {
        std::string code;
        for (const CFunction& function : c_functions())
            if (used_.contains(function.name)) code += function.code;
        return code;
    }

    /// The text with the prefix where `@` stands.
    std::string with_prefix(std::string_view code) const {
        std::string upper = prefix_;
        for (char& c : upper)
            if ('a' <= c && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
        std::string result;
        for (std::size_t i = 0; i < code.size(); ++i) {
            if (code[i] != '@') {
                result += code[i];
                continue;
            }
            const bool macro = i + 1 < code.size() && 'A' <= code[i + 1] && code[i + 1] <= 'Z';
            result += (macro ? upper : prefix_) + '_';
        }
        return result;
    }

private:
    static constexpr std::size_t line_width = 120;

    void use(std::string_view name) {
        const auto function = std::find_if(c_functions().begin(), c_functions().end(),
                                           [&](const CFunction& f) { return f.name == name; });
        used_.insert(function->name);
        for (const std::string_view other : function->needs) use(other);
    }

    /// The same one again for the same numbers.
    std::string table(std::string_view type, const std::string& label, const std::vector<Index>& numbers,
                      std::size_t rows = 0) {
        std::string list;
        for (std::size_t i = 0; i < numbers.size(); ++i) {
            const std::size_t in_row = rows == 0 ? 1 : i % (numbers.size() / rows);
            list += i == 0 ? "" : rows > 0 && in_row == 0 ? "}, {" : ", ";
            list += c_int(numbers[i]);
        }
        auto [known, is_new] = known_tables_.try_emplace(label + list);
        if (is_new) {
            known->second = free_name(label);
            const std::string extents = rows == 0 ? "" : text('[', rows, "][3]");
            tables_ += text("static const ", type, ' ', known->second, extents, " = ", rows == 0 ? "{" : "{{", list,
                            rows == 0 ? "};\n" : "}};\n");
        }
        return known->second;
    }

    /// `@label`, with all else than letters and digits as `_`, and a number behind it from the second on.
    std::string free_name(const std::string& label) {
        std::string name = "@w_";
        for (const char c : label) {
            const bool plain = ('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z') || ('0' <= c && c <= '9');
            name += plain ? c : '_';
        }
        std::string free = name;
        for (int i = 1; !names_.insert(free).second; ++i) free = text(name, '_', i);
        return free;
    }

    std::string prefix_;
    std::string body_;
    std::string data_;
    std::string tables_;
    std::set<std::string_view> used_;
    std::set<std::string> names_;
    std::map<std::string, std::string> known_tables_;
    Index weight_count_ = 0;
};

} // namespace fovea::detail
