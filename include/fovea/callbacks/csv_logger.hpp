#pragma once
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <fovea/callbacks/python_number.hpp>
#include <fovea/models/model.hpp>

namespace fovea {

struct CSVLoggerOptions {
    char separator = ',';
    bool append = false; ///< go on with the file that is there
};

/// Writes each epoch's logs as a line of a CSV file, in the form that Python's csv module has: `CSVLogger logger("training.csv");`.
/// The columns are epoch (from 0) and the sorted keys of the first epoch; where one is missing later, and for
/// validation in training without it, the cell says NA.
template <class T = float>
class CSVLogger : public Callback<T> {
public:
    explicit CSVLogger(std::filesystem::path filename, CSVLoggerOptions options = {})
        : filename_(std::move(filename)), options_(options) {
        require<ValueError>(!filename_.empty(), "CSVLogger: a filename is missing");
    }

    /// Throws DataError if the file cannot be opened.
    void on_train_begin() override {
        keys_.clear();
        open(options_.append || this->is_resuming());
    }

    void on_epoch_end(Index epoch, const Logs& logs) override {
        if (keys_.empty()) begin(logs);
        std::string line = std::to_string(epoch);
        for (const std::string& key : keys_)
            line += options_.separator + cell(logs.contains(key) ? detail::python_number(logs.at(key)) : "NA");
        write(line);
    }

    void on_train_end(const Logs& /*logs*/) override { file_.close(); }

    void save_state(StateDict& state) const override {
        state.set("bytes", size());
        state.set("columns", keys_);
    }

    /// Lines that were written behind the checkpoint go, for they come again.
    void load_state(const StateDict& state) override {
        const auto bytes = state.get<Index>("bytes");
        keys_ = state.get<std::vector<std::string>>("columns");
        file_.close();
        std::error_code error; // shows when the file is opened
        if (size() > bytes) std::filesystem::resize_file(filename_, static_cast<std::uintmax_t>(bytes), error);
        if (size() == 0) keys_.clear(); // somebody has taken the file away: it gets its head again
        open(true);
    }

private:
    /// 0 if there is no file.
    Index size() const {
        std::error_code error;
        const auto bytes = std::filesystem::file_size(filename_, error);
        return error ? 0 : static_cast<Index>(bytes);
    }

    void open(bool append) {
        writes_head_ = !append || size() == 0;
        file_ = std::ofstream(filename_, std::ios::binary | (append ? std::ios::app : std::ios::trunc));
        check();
    }

    void begin(const Logs& logs) {
        for (const auto& [key, value] : logs) keys_.push_back(key);
        std::sort(keys_.begin(), keys_.end());
        const bool validated =
            std::any_of(keys_.begin(), keys_.end(), [](const std::string& key) { return key.starts_with("val_"); });
        if (const std::size_t count = keys_.size(); !validated)
            for (std::size_t i = 0; i < count; ++i) keys_.push_back("val_" + keys_[i]);
        if (!writes_head_) return;
        std::string line = "epoch";
        for (const std::string& key : keys_) line += options_.separator + cell(key);
        write(line);
    }

    std::string cell(const std::string& text) const {
        if (text.find_first_of(std::string("\"\r\n") + options_.separator) == std::string::npos) return text;
        std::string quoted = "\"";
        for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
        return quoted + '"';
    }

    void write(const std::string& line) {
        file_ << line << "\r\n" << std::flush;
        check();
    }

    void check() const { require<DataError>(file_.good(), "CSVLogger: ", filename_.string(), " cannot be written"); }

    std::filesystem::path filename_;
    CSVLoggerOptions options_;
    std::ofstream file_;
    std::vector<std::string> keys_;
    bool writes_head_ = true;
};

} // namespace fovea
