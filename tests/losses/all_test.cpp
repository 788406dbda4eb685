#include <fovea/losses/all.hpp>

#include "catch.hpp"

using namespace fovea;

namespace {

struct Options {
    AnyLoss<float> loss;
};

} // namespace

TEST_CASE("Loss: an enumerator is the loss with its default settings", "[losses]") {
    const Options options{.loss = Loss::sparse_categorical_crossentropy};
    CHECK(options.loss.name() == "sparse_categorical_crossentropy");
    CHECK(options.loss.pairs_with(Activation::softmax));
    CHECK_THROWS_AS(options.loss.check({10}, false, {10}), ShapeError);
    CHECK(AnyLoss<double>(Loss::categorical_crossentropy).name() == "categorical_crossentropy");
    CHECK(AnyLoss<double>(Loss::binary_crossentropy).pairs_with(Activation::sigmoid));
    CHECK(AnyLoss<double>(Loss::mean_squared_error).name() == "mean_squared_error");
    CHECK_FALSE(AnyLoss<double>(Loss::mean_squared_error).pairs_with(Activation::linear));
    CHECK_THROWS_WITH(AnyLoss<float>(static_cast<Loss>(99)), "Loss: there is no enumerator 99");

    const Options own{.loss = SparseCategoricalCrossentropy{.from_logits = true}};
    CHECK_FALSE(own.loss.pairs_with(Activation::softmax));
    CHECK_FALSE(AnyLoss<float>());

    CHECK_FALSE(own.loss.whole_batch());
    CHECK(own.loss.labels_are_classes());
    CHECK(own.loss.scratch_bytes({8, 10}) == 0);
    CHECK(AnyLoss<float>(Loss::contrastive_nt_xent).whole_batch());
}

TEST_CASE("Loss: names", "[losses]") {
    for (const auto& [loss, name] : detail::loss_names) {
        CHECK(loss_from_name(name) == loss);
        CHECK(loss_from_name(name_of(loss)) == loss);
        CHECK(AnyLoss<float>(loss).name() == name_of(loss));
        CHECK(text(loss) == name_of(loss));
    }
    CHECK(loss_from_name("mse") == Loss::mean_squared_error);
    CHECK(loss_from_name("mae") == Loss::mean_absolute_error);
    CHECK(loss_from_name("kld") == Loss::kl_divergence);
    CHECK_THROWS_AS(loss_from_name("hinge"), ValueError);
    CHECK_THROWS_WITH(loss_from_name("hinge"),
                      "Loss: unknown name \"hinge\"; known are sparse_categorical_crossentropy, "
                      "categorical_crossentropy, binary_crossentropy, mean_squared_error, mse, "
                      "sparse_categorical_focal_crossentropy, categorical_focal_crossentropy, "
                      "binary_focal_crossentropy, mean_absolute_error, huber, kl_divergence, cosine_similarity, "
                      "contrastive_nt_xent, mae, kld");
    CHECK_THROWS_AS(loss_from_name(""), ValueError);
}
