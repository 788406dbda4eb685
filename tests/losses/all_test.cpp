#include <fovea/losses/all.hpp>

#include "catch.hpp"

using namespace fovea;

namespace {

struct Options {
    AnyLoss<float> loss;
};

} // namespace

TEST_CASE("Loss: an name is the loss with its default settings", "[losses]") {
    const Options options{.loss = Loss::sparse_categorical_crossentropy};
    CHECK(options.loss.name() == "sparse_categorical_crossentropy");
    CHECK(options.loss.pairs_with(Activation::softmax));
    CHECK_THROWS_AS(options.loss.check({10}, false, {10}), ShapeError);
    CHECK(AnyLoss<double>(Loss::categorical_crossentropy).name() == "categorical_crossentropy");
    CHECK(AnyLoss<double>(Loss::binary_crossentropy).pairs_with(Activation::sigmoid));
    CHECK(AnyLoss<double>(Loss::mean_squared_error).name() == "mean_squared_error");
    CHECK_FALSE(AnyLoss<double>(Loss::mean_squared_error).pairs_with(Activation::linear));

    const Options own{.loss = SparseCategoricalCrossentropy{.from_logits = true}};
    CHECK_FALSE(own.loss.pairs_with(Activation::softmax));
    CHECK_FALSE(AnyLoss<float>());

    CHECK_FALSE(own.loss.whole_batch());
    CHECK(own.loss.labels_are_classes());
    CHECK(own.loss.scratch_bytes({8, 10}) == 0);
    CHECK(AnyLoss<float>(Loss::contrastive_nt_xent).whole_batch());
}

TEST_CASE("Loss: from a name", "[losses]") {
    for (const std::string name : {"sparse_categorical_crossentropy", "categorical_crossentropy", "binary_crossentropy",
                                   "sparse_categorical_focal_crossentropy", "categorical_focal_crossentropy",
                                   "binary_focal_crossentropy", "mean_squared_error", "mean_absolute_error", "huber",
                                   "kl_divergence", "cosine_similarity", "contrastive_nt_xent"})
        CHECK(loss_from_name<double>(name).name() == name);
    CHECK(loss_from_name<float>("mse").name() == "mean_squared_error");
    CHECK(loss_from_name<float>("mae").name() == "mean_absolute_error");
    CHECK(loss_from_name<float>("kld").name() == "kl_divergence");
    CHECK_THROWS_AS(loss_from_name<float>("hinge"), ValueError);
    CHECK_THROWS_WITH(
        loss_from_name<float>("hinge"),
        "Loss: unknown name \"hinge\"; known are sparse_categorical_crossentropy, "
        "categorical_crossentropy, binary_crossentropy, sparse_categorical_focal_crossentropy, "
        "categorical_focal_crossentropy, binary_focal_crossentropy, mean_squared_error, "
        "mean_absolute_error, huber, kl_divergence, cosine_similarity, contrastive_nt_xent, mse, mae, kld");
    CHECK_THROWS_AS(loss_from_name<float>(""), ValueError);
}
