#include <sstream>

#include <fovea/data/data_report.hpp>

#include "catch.hpp"

using namespace fovea;

namespace {

std::string page(const DataReport& report) {
    std::ostringstream out;
    out << report;
    return out.str();
}

} // namespace

TEST_CASE("DataReport: prints as a page", "[data]") {
    DataReport report;
    report.samples = 7;
    report.sample_shape = {4, 6, 1};
    report.sizes = {{4, 6, 5}, {9, 5, 1}};
    report.channels = {{168, 0.5, 42, 0, 1}};
    report.classes = {{0, "cat", 4}, {1, "cow", 0}, {2, "dog", 2}};
    report.duplicates = {{{0, 1}, {"cat/0.png", "cat/1.png"}, false}, {{2, 5}, {"cat/2.png", "dog/1.png"}, true}};
    report.unreadable = {{"dog/2.png", "the file is empty"}};
    CHECK(page(report) == "Samples: 7 of (4, 6, 1)\n"
                          "Picture files: 2 sizes, 4 to 9 high and 5 to 6 wide\n"
                          "  4 x 6: 5\n"
                          "  9 x 5: 1\n"
                          "Channel       mean  deviation      least       most\n"
                          "      0    0.50000    0.50000    0.00000    1.00000\n"
                          "Classes: 3, the largest has 2.00 times the samples of the smallest\n"
                          "  cat        4   66.7 %\n"
                          "  cow        0    0.0 %  no samples\n"
                          "  dog        2   33.3 %\n"
                          "Duplicates: 2 samples are there once already\n"
                          "  1 in more than one class: a label is wrong\n"
                          "  cat/2.png = dog/1.png  (different classes)\n"
                          "  cat/0.png = cat/1.png\n"
                          "Unreadable: 1\n"
                          "  dog/2.png: the file is empty\n");
}

TEST_CASE("DataReport: without anything wrong, and long lists cut", "[data]") {
    DataReport report;
    report.samples = 3;
    report.sample_shape = {2};
    CHECK(page(report) == "Samples: 3 of (2,)\nDuplicates: none\nUnreadable: none\n");
    report.sizes = {{4, 6, 5}};
    for (int i = 0; i < 25; ++i) {
        report.classes.push_back({i, std::to_string(i), i == 7 ? 90 : i == 9 ? 1 : 2});
        report.unreadable.push_back({std::to_string(i) + ".png", "torn"});
    }
    const std::string text = page(report);
    CHECK_THAT(text, contains("Picture files: all 4 x 6\n"));
    CHECK_THAT(text, contains("Classes: 25, the largest has 90.00 times the samples of the smallest\n  7        90"));
    CHECK_THAT(text, contains("  ...\n"));
    CHECK_THAT(text, contains("  9         1"));
    CHECK_THAT(text, contains("Unreadable: 25\n  0.png: torn\n"));
    CHECK_THAT(text, contains("  ... and 15 more\n"));
    DataReport one;
    one.duplicates = {{{0, 1, 2, 3, 4, 5}, {"a", "b", "c", "d", "e", "f"}, false}};
    CHECK_THAT(page(one), contains("5 samples are there once already\n  a = b = c = d = e = ... (6)\n"));
}
