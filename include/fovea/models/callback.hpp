#pragma once
#include <fovea/models/logs.hpp>
#include <fovea/models/state_dict.hpp>

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

    /// What a checkpoint keeps of this callback, so that training goes on from there as if it had never been away. `load_state` gets
    /// back what `save_state` had set; it comes behind on_train_begin, and the model gets its own state after it. The other
    /// hooks are called as if there had been no break: on_epoch_begin only if the checkpoint was not written within the epoch.
    virtual void save_state(StateDict& /*state*/) const {}
    virtual void load_state(const StateDict& /*state*/) {}

    /// In on_train_begin: whether training goes on from a checkpoint, and load_state is about to be called.
    bool is_resuming() const { return is_resuming_; }
    void set_resuming(bool is_resuming) { is_resuming_ = is_resuming; }

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
    bool is_resuming_ = false;
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
