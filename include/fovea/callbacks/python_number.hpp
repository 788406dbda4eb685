#pragma once
#include <cmath>
#include <iomanip>
#include <locale>
#include <sstream>
#include <string>

namespace fovea::detail {

/// A number as Python writes it, whatever the program's locale: the fewest digits that give it back, so `0.1`, `1.0`, `1e-05`, `nan`.
inline std::string python_number(double value) {
    if (std::isnan(value)) return "nan";
    if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
    std::string digits;
    for (int precision = 0; precision < 17; ++precision) { // 17 digits are always enough
        std::ostringstream out;
        out.imbue(std::locale::classic());
        out << std::scientific << std::setprecision(precision) << value;
        digits = out.str();
        std::istringstream in(digits);
        in.imbue(std::locale::classic());
        double back = 0;
        if (in >> back && back == value) break;
    }
    const auto e = digits.find('e');
    const int exponent = std::stoi(digits.substr(e + 1));
    if (exponent < -4 || exponent >= 16) return digits;

    const bool negative = digits.front() == '-';
    std::string whole = digits.substr(negative, e - negative);
    if (const auto point = whole.find('.'); point != std::string::npos) whole.erase(point, 1);
    if (exponent < 0) {
        whole.insert(0, static_cast<std::size_t>(-exponent), '0');
        whole.insert(1, ".");
    } else {
        const auto point = static_cast<std::size_t>(exponent) + 1;
        if (whole.size() < point + 1) whole.append(point + 1 - whole.size(), '0');
        whole.insert(point, ".");
    }
    return (negative ? "-" : "") + whole;
}

} // namespace fovea::detail
