#pragma once
#include <string>

#include <fovea/callbacks/monitor.hpp>
#include <fovea/models/model.hpp>

namespace fovea {

struct TerminateOnNaNOptions {
    bool raise_error = false; ///< let fit throw its NumericError after all
};

/// Ends training quietly at a loss that is not finite. Without it `fit` throws a NumericError; with it `fit` prints Keras's message and the
/// error's, takes the epoch's loss as NaN, and goes on to its validation, its hooks and its end. Unlike Keras's, the weights
/// are those before the failed step. A gradient that is not finite ends training here, not a batch later.
template <class T = float>
class TerminateOnNaN : public Callback<T> {
public:
    explicit TerminateOnNaN(TerminateOnNaNOptions options = {}) : options_(options) {}

    bool on_numeric_error(Index batch, const NumericError& error) override {
        if (options_.raise_error) return false;
        detail::print_message(text("Batch ", batch, ": Invalid loss, terminating training"));
        detail::print_message(error.what());
        return true;
    }

private:
    TerminateOnNaNOptions options_;
};

} // namespace fovea
