#pragma once
#include <array>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

#include <fovea/losses/binary_crossentropy.hpp>
#include <fovea/losses/categorical_crossentropy.hpp>
#include <fovea/losses/mean_squared_error.hpp>
#include <fovea/losses/sparse_categorical_crossentropy.hpp>

namespace fovea {

/// The losses with their default settings: `.loss = Loss::mean_squared_error` says the same as
/// `.loss = MeanSquaredError{}`.
enum class Loss { sparse_categorical_crossentropy, categorical_crossentropy, binary_crossentropy, mean_squared_error };

namespace detail {
inline constexpr std::array<std::pair<Loss, std::string_view>, 5> loss_names{
    {{Loss::sparse_categorical_crossentropy, SparseCategoricalCrossentropy::name},
     {Loss::categorical_crossentropy, CategoricalCrossentropy::name},
     {Loss::binary_crossentropy, BinaryCrossentropy::name},
     {Loss::mean_squared_error, MeanSquaredError::name},
     {Loss::mean_squared_error, "mse"}}};
} // namespace detail

inline std::string_view name_of(Loss loss) {
    for (const auto& [value, name] : detail::loss_names)
        if (value == loss) return name;
    return "?";
}

/// Throws ValueError for an unknown name, and lists those that are known.
inline Loss loss_from_name(std::string_view wanted) {
    std::string known;
    for (const auto& [value, name] : detail::loss_names) {
        if (name == wanted) return value;
        known += (known.empty() ? "" : ", ") + std::string(name);
    }
    throw ValueError(text("Loss: unknown name \"", wanted, "\"; known are ", known));
}

inline std::ostream& operator<<(std::ostream& out, Loss loss) { return out << name_of(loss); }

template <class T>
AnyLoss<T>::AnyLoss(Loss loss) {
    switch (loss) {
    case Loss::sparse_categorical_crossentropy:
        *this = SparseCategoricalCrossentropy{};
        break;
    case Loss::categorical_crossentropy:
        *this = CategoricalCrossentropy{};
        break;
    case Loss::binary_crossentropy:
        *this = BinaryCrossentropy{};
        break;
    case Loss::mean_squared_error:
        *this = MeanSquaredError{};
        break;
    }
    require<ValueError>(loss_ != nullptr, "Loss: there is no enumerator ", static_cast<int>(loss));
}

} // namespace fovea
