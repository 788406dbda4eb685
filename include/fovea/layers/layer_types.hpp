#pragma once

namespace fovea {

/// A list of layers' specs, which `load_model` knows by the names of their types.
template <class... Specs>
struct LayerTypes {};

} // namespace fovea
