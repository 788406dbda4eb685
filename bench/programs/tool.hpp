#pragma once
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <map>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

/// What all programs of the benchmark share: `--name value` options, timing, and one line of JSON a result.
namespace bench {

/// The command line `program COMMAND --name value ...`.
class Options {
public:
    Options(int argc, char** argv) : command_(argc > 1 ? argv[1] : "") {
        for (int i = 2; i < argc; i += 2) {
            const std::string name = argv[i];
            if (!name.starts_with("--") || i + 1 == argc)
                throw std::invalid_argument("expected --name value, got " + name);
            values_[name.substr(2)] = argv[i + 1];
        }
    }

    const std::string& command() const { return command_; }

    const std::string& text(const std::string& name) const {
        const auto found = values_.find(name);
        if (found == values_.end()) throw std::invalid_argument("--" + name + " is missing");
        return found->second;
    }
    long number(const std::string& name) const { return std::stol(text(name)); }
    double real(const std::string& name) const { return std::stod(text(name)); }

private:
    std::string command_;
    std::map<std::string, std::string> values_;
};

/// Seconds that `f()` takes.
template <class F>
double seconds_of(F&& f) {
    using Clock = std::chrono::steady_clock;
    const auto start = Clock::now();
    f();
    return std::chrono::duration<double>(Clock::now() - start).count();
}

inline double median(std::vector<double> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

/// Calls `before()`, untimed, and `f()` until `f` has taken `budget` seconds, 3 times at least. Seconds a call.
template <class Before, class F>
std::vector<double> repeat_for(double budget, Before&& before, F&& f) {
    std::vector<double> times;
    for (double spent = 0; spent < budget || times.size() < 3;) {
        before();
        times.push_back(seconds_of(f));
        spent += times.back();
    }
    return times;
}

template <class F>
std::vector<double> repeat_for(double budget, F&& f) {
    return repeat_for(
        budget, [] {}, f);
}

/// One result: prints {"name": value, ...} as a line, at once.
class JsonLine {
public:
    JsonLine& add(const std::string& name, const std::string& value) { return append(name, '"' + value + '"'); }
    JsonLine& add(const std::string& name, const char* value) { return add(name, std::string(value)); }
    template <class Number>
    requires std::is_arithmetic_v<Number> JsonLine& add(const std::string& name, Number value) {
        char digits[32];
        std::snprintf(digits, sizeof digits, "%.9g", static_cast<double>(value));
        return append(name, std::isfinite(static_cast<double>(value)) ? digits : "null"); // JSON has no infinity
    }

    void print() const {
        std::printf("{%s}\n", members_.c_str());
        std::fflush(stdout);
    }

private:
    JsonLine& append(const std::string& name, const std::string& value) {
        members_ += (members_.empty() ? "\"" : ", \"") + name + "\": " + value;
        return *this;
    }

    std::string members_;
};

/// What `infer` prints: `call()` predicts `batch` images. A tenth of the time goes ahead as a warm-up.
template <class F>
void report_inference(double budget, long batch, F&& call) {
    repeat_for(budget / 10, call);
    const std::vector<double> times = repeat_for(budget, call);
    JsonLine()
        .add("us", median(times) * 1e6)
        .add("images_per_s", static_cast<double>(batch) / median(times))
        .add("calls", times.size())
        .print();
}

/// What `train` prints. The mean loss is no measure, but shows that all have trained.
inline void report_training(double seconds, long images, long batch, double loss) {
    const double steps = static_cast<double>(images) / static_cast<double>(batch);
    JsonLine()
        .add("ms_per_step", seconds * 1e3 / steps)
        .add("seconds", seconds)
        .add("steps", steps)
        .add("loss", loss)
        .print();
}

} // namespace bench
