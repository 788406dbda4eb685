#pragma once
#include <fovea/schedules/cosine_decay.hpp>
#include <fovea/schedules/cosine_decay_restarts.hpp>
#include <fovea/schedules/exponential_decay.hpp>
#include <fovea/schedules/inverse_time_decay.hpp>
#include <fovea/schedules/one_cycle.hpp>
#include <fovea/schedules/piecewise_constant_decay.hpp>
#include <fovea/schedules/polynomial_decay.hpp>
