#include <fstream>
#include <limits>

#include <fovea/callbacks/history_plot.hpp>

#include "callbacks/scripted.hpp"
#include "support/temporary_directory.hpp"

#include "catch.hpp"

using namespace fovea;

namespace {

std::string svg_text(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

int count_of(const std::string& text, const std::string& part) {
    int count = 0;
    for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += part.size()) ++count;
    return count;
}

} // namespace

TEST_CASE("HistoryPlot: losses to the left, metrics to the right, validation dashed") {
    const TemporaryDirectory folder;
    const auto path = folder.path() / "plot.svg";
    HistoryPlot plot(path);
    scripted::run(plot, {scripted::logs({{"accuracy", 0}, {"loss", 1}, {"val_accuracy", 0.5}, {"val_loss", 0.5}}),
                         scripted::logs({{"accuracy", 1}, {"loss", 0}, {"val_accuracy", 1}, {"val_loss", 1}})});
    const std::string svg = svg_text(path);
    CHECK_THAT(svg, contains("viewBox=\"0 0 960 340\"") && contains("translate(480 0)"));
    CHECK(count_of(svg, ">epoch</text>") == 2);
    CHECK(count_of(svg, ">loss</text>") == 2);     // axis and legend
    CHECK(count_of(svg, ">accuracy</text>") == 2); // axis and legend
    CHECK(count_of(svg, ">val_loss</text>") == 1);
    CHECK(count_of(svg, ">val_accuracy</text>") == 1);
    CHECK(count_of(svg, "<polyline") == 4);
    CHECK(count_of(svg, "stroke-dasharray") == 4); // two curves and their legends
    const auto right = svg.find("translate(480 0)");
    CHECK(svg.find(">val_loss<") < right);
    CHECK(svg.find(">val_accuracy<") > right);
    // The plot lies between x = 70 and 464, y = 26 and 292, and the axis reaches from -0.04 to 1.04.
    CHECK_THAT(svg, contains("points=\"70.0,35.9 464.0,282.1\"") && contains("points=\"70.0,159.0 464.0,35.9\""));
}

TEST_CASE("HistoryPlot: the file is complete behind each epoch, alone in its folder, and small") {
    const TemporaryDirectory folder;
    const auto path = folder.path() / "plot.svg";
    HistoryPlot plot(path);
    auto model = networks::small();
    networks::compile(model);
    struct Looker : Callback<float> {
        std::filesystem::path path;
        int epochs = 0;
        void on_epoch_end(Index, const Logs&) override {
            CHECK(svg_text(path).ends_with("</svg>\n"));
            CHECK(std::distance(std::filesystem::directory_iterator(path.parent_path()), {}) == 1);
            ++epochs;
        }
    } looker;
    looker.path = path;
    model.fit(networks::images(20),
              {.epochs = 3, .validation_split = 0.25, .verbose = 0, .callbacks = {&plot, &looker}});
    CHECK(looker.epochs == 3);
    CHECK(svg_text(path).size() < 10000);
}

TEST_CASE("HistoryPlot: numbers that come late, stay away or are not finite leave gaps") {
    const TemporaryDirectory folder;
    const auto path = folder.path() / "plot.svg";
    HistoryPlot plot(path);
    const double nan = std::numeric_limits<double>::quiet_NaN();
    scripted::run(plot, {scripted::logs({{"loss", 2}}), scripted::logs({{"loss", 1}, {"val_loss", 1}}),
                         scripted::logs({{"loss", nan}, {"val_loss", 2}})});
    const std::string svg = svg_text(path);
    CHECK_THAT(svg, contains("viewBox=\"0 0 480 340\"")); // no metrics, no second panel
    CHECK(count_of(svg, "<polyline") == 2);
    CHECK(svg.find("nan") == std::string::npos);
    CHECK_THAT(svg, contains("points=\"267.0,282.1 464.0,35.9\"")); // val_loss begins with epoch 2
    scripted::run(plot, {scripted::logs({{"loss", 2}})});
    CHECK(count_of(svg_text(path), "val_loss") == 0); // the next fit starts anew
}

TEST_CASE("HistoryPlot: a file that cannot be written") {
    const TemporaryDirectory folder;
    HistoryPlot plot(folder.path() / "missing" / "plot.svg");
    CHECK_THROWS_MATCHES(scripted::run(plot, scripted::series("loss", {1})), DataError,
                         says("plot.svg: cannot be written: "));
    CHECK_THROWS_MATCHES(HistoryPlot(""), ValueError, says("HistoryPlot: a filename is missing"));
}
