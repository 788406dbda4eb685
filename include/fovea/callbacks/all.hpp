#pragma once

// All but ModelCheckpoint, whose <fovea/callbacks/model_checkpoint.hpp> needs a JSON library.
#include <fovea/callbacks/csv_logger.hpp>
#include <fovea/callbacks/early_stopping.hpp>
#include <fovea/callbacks/history_plot.hpp>
#include <fovea/callbacks/lambda_callback.hpp>
#include <fovea/callbacks/learning_rate_scheduler.hpp>
#include <fovea/callbacks/reduce_lr_on_plateau.hpp>
#include <fovea/callbacks/stop_on_signal.hpp>
#include <fovea/callbacks/terminate_on_nan.hpp>
