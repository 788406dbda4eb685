#include <fovea/models/spec_state.hpp>

#include <fovea/layers/all.hpp>

#include "catch.hpp"

using namespace fovea;

namespace {

template <class S>
StateDict fields_of(S spec) {
    StateDict state;
    detail::SpecState visitor(state, "layer");
    spec.fields(visitor);
    return state;
}

} // namespace

TEST_CASE("SpecState: each field by its name, to the bit") {
    const StateDict dropout = fields_of(Dropout{0.1});
    CHECK(dropout.entries().size() == 1);
    CHECK(dropout.get<double>("layer.rate") == 0.1);

    const StateDict conv = fields_of(Conv2D{.filters = 7,
                                            .kernel_size = {3, 2},
                                            .activation = Activation::relu,
                                            .use_bias = false,
                                            .kernel_initializer = Initializer::he_normal,
                                            .kernel_regularizer = L2{0.01},
                                            .kernel_constraint = MaxNorm{.max_value = 3, .axis = {0, 1, 2}}});
    CHECK(conv.get<Index>("layer.filters") == 7);
    CHECK(conv.get<std::string>("layer.kernel_size") == "(3, 2)");
    CHECK(conv.get<std::string>("layer.activation") == "relu");
    CHECK_FALSE(conv.get<bool>("layer.use_bias"));
    CHECK(conv.get<std::string>("layer.kernel_initializer") == "he_normal");
    CHECK(conv.get<double>("layer.kernel_regularizer.l1") == 0);
    CHECK(conv.get<double>("layer.kernel_regularizer.l2") == 0.01);
    CHECK(conv.get<std::string>("layer.kernel_constraint") == "MaxNorm");
    CHECK(conv.get<double>("layer.kernel_constraint.max_value") == 3);
    CHECK(conv.get<std::vector<Index>>("layer.kernel_constraint.axis") == std::vector<Index>{0, 1, 2});
    CHECK(conv.get<std::string>("layer.bias_constraint") == "none");

    CHECK(fields_of(ZeroPadding2D{.padding = {{1, 2}, {3, 4}}}).get<std::string>("layer.padding") ==
          "((1, 2), (3, 4))");
}
