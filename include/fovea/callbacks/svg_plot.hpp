#pragma once
#include <algorithm>
#include <cmath>
#include <iomanip>
#include <limits>
#include <locale>
#include <sstream>
#include <string>
#include <vector>

#include <fovea/core/shape.hpp>

/// Line charts as SVG text.
namespace fovea::detail {

struct Curve {
    std::string name;
    std::vector<double> y; ///< at the chart's x; a number that is not finite leaves a gap
    std::size_t color = 0; ///< number in the palette
    bool dashed = false;
};

struct Chart {
    std::string x_label;
    std::string y_label;
    std::vector<double> x;
    std::vector<Curve> curves;
};

inline std::string svg_escaped(const std::string& text) {
    std::string result;
    for (const char c : text) {
        if (c == '&')
            result += "&amp;";
        else if (c == '<')
            result += "&lt;";
        else if (c == '>')
            result += "&gt;";
        else
            result += c;
    }
    return result;
}

/// The numbers of an axis: from `low` to `high`, with a tick at each multiple of `step`, which is 1, 2 or 5 times a power of ten.
struct Axis {
    double low;
    double high;
    double step = 1;

    Axis(double from, double to, bool whole_numbers) : low(from), high(to) {
        if (!(high > low)) { // a single value gets some room around it
            const double room = whole_numbers ? 1 : std::max(std::abs(low) * 0.1, 1e-6);
            low -= room;
            high += room;
        }
        constexpr double most_ticks = 6;
        if (!whole_numbers)
            while (step > (high - low) / most_ticks) step /= 10;
        while (step * 10 <= (high - low) / most_ticks) step *= 10;
        const double unit = step;
        for (const double factor : {1, 2, 5, 10}) {
            step = unit * factor;
            if ((high - low) / step <= most_ticks) break;
        }
    }

    std::vector<double> ticks() const {
        std::vector<double> all;
        const double last = std::floor(high / step + 1e-9);
        for (double i = std::ceil(low / step - 1e-9) + 0.0; i <= last; ++i) all.push_back(i * step); // + 0.0: no "-0"
        return all;
    }

    /// Where a value lies between 0, the low end, and 1.
    double at(double value) const { return (value - low) / (high - low); }
};

/// Puts charts side by side: axes with labels, curves, and a legend above each.
class SvgPlot {
public:
    static std::string draw(const std::vector<Chart>& charts) {
        SvgPlot plot;
        return plot.drawn(charts);
    }

private:
    static constexpr double width = 480, height = 340, left = 70, right = 16, bottom = 48, line_height = 18;

    std::string drawn(const std::vector<Chart>& charts) {
        out_.imbue(std::locale::classic());
        const double total = width * static_cast<double>(std::max<std::size_t>(charts.size(), 1));
        out_ << "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " << total << ' ' << height << "\" width=\""
             << total << "\" height=\"" << height << "\" font-family=\"sans-serif\" font-size=\"12\" fill=\"#333\">\n"
             << "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n";
        for (std::size_t i = 0; i < charts.size(); ++i) {
            out_ << "<g transform=\"translate(" << width * static_cast<double>(i) << " 0)\">\n";
            draw_chart(charts[i]);
            out_ << "</g>\n";
        }
        out_ << "</svg>\n";
        return out_.str();
    }

    void draw_chart(const Chart& chart) {
        const double top = draw_legend(chart) + 8;
        double low = std::numeric_limits<double>::infinity();
        double high = -low;
        for (const Curve& curve : chart.curves)
            for (const double y : curve.y)
                if (std::isfinite(y)) {
                    low = std::min(low, y);
                    high = std::max(high, y);
                }
        const bool empty = low > high || chart.x.empty();
        const double margin = empty ? 0 : 0.04 * (high - low);
        const Axis x = empty ? Axis(0, 1, true) : Axis(chart.x.front(), chart.x.back(), true);
        const Axis y = empty ? Axis(0, 1, false) : Axis(low - margin, high + margin, false);
        const auto place_x = [&](double value) { return left + x.at(value) * (width - left - right); };
        const auto place_y = [&](double value) { return height - bottom - y.at(value) * (height - bottom - top); };

        for (const double tick : x.ticks()) {
            line(place_x(tick), top, place_x(tick), height - bottom, "#e4e4e4");
            label(place_x(tick), height - bottom + 16, "middle", number(tick));
        }
        for (const double tick : y.ticks()) {
            line(left, place_y(tick), width - right, place_y(tick), "#e4e4e4");
            label(left - 6, place_y(tick) + 4, "end", number(tick));
        }
        line(left, height - bottom, width - right, height - bottom, "#333");
        line(left, top, left, height - bottom, "#333");
        label((left + width - right) / 2, height - 10, "middle", chart.x_label);
        out_ << "<text transform=\"translate(16 " << place((top + height - bottom) / 2)
             << ") rotate(-90)\" text-anchor=\"middle\">" << svg_escaped(chart.y_label) << "</text>\n";
        for (const Curve& curve : chart.curves) draw_curve(curve, chart.x, place_x, place_y);
    }

