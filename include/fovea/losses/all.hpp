#pragma once
#include <array>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

#include <fovea/losses/binary_crossentropy.hpp>
#include <fovea/losses/binary_focal_crossentropy.hpp>
#include <fovea/losses/categorical_crossentropy.hpp>
#include <fovea/losses/categorical_focal_crossentropy.hpp>
#include <fovea/losses/contrastive_nt_xent.hpp>
#include <fovea/losses/cosine_similarity.hpp>
#include <fovea/losses/huber.hpp>
#include <fovea/losses/kl_divergence.hpp>
#include <fovea/losses/mean_absolute_error.hpp>
#include <fovea/losses/mean_squared_error.hpp>
#include <fovea/losses/sparse_categorical_crossentropy.hpp>
#include <fovea/losses/sparse_categorical_focal_crossentropy.hpp>

namespace fovea {

/// The losses with their default settings: `.loss = Loss::mean_squared_error` says the same as
/// `.loss = MeanSquaredError{}`.
enum class Loss {
    sparse_categorical_crossentropy,
    categorical_crossentropy,
    binary_crossentropy,
    mean_squared_error,
    sparse_categorical_focal_crossentropy,
    categorical_focal_crossentropy,
    binary_focal_crossentropy,
    mean_absolute_error,
    huber,
    kl_divergence,
    cosine_similarity,
    contrastive_nt_xent,
};

namespace detail {
inline constexpr std::array<std::pair<Loss, std::string_view>, 15> loss_names{
    {{Loss::sparse_categorical_crossentropy, SparseCategoricalCrossentropy::name},
     {Loss::categorical_crossentropy, CategoricalCrossentropy::name},
     {Loss::binary_crossentropy, BinaryCrossentropy::name},
     {Loss::mean_squared_error, MeanSquaredError::name},
     {Loss::mean_squared_error, "mse"},
     {Loss::sparse_categorical_focal_crossentropy, SparseCategoricalFocalCrossentropy::name},
     {Loss::categorical_focal_crossentropy, CategoricalFocalCrossentropy::name},
     {Loss::binary_focal_crossentropy, BinaryFocalCrossentropy::name},
     {Loss::mean_absolute_error, MeanAbsoluteError::name},
     {Loss::huber, Huber::name},
     {Loss::kl_divergence, KLDivergence::name},
     {Loss::cosine_similarity, CosineSimilarity::name},
     {Loss::contrastive_nt_xent, ContrastiveNTXent::name},
     {Loss::mean_absolute_error, "mae"},
     {Loss::kl_divergence, "kld"}}};
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
    case Loss::sparse_categorical_focal_crossentropy:
        *this = SparseCategoricalFocalCrossentropy{};
        break;
    case Loss::categorical_focal_crossentropy:
        *this = CategoricalFocalCrossentropy{};
        break;
    case Loss::binary_focal_crossentropy:
        *this = BinaryFocalCrossentropy{};
        break;
    case Loss::mean_absolute_error:
        *this = MeanAbsoluteError{};
        break;
    case Loss::huber:
        *this = Huber{};
        break;
    case Loss::kl_divergence:
        *this = KLDivergence{};
        break;
    case Loss::cosine_similarity:
        *this = CosineSimilarity{};
        break;
    case Loss::contrastive_nt_xent:
        *this = ContrastiveNTXent{};
        break;
    }
    require<ValueError>(loss_ != nullptr, "Loss: there is no enumerator ", static_cast<int>(loss));
}

} // namespace fovea
