#pragma once
#include <atomic>
#include <csignal>
#include <utility>
#include <vector>

#include <fovea/models/model.hpp>

namespace fovea {

namespace detail {

/// The last signal that came, 0 if none did.
inline std::atomic<int> caught_signal{0};
static_assert(std::atomic<int>::is_always_lock_free, "a signal handler may touch nothing else");

/// The next one of this kind does what it did before there was a handler for it: a program that hangs can still be ended.
inline void catch_signal(int number) {
    std::signal(number, SIG_DFL);
    caught_signal.store(number);
}

} // namespace detail

/// Lets a program end in good order that gets SIGINT (Ctrl-C) or SIGTERM while it trains: the batch is finished, `fit` writes its
/// checkpoint, if it keeps one, and throws Interrupted. A second signal ends the program at once.
///
///     StopOnSignal stop;
///     model.fit(train, {.epochs = 5, .callbacks = {&stop}, .checkpoint = "run/"});
///
/// Handlers are there from the beginning of training to its end, or to that of the callback. Signals are the program's: let only one
/// model at a time train with this callback.
template <class T = float>
class StopOnSignal : public Callback<T> {
public:
    explicit StopOnSignal(std::vector<int> signals = {SIGINT, SIGTERM}) : signals_(std::move(signals)) {}
    ~StopOnSignal() override { restore(); }
    StopOnSignal(const StopOnSignal&) = delete;
    StopOnSignal& operator=(const StopOnSignal&) = delete;

    /// Throws ValueError for a signal that cannot be caught.
    void on_train_begin() override {
        restore();
        detail::caught_signal = 0;
        for (const int number : signals_) {
            const auto before = std::signal(number, detail::catch_signal);
            require<ValueError>(before != SIG_ERR, "StopOnSignal: the signal ", number, " cannot be caught");
            before_.emplace_back(number, before);
        }
    }
    void on_train_batch_end(Index /*batch*/, const Logs& /*logs*/) override { look(); }
    void on_epoch_end(Index /*epoch*/, const Logs& /*logs*/) override { look(); }
    void on_train_end(const Logs& /*logs*/) override { restore(); }

private:
    void look() {
        if (detail::caught_signal != 0) this->model().interrupt_training = true;
    }

    void restore() {
        for (const auto& [number, handler] : before_) std::signal(number, handler);
        before_.clear();
    }

    std::vector<int> signals_;
    std::vector<std::pair<int, void (*)(int)>> before_; ///< the handlers that there were
};

} // namespace fovea
