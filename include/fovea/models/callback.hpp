#pragma once
#include <fovea/models/logs.hpp>

namespace fovea {

template <class T>
class Model;

/// Something that wants to know how training goes on, or to steer it, with Keras's hooks. Derive from it, override what you need,
/// and hand `fit` a pointer: `.callbacks = {&stopper}`. Numbers of epochs and batches count from 0; logs hold running means.
template <class T = float>
class Callback {
public:
    virtual ~Callback() = default;

    virtual void on_train_begin() {}
    virtual void on_train_end(const Logs& /*logs*/) {}
    virtual void on_epoch_begin(Index /*epoch*/) {}
    virtual void on_epoch_end(Index /*epoch*/, const Logs& /*logs*/) {}
    virtual void on_train_batch_begin(Index /*batch*/) {}
    virtual void on_train_batch_end(Index /*batch*/, const Logs& /*logs*/) {}
    virtual void on_test_begin() {}
    virtual void on_test_end(const Logs& /*logs*/) {}
    virtual void on_test_batch_begin(Index /*batch*/) {}
    virtual void on_test_batch_end(Index /*batch*/, const Logs& /*logs*/) {}
    virtual void on_predict_begin() {}
    virtual void on_predict_end() {}
    virtual void on_predict_batch_begin(Index /*batch*/) {}
    virtual void on_predict_batch_end(Index /*batch*/) {}

    /// The loss or a gradient of a training batch is not finite; the weights are those before it. True takes the error: fit then ends
    /// behind this batch as with stop_training, with NaN for the epoch's loss. If nobody takes it, fit throws it.
    virtual bool on_numeric_error(Index /*batch*/, const NumericError& /*error*/) { return false; }

    /// The model that is being fitted; `fit` sets it. `model().stop_training = true` ends the epoch behind this batch,
    /// and training with it.
    /// Throws StateError outside of fit.
    Model<T>& model() const {
        require<StateError>(model_ != nullptr, "Callback: model() is there only during fit");
        return *model_;
    }
    void set_model(Model<T>* model) { model_ = model; }

private:
    Model<T>* model_ = nullptr;
};

/// Several callbacks, called in order.
template <class T>
class Callbacks {
public:
    explicit Callbacks(std::vector<Callback<T>*> callbacks) : callbacks_(std::move(callbacks)) {
        for (const Callback<T>* callback : callbacks_)
            require<ValueError>(callback != nullptr, "callbacks: got a null pointer");
    }

    template <class... Parameters, class... Arguments>
    void operator()(void (Callback<T>::*hook)(Parameters...), const Arguments&... arguments) const {
        for (Callback<T>* callback : callbacks_) (callback->*hook)(arguments...);
    }

    /// Whether one of them takes the error.
    bool take(Index batch, const NumericError& error) const {
        bool taken = false;
        for (Callback<T>* callback : callbacks_) taken = callback->on_numeric_error(batch, error) || taken;
        return taken;
    }

private:
    std::vector<Callback<T>*> callbacks_;
};

} // namespace fovea
