#pragma once
#include <algorithm>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include <fovea/callbacks/svg_plot.hpp>
#include <fovea/io/atomic_file.hpp>
#include <fovea/models/model.hpp>

namespace fovea {

/// Draws how training goes on as an SVG file, which any browser shows: `HistoryPlot plot("training.svg");`. Losses to the
/// left and all other metrics to the right, over the number of the epoch (from 1); a curve of training is solid, that of
/// validation dashed. The file is replaced behind each epoch, and always complete; above 1000 epochs curves are thinned out.
template <class T = float>
class HistoryPlot : public Callback<T> {
public:
    explicit HistoryPlot(std::filesystem::path filename) : filename_(std::move(filename)) {
        require<ValueError>(!filename_.empty(), "HistoryPlot: a filename is missing");
    }

    void on_train_begin() override {
        epochs_.clear();
        series_.clear();
    }

    /// Throws DataError if the file cannot be written.
    void on_epoch_end(Index epoch, const Logs& logs) override {
        for (const auto& [key, value] : logs) find(key).y.resize(epochs_.size(), missing);
        epochs_.push_back(static_cast<double>(epoch + 1));
        for (detail::Curve& curve : series_)
            curve.y.push_back(logs.contains(curve.name) ? logs.at(curve.name) : missing);
        write_atomically(filename_, detail::SvgPlot::draw(charts()));
    }

    void save_state(StateDict& state) const override {
        std::vector<std::string> names;
        for (const detail::Curve& curve : series_) {
            state.set("curve/" + curve.name, curve.y);
            names.push_back(curve.name);
        }
        state.set("curves", names);
        state.set("epochs", epochs_);
    }

    void load_state(const StateDict& state) override {
        series_.clear();
        for (const std::string& name : state.get<std::vector<std::string>>("curves"))
            find(name).y = state.get<std::vector<double>>("curve/" + name);
        epochs_ = state.get<std::vector<double>>("epochs");
    }

private:
    static constexpr double missing = std::numeric_limits<double>::quiet_NaN();

    detail::Curve& find(const std::string& key) {
        for (detail::Curve& curve : series_)
            if (curve.name == key) return curve;
        series_.push_back({.name = key, .y = {}, .dashed = key.starts_with("val_")});
        return series_.back();
    }

    std::vector<detail::Chart> charts() const {
        detail::Chart losses{"epoch", "loss", epochs_, {}};
        detail::Chart metrics{"epoch", "", epochs_, {}};
        for (const bool is_loss : {true, false}) {
            detail::Chart& chart = is_loss ? losses : metrics;
            std::vector<std::string> names; // without val_: both curves of a metric have one color
            for (detail::Curve curve : series_) {
                if (curve.name.ends_with("loss") != is_loss) continue;
                const std::string name = curve.name.substr(curve.dashed ? 4 : 0);
                const auto found = std::find(names.begin(), names.end(), name);
                curve.color = static_cast<std::size_t>(found - names.begin());
                if (found == names.end()) names.push_back(name);
                chart.curves.push_back(std::move(curve));
            }
            if (!is_loss) chart.y_label = names.size() == 1 ? names.front() : "metrics";
        }
        if (metrics.curves.empty()) return {losses};
        return {losses, metrics};
    }

    std::filesystem::path filename_;
    std::vector<double> epochs_;
    std::vector<detail::Curve> series_;
};

} // namespace fovea
