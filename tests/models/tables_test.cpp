#include <regex>
#include <sstream>

#include "models/networks.hpp"

#include "catch.hpp"

#include "support/environment.hpp"
#include "support/isa.hpp"

using namespace fovea;

namespace {

std::string plan_of(const Model<float>& model, Index batch_size) {
    std::ostringstream out;
    model.plan(batch_size, out);
    return out.str();
}

std::string profile_of(const Model<float>& model) {
    std::ostringstream out;
    model.profile(out);
    return out.str();
}

std::vector<std::string> lines_of(const std::string& text) {
    std::istringstream in(text);
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
}

} // namespace

TEST_CASE("TextTable: columns as wide as their widest cell, numbers to the right") {
    detail::TextTable table({"Name", "Count", "Remark"});
    table.add({"a", "1,234,567", "long enough"});
    table.add({"somewhat longer", "", "x"});
    std::ostringstream out;
    table.print(out);
    CHECK(out.str() == "Name                 Count  Remark\n"
                       "a                1,234,567  long enough\n"
                       "somewhat longer             x\n");
}

TEST_CASE("plan: steps, shapes and multiply-adds in training and inference, lanes and threads") {
    const networks::Threads threads(3);
    const IsaGuard guard(Isa::generic);
    auto model = networks::small();
    model.set_fuses(false);
    const auto lines = lines_of(plan_of(model, 20));
    REQUIRE(lines.size() == 16);
    CHECK(lines[0].find("Training ") == 0);
    CHECK(lines[7].find("Inference ") == 0);
    for (const std::size_t first : {std::size_t{0}, std::size_t{7}}) {
        const auto cells = [&](std::size_t line) { // words, with single spaces
            return std::regex_replace(lines[first + line], std::regex(" +"), " ");
        };
        CHECK(cells(0).find(" Output Params Multiply-adds Bytes Kernels") != std::string::npos);
        // 4 * 4 pixels of 4 filters with 9 taps each, and 2 * 2 * 4 inputs of 3 units.
        CHECK(cells(1).find("conv2d (None, 4, 4, 4) 40 576 256 ") == 0);
        CHECK(cells(2).find("max_pooling2d (None, 2, 2, 4) ") == 0);
        CHECK(cells(3).find("flatten (None, 16) 64 ") == 0);
        CHECK(cells(4).find("dense (None, 3) 51 48 64 ") == 0); // 12 bytes take up 64
        CHECK(cells(5).find("a sample, forward 91 624 ") == 0);
        CHECK(lines[first + 6].empty());
    }
    CHECK(lines[14] ==
          "Instruction set generic, 3 threads. A training batch of 20 runs in 3 lanes of up to 8 samples.");
    CHECK(std::regex_match(lines[15], std::regex("Memory [0-9.]+ KB: parameters 364.00 B, optimizer 0.00 B, .*")));
    CHECK(plan_of(model, 7).find("A training batch of 7 runs in 1 lanes of up to 8 samples.") != std::string::npos);
}

TEST_CASE("plan: fused layers keep their names, and count what they compute") {
    auto model = networks::article();
    const std::string plan = plan_of(model, 64);
    for (const auto& layer : model.network().layers()) {
        INFO(layer.name);
        std::size_t found = 0;
        for (const std::string& line : lines_of(plan)) {
            const std::string names = " " + line.substr(0, line.find("(None")) + " ";
            found += names.find(" " + layer.name + " ") != std::string::npos;
        }
        CHECK(found == 2); // once in training, once in inference
    }
    // 26 * 26 * 32 * 9 + 10 * 10 * 64 * 288 + 3 * 3 * 64 * 576 + 576 * 64 + 64 * 10: of the second convolution's 11 x 11
    // pixels the pooling wants 10 x 10.
    CHECK(plan.find(" 2,407,168 ") != std::string::npos);
    model.set_fuses(false);
    CHECK(plan_of(model, 64).find(" 2,794,240 ") != std::string::npos);
    CHECK(plan.find("runs in 8 lanes") != std::string::npos);
}

TEST_CASE("plan: what cannot be planned") {
    std::ostringstream out;
    CHECK_THROWS_MATCHES(networks::small().plan(0, out), ValueError, says("plan"));
    CHECK_THROWS_MATCHES(networks::small().plan(-3, out), ValueError, says("-3"));
    CHECK_THROWS_MATCHES(Sequential<float>{Input{3}}.plan(8, out), StateError, says("plan: the model has no layers"));
    CHECK(out.str().empty());
}

TEST_CASE("profile: nothing before a step, and nothing of steps before it was turned on") {
    const EnvironmentVariable none("FOVEA_PROFILE", nullptr);
    auto model = networks::small();
    networks::compile(model);
    CHECK(profile_of(model).find("No profile: ") == 0);
    model.train_on_batch(networks::images(8));
    CHECK(profile_of(model).find("No profile: ") == 0);
    model.set_profiling(true);
    CHECK(profile_of(model).find("No profile: ") == 0);
    model.train_on_batch(networks::images(8));
    CHECK(profile_of(model).find("Step ") == 0);
}

TEST_CASE("profile: a line a step, whose shares of the time are all of it") {
    const IsaGuard guard(Isa::generic);
    auto model = networks::small();
    model.set_fuses(false);
    networks::compile(model);
    model.set_profiling(true);
    for (int step = 0; step < 3; ++step) model.train_on_batch(networks::images(30));
    const auto lines = lines_of(profile_of(model));
    REQUIRE(lines.size() == 6);
    const char* const names[] = {"conv2d ", "max_pooling2d ", "flatten ", "dense "};
    double sum = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        INFO(lines[i + 1]);
        CHECK(lines[i + 1].find(names[i]) == 0);
        std::smatch share;
        REQUIRE(std::regex_search(lines[i + 1], share, std::regex("([0-9.]+) % of the time$")));
        sum += std::stod(share[1]);
        const bool computes = i == 0 || i == 3; // the others have no multiply-adds to be rated by
        CHECK(std::regex_search(lines[i + 1], std::regex("[0-9] %.* [0-9]+ %.* % of the time")) == computes);
    }
    CHECK(sum == Catch::Approx(100).margin(0.2001)); // four numbers of one decimal
    CHECK(
        std::regex_match(lines.back(), std::regex("Peak of one core, measured: [0-9]+\\.[0-9] GFLOP/s \\(generic\\)")));
}

TEST_CASE("profile: FOVEA_PROFILE makes fit print it") {
    const Dataset set = networks::images(16);
    const auto printed = [&] {
        auto model = networks::small();
        networks::compile(model);
        const networks::Output output;
        model.fit(set, {.verbose = 0});
        return output.text();
    };
    {
        const EnvironmentVariable one("FOVEA_PROFILE", "1");
        CHECK(printed().find("Peak of one core") != std::string::npos);
    }
    const EnvironmentVariable none("FOVEA_PROFILE", nullptr);
    CHECK(printed().empty());
}
