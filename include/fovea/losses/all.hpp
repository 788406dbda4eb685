#pragma once
#include <string>
#include <string_view>

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

/// The losses with their default settings: `.loss = Loss::mean_squared_error` says the same as `.loss = MeanSquaredError{}`. Objects
/// and no enumerators, so that a program compiles only those that it names.
struct Loss {
    static constexpr SparseCategoricalCrossentropy sparse_categorical_crossentropy{};
    static constexpr CategoricalCrossentropy categorical_crossentropy{};
    static constexpr BinaryCrossentropy binary_crossentropy{};
    static constexpr SparseCategoricalFocalCrossentropy sparse_categorical_focal_crossentropy{};
    static constexpr CategoricalFocalCrossentropy categorical_focal_crossentropy{};
    static constexpr BinaryFocalCrossentropy binary_focal_crossentropy{};
    static constexpr MeanSquaredError mean_squared_error{};
    static constexpr MeanAbsoluteError mean_absolute_error{};
    static constexpr Huber huber{};
    static constexpr KLDivergence kl_divergence{};
    static constexpr CosineSimilarity cosine_similarity{};
    static constexpr ContrastiveNTXent contrastive_nt_xent{};
};

/// The loss of that name, or "mse", "mae", "kld", with its default settings. Throws ValueError for an unknown name, and lists those
/// that are known.
template <class T>
AnyLoss<T> loss_from_name(std::string_view wanted) {
    AnyLoss<T> found;
    std::string known;
    const auto offer = [&](std::string_view name, const auto& loss) {
        if (name == wanted) found = loss;
        known.append(known.empty() ? "" : ", ").append(name);
    };
    const auto offer_all = [&](const auto&... losses) { (offer(losses.name, losses), ...); };
    offer_all(Loss::sparse_categorical_crossentropy, Loss::categorical_crossentropy, Loss::binary_crossentropy,
              Loss::sparse_categorical_focal_crossentropy, Loss::categorical_focal_crossentropy,
              Loss::binary_focal_crossentropy, Loss::mean_squared_error, Loss::mean_absolute_error, Loss::huber,
              Loss::kl_divergence, Loss::cosine_similarity, Loss::contrastive_nt_xent);
    offer("mse", Loss::mean_squared_error);
    offer("mae", Loss::mean_absolute_error);
    offer("kld", Loss::kl_divergence);
    require<ValueError>(static_cast<bool>(found), "Loss: unknown name \"", wanted, "\"; known are ", known);
    return found;
}

} // namespace fovea
