#pragma once
#include <chrono>
#include <cmath>
#include <cstdio>
#include <iomanip>
#include <ostream>
#include <sstream>
#include <string>

#if defined(_WIN32)
#include <io.h>
#else
#include <unistd.h>
#endif

#include <fovea/models/logs.hpp>

namespace fovea {

namespace detail {

inline bool stdout_is_terminal() {
#if defined(_WIN32)
    return _isatty(1) != 0;
#else
    return isatty(STDOUT_FILENO) != 0;
#endif
}

inline std::string fixed(double value, int digits) {
    std::ostringstream out;
    out << std::fixed << std::setprecision(digits) << value;
    return out.str();
}

/// Keras's way of writing a metric: 4 decimals, or 5 digits and an exponent when those would be nothing.
inline std::string format_metric(double value) {
    if (!(std::abs(value) <= 1e-3)) return fixed(value, 4);
    std::ostringstream out;
    out << std::scientific << std::setprecision(4) << value;
    return out.str();
}

/// ` - accuracy: 0.9712 - loss: 0.0934`
inline std::string format_logs(const Logs& logs) {
    std::string line;
    for (const auto& [name, value] : logs) line += text(" - ", name, ": ", format_metric(value));
    return line;
}

inline std::string format_step_time(double seconds) {
    if (seconds >= 1 || seconds == 0) return fixed(seconds, 0) + "s/step";
    return seconds >= 1e-3 ? fixed(seconds * 1e3, 0) + "ms/step" : fixed(seconds * 1e6, 0) + "us/step";
}

/// Remaining time: `42s`, `1:05`, `1:02:03`.
inline std::string format_eta(double seconds) {
    const auto whole = static_cast<long long>(seconds);
    const auto two = [](long long value) { return text(value < 10 ? "0" : "", value); };
    if (whole >= 3600) return text(whole / 3600, ':', two(whole % 3600 / 60), ':', two(whole % 60));
    if (whole >= 60) return text(whole / 60, ':', two(whole % 60));
    return text(whole, 's');
}

} // namespace detail

/// Keras's progress line. On a terminal it is redrawn at most every 50 ms; elsewhere, and with verbose 2, one plain line
/// is written at the end.
class Progress {
public:
    using Clock = std::chrono::steady_clock;

    /// `done` steps have been taken before.
    Progress(std::ostream& out, int verbose, bool terminal, Index steps, Index done = 0)
        : out_(out), verbose_(verbose), redraws_(verbose == 1 && terminal), steps_(steps), before_(done),
          start_(Clock::now()) {}

    void update(Index done, const Logs& logs) {
        if (done == before_ + 1) first_done_ = Clock::now();
        if (!redraws_ || done >= steps_ || Clock::now() - drawn_ < std::chrono::milliseconds(50)) return;
        drawn_ = Clock::now();
        draw(done, logs);
    }

    void finish(const Logs& logs) {
        if (verbose_ == 0) return;
        if (redraws_) {
            draw(steps_, logs);
            out_ << '\n';
        } else {
            out_ << steps_ << '/' << steps_ << " - " << detail::fixed(seconds(start_), 0) << "s - "
                 << detail::format_step_time(step_time(steps_)) << detail::format_logs(logs) << '\n';
        }
        out_.flush();
    }

    /// One line of the bar, as Keras draws it.
    [[gnu::cold]] static std::string line(Index done, Index steps, double elapsed, double step_time, const Logs& logs) {
        constexpr Index width = 20;
        const std::string total = std::to_string(steps);
        std::string count = std::to_string(done);
        count.insert(0, total.size() - std::min(total.size(), count.size()), ' ');
        const Index filled = steps > 0 ? width * done / steps : width;
        std::string bar;
        if (filled > 0) bar += text("\033[32m", repeat("━", filled), "\033[0m");
        bar += text("\033[37m", repeat("━", width - filled), "\033[0m");
        const std::string time = done < steps ? detail::format_eta(step_time * static_cast<double>(steps - done))
                                              : detail::fixed(elapsed, 0) + "s";
        return text("\033[1m", count, '/', total, "\033[0m ", bar, " \033[1m", time, "\033[0m ",
                    detail::format_step_time(step_time), detail::format_logs(logs));
    }

private:
    static std::string repeat(std::string_view part, Index times) {
        std::string all;
        for (Index i = 0; i < times; ++i) all += part;
        return all;
    }

    static double seconds(Clock::time_point since) {
        return std::chrono::duration<double>(Clock::now() - since).count();
    }

    /// The first step, which allocates everything, is left out where there are others.
    double step_time(Index done) const {
        const bool timed = first_done_ != Clock::time_point{};
        const Index own = done - before_;
        return timed && own > 1 ? seconds(first_done_) / static_cast<double>(own - 1)
                                : seconds(start_) / static_cast<double>(std::max<Index>(own, 1));
    }

    void draw(Index done, const Logs& logs) {
        const std::string text = line(done, steps_, seconds(start_), step_time(done), logs);
        out_ << '\r' << text << "\033[K" << std::flush;
    }

    std::ostream& out_;
    int verbose_;
    bool redraws_;
    Index steps_;
    Index before_;
    Clock::time_point start_;
    Clock::time_point first_done_{};
    Clock::time_point drawn_{};
};

} // namespace fovea
