#include <algorithm>
#include <cmath>
#include <vector>

#include <fovea/augment/draw_beta.hpp>

#include "catch.hpp"

using namespace fovea;

namespace {

std::vector<double> beta_numbers(double alpha, Index count) {
    std::vector<double> all;
    for (Index sample = 0; sample < count; ++sample) {
        Draw draw(5, sample, 0, 0);
        all.push_back(detail::draw_beta(alpha, draw));
    }
    return all;
}

/// The part below x.
double part_below(const std::vector<double>& all, double x) {
    return static_cast<double>(std::count_if(all.begin(), all.end(), [x](double value) { return value < x; })) /
           static_cast<double>(all.size());
}

} // namespace

TEST_CASE("draw_beta: the distribution function", "[augment]") {
    const double margin = 5 * 0.5 / std::sqrt(20000.0); // five standard deviations of a part of 20,000
    const double pi = 3.141592653589793;
    const auto uniform = beta_numbers(1, 20000), arcsine = beta_numbers(0.5, 20000), two = beta_numbers(2, 20000);
    for (const double x : {0.02, 0.1, 0.3, 0.5, 0.8, 0.97}) {
        CHECK(part_below(uniform, x) == Catch::Approx(x).margin(margin));
        CHECK(part_below(arcsine, x) == Catch::Approx(2 / pi * std::asin(std::sqrt(x))).margin(margin));
        CHECK(part_below(two, x) == Catch::Approx(x * x * (3 - 2 * x)).margin(margin));
    }
}

TEST_CASE("draw_beta: mean 1/2 and variance 1 / (4 (2 alpha + 1)), for very small and large alpha, too", "[augment]") {
    for (const double alpha : {0.001, 0.2, 0.9, 7.0, 1000.0}) {
        INFO(alpha);
        const auto all = beta_numbers(alpha, 20000);
        const double variance = 1 / (4 * (2 * alpha + 1));
        double sum = 0, squares = 0;
        Index outside = 0;
        for (const double value : all) {
            outside += value >= 0 && value <= 1 ? 0 : 1;
            sum += value;
            squares += (value - 0.5) * (value - 0.5);
        }
        CHECK(outside == 0);
        CHECK(sum / 20000 == Catch::Approx(0.5).margin(5 * std::sqrt(variance / 20000)));
        // The kurtosis is at most 3, so a variance's standard deviation at most variance sqrt(2 / 20,000).
        CHECK(squares / 20000 == Catch::Approx(variance).margin(5 * variance * std::sqrt(2.0 / 20000)));
    }
}
