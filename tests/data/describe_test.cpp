#include <cmath>
#include <cstdlib>
#include <limits>
#include <sstream>

#include <fovea/core/parallel.hpp>
#include <fovea/data/concatenate.hpp>
#include <fovea/data/describe.hpp>
#include <fovea/data/find_mnist.hpp>
#include <fovea/data/gzip.hpp>
#include <fovea/data/map.hpp>
#include <fovea/data/subset.hpp>

#include "catch.hpp"

using namespace fovea;

namespace {

/// 1 x 2 pixels of two channels.
Dataset five_pictures() {
    return {Tensor<std::uint8_t>(Shape{5, 1, 2, 2},
                                 {0, 0, 255, 0, 0, 51, 255, 51, 0, 0, 255, 0, 51, 0, 51, 0, 0, 0, 255, 0}),
            Tensor<std::int32_t>{0, 2, 0, 2, 2}, "five"};
}

/// Cannot read some of its samples.
struct Broken {
    Index size() const { return 4; }
    Shape sample_shape() const { return {2}; }
    void read(std::span<const Index> which, View<float> x, View<std::int32_t> labels) const {
        for (std::size_t i = 0; i < which.size(); ++i) {
            require<DataError>(which[i] != 1, "photo 1 is torn");
            if (!x.empty()) {
                x[2 * static_cast<Index>(i)] = static_cast<float>(which[i]);
                x[2 * static_cast<Index>(i) + 1] = which[i] == 3 ? std::numeric_limits<float>::infinity() : 1;
            }
            if (!labels.empty()) labels[static_cast<Index>(i)] = 0;
        }
    }
};

std::string printed(const DataReport& report) {
    std::ostringstream out;
    out << std::scientific << report;
    return out.str();
}

} // namespace

TEST_CASE("describe: counts, channels, classes and duplicates, by hand", "[data]") {
    const Dataset data = five_pictures();
    const DataReport report = describe(data, {.class_names = {"cat", "cow", "dog"}});
    CHECK(report.samples == 5);
    CHECK(report.sample_shape == Shape{1, 2, 2});
    CHECK(report.sizes.empty());
    REQUIRE(report.channels.size() == 2);
    CHECK(report.channels[0].count == 10);
    CHECK(report.channels[0].mean == Catch::Approx((4 * 1 + 2 * 0.2) / 10));
    CHECK(report.channels[0].deviation() == Catch::Approx(std::sqrt((4 + 2 * 0.04) / 10 - 0.44 * 0.44)));
    CHECK(report.channels[1].mean == Catch::Approx(0.04));
    CHECK(report.channels[1].least == 0);
    CHECK(report.channels[1].most == Catch::Approx(0.2));
    REQUIRE(report.classes.size() == 3);
    CHECK(report.classes[0].name == "cat");
    CHECK(report.classes[0].samples == 2);
    CHECK(report.classes[1].samples == 0);
    CHECK(report.classes[2].samples == 3);
    CHECK(report.imbalance() == 1.5);
    REQUIRE(report.duplicates.size() == 1);
    CHECK(report.duplicates[0].samples == std::vector<Index>{0, 2, 4});
    CHECK(report.duplicates[0].names[2] == "sample 4");
    CHECK(report.duplicates[0].across_classes);
    CHECK(report.repeated() == 2);
    CHECK(report.contradictions() == 1);
    CHECK(report.unreadable.empty());
}

TEST_CASE("describe: labels that have no name, and data without labels", "[data]") {
    Dataset data = five_pictures();
    data.labels[3] = -1;
    const DataReport report = describe(data, {.class_names = {"cat"}});
    REQUIRE(report.classes.size() == 3);
    CHECK(report.classes[0].name == "-1");
    CHECK(report.classes[1].name == "cat");
    CHECK(report.classes[2].name == "2");
    const DataReport plain = describe(data.images);
    CHECK(plain.classes.empty());
    CHECK(plain.imbalance() == 1);
    CHECK(plain.repeated() == 2);
    CHECK(plain.contradictions() == 0);
    const Tensor<double> table(Shape{2, 3}, {1, 2, 3, 4, 5, 6});
    CHECK(describe(table).channels.at(0).mean == 3.5);
    CHECK(describe(Tensor<float>(Shape{0, 3})).samples == 0);
}

TEST_CASE("describe: samples that cannot be read are named, the others counted", "[data]") {
    const DataReport report = describe(Broken{});
    CHECK(report.samples == 4);
    REQUIRE(report.unreadable.size() == 2);
    CHECK(report.unreadable[0].name == "sample 1");
    CHECK(report.unreadable[0].reason == "photo 1 is torn");
    CHECK_THAT(report.unreadable[1].reason, contains("sample 3 holds a value that is not finite (inf)"));
    CHECK(report.channels.at(0).count == 4);
    CHECK(report.channels[0].mean == 1); // of 0, 1, 2 and 1
    REQUIRE(report.classes.size() == 1);
    CHECK(report.classes[0].samples == 3); // not even the label of one is known
}

TEST_CASE("describe: data sets made of others", "[data]") {
    const Dataset data = five_pictures();
    CHECK(describe(subset(data, {0, 2})).contradictions() == 0);
    CHECK(describe(concatenate(data, data)).repeated() == 7); // of 10 samples 3 are different
    const auto brighter = map(data, [](View<float> x, Index) {
        for (float& value : x) value += 1;
    });
    CHECK(describe(brighter).channels.at(1).mean == Catch::Approx(1.04));
}

TEST_CASE("describe: the same report from every number of threads", "[data]") {
    const Dataset data = synthetic_digits(5000, 3);
    const int before = threads();
    std::vector<DataReport> reports;
    std::vector<std::pair<Index, Index>> progress;
    for (const int number : {1, 7}) {
        set_threads(number);
        reports.push_back(describe(concatenate(data, subset(data, 100, 300)),
                                   {.progress = [&](Index done, Index total) { progress.emplace_back(done, total); }}));
    }
    set_threads(before);
    CHECK(printed(reports[0]) == printed(reports[1]));
    CHECK(reports[0].channels[0].mean == reports[1].channels[0].mean);
    CHECK(reports[0].channels[0].squares == reports[1].channels[0].squares);
    CHECK(reports[0].repeated() == 200);
    CHECK(progress == std::vector<std::pair<Index, Index>>{{4096, 5200}, {5200, 5200}, {4096, 5200}, {5200, 5200}});
}

TEST_CASE("describe: MNIST", "[data]") {
    const char* const data = std::getenv("FOVEA_DATA");
    if (data == nullptr) {
        WARN("skipped: FOVEA_DATA is not set");
        return;
    }
    const DataReport report = describe(mnist::load(data).train);
    CHECK(report.channels[0].mean == Catch::Approx(0.1307).margin(5e-5)); // as everybody normalizes it
    CHECK(report.channels[0].deviation() == Catch::Approx(0.3081).margin(5e-5));
    CHECK(report.classes.size() == 10);
    CHECK(report.classes[1].samples == 6742);
    CHECK(report.classes[5].samples == 5421);
    CHECK(report.repeated() == 0);
}
