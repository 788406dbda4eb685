#include <limits>

#include <fovea/callbacks/svg_plot.hpp>

#include "catch.hpp"

using fovea::detail::Axis;
using fovea::detail::Chart;
using fovea::detail::SvgPlot;

namespace {

constexpr double gap = std::numeric_limits<double>::quiet_NaN();

std::size_t occurrences(const std::string& text, const std::string& part) {
    std::size_t count = 0;
    for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += part.size()) ++count;
    return count;
}

} // namespace

TEST_CASE("Axis: at most seven ticks at 1, 2 or 5 times a power of ten") {
    const auto ticks = [](double low, double high, bool whole) {
        std::string all;
        for (const double tick : Axis(low, high, whole).ticks()) all += (all.empty() ? "" : " ") + fovea::text(tick);
        return all;
    };
    CHECK(ticks(0, 1, false) == "0 0.2 0.4 0.6 0.8 1");
    CHECK(ticks(0.31, 0.69, false) == "0.4 0.5 0.6");
    CHECK(ticks(-0.5, 2.4, false) == "-0.5 0 0.5 1 1.5 2");
    CHECK(ticks(1, 5, true) == "1 2 3 4 5");
    CHECK(ticks(1, 60, true) == "10 20 30 40 50 60");
    CHECK(ticks(1, 1000, true) == "200 400 600 800 1000");
    CHECK(ticks(1, 1, true) == "0 1 2");
    CHECK(ticks(0, 3e-7, false) == "0 5e-08 1e-07 1.5e-07 2e-07 2.5e-07 3e-07");
    CHECK(ticks(0, 4e9, false) == "0 1e+09 2e+09 3e+09 4e+09");
}

TEST_CASE("Axis: places lie between 0 and 1") {
    CHECK(Axis(2, 6, true).at(3) == 0.25);
    CHECK(Axis(5, 5, false).at(5) == 0.5);
    CHECK(Axis(0, 0, false).at(0) == 0.5);
}

TEST_CASE("SvgPlot: a curve goes through the places that its numbers have") {
    // The chart is 480 wide and 340 high; the plot lies between x = 70 and 464, y = 26 and 292. The y-axis reaches from
    // -0.04 to 1.04.
    const std::string svg = SvgPlot::draw({Chart{"epoch", "loss", {1, 2, 3}, {{.name = "loss", .y = {0, 0.5, 1}}}}});
    CHECK_THAT(svg, contains("points=\"70.0,282.1 267.0,159.0 464.0,35.9\""));
    CHECK_THAT(svg, contains("viewBox=\"0 0 480 340\"") && contains(">epoch</text>") && contains(">loss</text>") &&
                        contains(">0.6</text>"));
    CHECK(occurrences(svg, "<polyline") == 1);
    CHECK(occurrences(svg, "stroke-dasharray") == 0);
}

TEST_CASE("SvgPlot: what is not finite leaves a gap, and a lone number is a dot") {
    const double infinity = std::numeric_limits<double>::infinity();
    const std::string svg = SvgPlot::draw(
        {Chart{"epoch", "loss", {1, 2, 3, 4, 5, 6}, {{.name = "loss", .y = {1, 2, gap, 1.5, -infinity, 1}}}}});
    CHECK(occurrences(svg, "<polyline") == 1);
    CHECK(occurrences(svg, "<circle") == 2);
    CHECK(svg.find("nan") == std::string::npos);
    CHECK(svg.find("inf") == std::string::npos);
    const std::string nothing = SvgPlot::draw({Chart{"epoch", "loss", {1}, {{.name = "loss", .y = {gap}}}}});
    CHECK(nothing.find("nan") == std::string::npos);
    CHECK(SvgPlot::draw({}).find("nan") == std::string::npos);
}

TEST_CASE("SvgPlot: names are escaped") {
    const std::string svg =
        SvgPlot::draw({Chart{"a<b", "c&d", {1, 2}, {{.name = "e>f", .y = {0, 1}, .dashed = true}}}});
    CHECK_THAT(svg, contains("a&lt;b") && contains("c&amp;d") && contains("e&gt;f") && contains("stroke-dasharray"));
}

TEST_CASE("SvgPlot: a long curve is thinned out, and keeps its ends") {
    Chart chart{"epoch", "loss", {}, {{.name = "loss", .y = {}}}};
    for (int i = 0; i < 100000; ++i) {
        chart.x.push_back(i + 1);
        chart.curves[0].y.push_back(i == 99999 ? 2 : 1);
    }
    const std::string svg = SvgPlot::draw({chart});
    CHECK(svg.size() < 20000);
    CHECK_THAT(svg, contains("points=\"70.0,") && contains(" 464.0,35.9\""));
}
