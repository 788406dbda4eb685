#pragma once
#include <string>

#include <fovea/core/error.hpp>

#include "catch.hpp"

/// The message with which a schedule refuses its options; empty if it does not.
template <class S>
std::string refused(const S& schedule) {
    try {
        schedule.check();
        return "";
    } catch (const fovea::ValueError& error) {
        return error.what();
    }
}
