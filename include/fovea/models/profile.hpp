#pragma once
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include <fovea/models/steps.hpp>
#include <fovea/ops/peak.hpp>

namespace fovea {

/// Seconds that the steps of a network took in training, added up over samples and workers.
class Profile {
public:
    struct Times {
        double forward = 0;
        double backward = 0;
        Index samples = 0;
    };

    /// Adds the time until its end to `seconds`, unless that is null.
    class Timer {
    public:
        explicit Timer(double* seconds) : seconds_(seconds) {
            if (seconds_ != nullptr) start_ = Clock::now();
        }
        ~Timer() {
            if (seconds_ != nullptr) *seconds_ += std::chrono::duration<double>(Clock::now() - start_).count();
        }
        Timer(const Timer&) = delete;
        Timer& operator=(const Timer&) = delete;

    private:
        using Clock = std::chrono::steady_clock;
        double* seconds_;
        Clock::time_point start_{};
    };

    /// Whether FOVEA_PROFILE asks every fit to print one.
    static bool is_asked_for() {
        const char* const setting = std::getenv("FOVEA_PROFILE");
        return setting != nullptr && std::string_view(setting) != "0";
    }

    bool is_on() const { return on_; }
    void set_on(bool on) { on_ = on; }

    /// Starts from zero where the steps are others; not for more workers or a larger batch.
    void reserve(std::size_t workers, std::size_t steps) {
        if (steps != steps_) times_.clear();
        steps_ = steps;
        times_.resize(std::max(times_.size(), workers * steps));
    }

    /// Where a worker counts what it does in a step; null unless it is on.
    Times* at(std::size_t worker, std::size_t step) { return on_ ? &times_[worker * steps_ + step] : nullptr; }

    /// Whether nothing has been measured.
    bool empty() const {
        return std::all_of(times_.begin(), times_.end(), [](const Times& times) { return times.samples == 0; });
    }
    Times total(std::size_t step) const {
        Times sum;
        for (std::size_t i = step; i < times_.size(); i += steps_) {
            sum.forward += times_[i].forward;
            sum.backward += times_[i].backward;
            sum.samples += times_[i].samples;
        }
        return sum;
    }

private:
    bool on_ = is_asked_for();
    std::size_t steps_ = 0;
    std::vector<Times> times_; ///< worker by worker, step by step
};

} // namespace fovea
