#include <memory>

#include <fovea/callbacks/all.hpp>
#include <fovea/callbacks/model_checkpoint.hpp>

#include "callbacks/scripted.hpp"
#include "reference/reference.hpp"
#include "support/temporary_directory.hpp"

#include "catch.hpp"

// What Keras's callbacks did with the same logs: tests/reference/record_callbacks.py.
using namespace fovea;

namespace {

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
        text.replace(at, from.size(), to);
    return text;
}

/// Sets a field for each option of the case.
template <class Options>
Options read_options(reference::Description& settings, Options options = {}) {
    const auto number = [&](const char* key, auto& field) {
        if (settings.has(key)) field = static_cast<std::remove_cvref_t<decltype(field)>>(settings.number(key));
    };
    if (settings.has("monitor")) options.monitor = settings.text("monitor");
    if (settings.has("mode")) options.mode = settings.text("mode") == "max" ? MonitorMode::max : MonitorMode::min;
    number("verbose", options.verbose);
    if constexpr (requires { options.patience; }) number("patience", options.patience);
    if constexpr (requires { options.min_delta; }) number("min_delta", options.min_delta);
    if constexpr (requires { options.baseline; }) number("baseline", options.baseline);
    if constexpr (requires { options.restore_best_weights; })
        number("restore_best_weights", options.restore_best_weights);
    if constexpr (requires { options.start_from_epoch; }) number("start_from_epoch", options.start_from_epoch);
    if constexpr (requires { options.factor; }) number("factor", options.factor);
    if constexpr (requires { options.cooldown; }) number("cooldown", options.cooldown);
    if constexpr (requires { options.min_lr; }) number("min_lr", options.min_lr);
    if constexpr (requires { options.save_best_only; }) number("save_best_only", options.save_best_only);
    if constexpr (requires { options.save_freq; }) number("save_freq", options.save_freq);
    if constexpr (requires { options.initial_value_threshold; })
        number("initial_value_threshold", options.initial_value_threshold);
    return options;
}

std::unique_ptr<Callback<float>> make_callback(reference::Description& settings, const std::filesystem::path& folder) {
    if (settings.kind() == "EarlyStopping")
        return std::make_unique<EarlyStopping<float>>(read_options<EarlyStoppingOptions>(settings));
    if (settings.kind() == "ReduceLROnPlateau")
        return std::make_unique<ReduceLROnPlateau<float>>(read_options<ReduceLROnPlateauOptions>(settings));
    if (settings.kind() == "LearningRateScheduler")
        return std::make_unique<LearningRateScheduler<float>>(
            [](Index epoch, double rate) { return rate * 0.5 + static_cast<double>(epoch); },
            static_cast<int>(settings.number("verbose")));
    REQUIRE(settings.kind() == "ModelCheckpoint");
    const std::string path = (folder / settings.text("filepath")).string() + ".safetensors";
    return std::make_unique<ModelCheckpoint<float>>(path, read_options<ModelCheckpointOptions>(settings));
}

} // namespace

TEST_CASE("callbacks: what Keras's do with the same logs, and what they print") {
    int count = 0;
    for (const reference::Case& recorded : reference::read("callbacks.txt")) {
        INFO("case " << recorded.name << ": " << recorded.lines.at("callback"));
        reference::Description settings = recorded.description("callback");
        const TemporaryDirectory folder;
        const auto callback = make_callback(settings, folder.path());
        REQUIRE(settings.all_taken());

        std::istringstream series(recorded.lines.at("series"));
        std::string name;
        series >> name;
        std::vector<double> values;
        for (double value = 0; series >> value;) values.push_back(value);
        std::istringstream numbers(recorded.lines.at("rates"));
        std::vector<double> rates;
        for (double rate = 0; numbers >> rate;) rates.push_back(rate);
        std::set<std::string> saved;
        if (recorded.lines.count("saved") > 0) {
            std::istringstream names(recorded.lines.at("saved"));
            for (std::string file; names >> file;) saved.insert(file + ".safetensors");
        }

        const scripted::Run run = scripted::run(*callback, scripted::series(name, values));
        CHECK(run.rates == rates); // products of two numbers each: exact in Python's doubles and in C++'s alike
        CHECK(run.weight == std::stod(recorded.lines.at("weight")));
        const auto output = recorded.lines.find("output");
        const std::string text = replaced(replaced(run.output, folder.path().string() + "/", ""), ".safetensors", "");
        CHECK(replaced(text, "\n", "\\n") == (output == recorded.lines.end() ? "" : output->second));
        std::set<std::string> found;
        for (const auto& file : std::filesystem::directory_iterator(folder.path()))
            found.insert(file.path().filename().string());
        CHECK(found == saved);
        ++count;
    }
    CHECK(count == 26);
}
