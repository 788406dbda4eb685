#pragma once
#include <string_view>

namespace fovea {

/// The version of this copy of fovea, by semantic versioning. It stands only here: CMake, the package and pkg-config read it.
inline constexpr std::string_view version = "0.1.0";

} // namespace fovea