    template <class X, class Y>
    void draw_curve(const Curve& curve, const std::vector<double>& x, X&& place_x, Y&& place_y) {
        constexpr std::size_t most = 1000; // points: a longer curve is thinned out
        const std::size_t stride = (x.size() + most - 1) / most;
        std::string points;
        std::size_t count = 0;
        std::string last_x, last_y;
        const auto finish = [&] {
            if (count == 1)
                out_ << "<circle cx=\"" << last_x << "\" cy=\"" << last_y << "\" r=\"2.5\" fill=\""
                     << color(curve.color) << "\"/>\n";
            if (count > 1) out_ << "<polyline fill=\"none\" " << stroke(curve) << " points=\"" << points << "\"/>\n";
            points.clear();
            count = 0;
        };
        for (std::size_t i = 0; i < x.size(); i = i + 1 == x.size() ? i + 1 : std::min(i + stride, x.size() - 1)) {
            if (i >= curve.y.size() || !std::isfinite(curve.y[i])) {
                finish();
                continue;
            }
            last_x = place(place_x(x[i]));
            last_y = place(place_y(curve.y[i]));
            points += (count++ > 0 ? " " : "") + last_x + ',' + last_y;
        }
        finish();
    }

    /// The rows of names above the chart; returns where they end.
    double draw_legend(const Chart& chart) {
        double x = left, y = line_height;
        for (const Curve& curve : chart.curves) {
            const double room = 44 + 7 * static_cast<double>(curve.name.size());
            if (x > left && x + room > width - right) {
                x = left;
                y += line_height;
            }
            out_ << "<line x1=\"" << place(x) << "\" y1=\"" << place(y - 4) << "\" x2=\"" << place(x + 26) << "\" y2=\""
                 << place(y - 4) << "\" " << stroke(curve) << "/>\n";
            label(x + 32, y, "start", curve.name);
            x += room;
        }
        return y;
    }

    void line(double x1, double y1, double x2, double y2, const char* stroke) {
        out_ << "<line x1=\"" << place(x1) << "\" y1=\"" << place(y1) << "\" x2=\"" << place(x2) << "\" y2=\""
             << place(y2) << "\" stroke=\"" << stroke << "\"/>\n";
    }

    void label(double x, double y, const char* anchor, const std::string& text) {
        out_ << "<text x=\"" << place(x) << "\" y=\"" << place(y) << "\" text-anchor=\"" << anchor << "\">"
             << svg_escaped(text) << "</text>\n";
    }

    static std::string stroke(const Curve& curve) {
        return std::string("stroke-width=\"1.6\" stroke=\"") + color(curve.color) +
               (curve.dashed ? "\" stroke-dasharray=\"5 3\"" : "\"");
    }

    /// Okabe and Ito's colors, which the color-blind can tell apart.
    static const char* color(std::size_t number) {
        constexpr const char* palette[] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"};
        return palette[number % std::size(palette)];
    }

    static std::string place(double value) {
        std::ostringstream out;
        out.imbue(std::locale::classic());
        out << std::fixed << std::setprecision(1) << value;
        return out.str();
    }

    static std::string number(double value) {
        std::ostringstream out;
        out.imbue(std::locale::classic());
        out << value;
        return out.str();
    }

    std::ostringstream out_;
};

} // namespace fovea::detail
