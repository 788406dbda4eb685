#include <fovea/losses/contrastive_nt_xent.hpp>

#include "check_gradient.hpp"
#include "support/on_all_isas.hpp"

#include <limits>

using namespace fovea;

namespace {

template <class T>
Targets<T> groups(const Tensor<std::int32_t>& labels) {
    return {.labels = labels, .values = {}};
}

} // namespace

TEST_CASE("contrastive_nt_xent: two pairs at a right angle", "[losses]") {
    const Tensor<double> y{{1, 0}, {0, 3}, {2, 0}, {0, 1}}; // of any length
    const Tensor<std::int32_t> labels{7, -4, 7, -4};        // any numbers
    // Each row: ln(e^2 + 1 + 1) - 2
    CHECK(loss_of(ContrastiveNTXent{}, y, groups<double>(labels)) == near(0.9581790648875383));
    CHECK(loss_of(ContrastiveNTXent{}, y, groups<double>(labels), {2, 0, 1, 0}) == near(0.75 * 0.9581790648875383));
    CHECK(loss_of(ContrastiveNTXent{}, y.cast<float>(), groups<float>(labels)) ==
          Catch::Approx(0.9581790648875383).epsilon(1e-6)); // products in float
}

TEST_CASE("contrastive_nt_xent: larger groups, and a row that is alone", "[losses]") {
    const Tensor<double> y{{1, 0}, {0, 1}, {0, -1}, {-1, 0}};
    const Tensor<std::int32_t> labels{0, 0, 0, 1};
    const ContrastiveNTXent loss{.temperature = 1};
    CHECK(loss_of(loss, y, groups<double>(labels)) == near(3.5859844121747537));
    // The lone row has no loss, but it matters to the others.
    CHECK(loss_of(loss, y, groups<double>(labels), {0, 0, 0, 5}) == 0);
    CHECK(gradient_of(loss, y, groups<double>(labels))(3, 1) == 0); // by symmetry
    CHECK(gradient_of(loss, y, groups<double>(labels), {1, 1, 0, 0})(3, 1) > 0);
    const Tensor<std::int32_t> all_alone{0, 1, 2, 3};
    CHECK(loss_of(loss, y, groups<double>(all_alone)) == 0);
    CHECK(gradient_of(loss, y, groups<double>(all_alone)) == Tensor<double>(Shape{4, 2}));
    const Tensor<std::int32_t> one{0};
    CHECK(loss_of(loss, Tensor<double>{{1, 2}}, groups<double>(one)) == 0);
}

TEST_CASE("contrastive_nt_xent: gradient against central differences", "[losses][gradient]") {
    const Tensor<std::int32_t> pairs{0, 1, 2, 0, 1, 2};
    const Tensor<std::int32_t> mixed{0, 0, 0, 1, 1, 2};
    for (const double temperature : {0.1, 0.5, 2.0}) {
        const ContrastiveNTXent loss{.temperature = temperature};
        CHECK(worst_gradient_error(loss, spread({6, 4}, -1, 1), groups<double>(pairs)) < 1e-6);
        CHECK(worst_gradient_error(loss, spread({6, 4}, -1, 1), groups<double>(mixed), {1, 0, 2, 0.5, 1, 3}) < 1e-6);
    }
}

TEST_CASE("contrastive_nt_xent: low temperatures do not overflow", "[losses]") {
    const Tensor<std::int32_t> labels{0, 1, 0, 1};
    const ContrastiveNTXent loss{.temperature = 1e-4};
    const Tensor<double> y{{1, 0}, {1, 0}, {-1, 0}, {0, 1}};
    CHECK(loss_of(loss, y, groups<double>(labels)) ==
          near(4e4 + 1.0986122886681098)); // the nearest counts, or the nearest three
    CHECK(std::isfinite(gradient_of(loss, y, groups<double>(labels))[0]));
}

TEST_CASE("contrastive_nt_xent: an embedding of zeros gets no gradient, NaN is not hidden", "[losses]") {
    const Tensor<std::int32_t> labels{0, 1, 0, 1};
    Tensor<double> y = spread({4, 3}, -1, 1);
    for (Index j = 0; j < 3; ++j) y(1, j) = 0;
    const Tensor<double> dy = gradient_of(ContrastiveNTXent{}, y, groups<double>(labels));
    for (Index j = 0; j < 3; ++j) CHECK(dy(1, j) == 0);
    CHECK(std::isfinite(dy(0, 0)));
    y(2, 1) = std::numeric_limits<double>::quiet_NaN();
    CHECK(std::isnan(loss_of(ContrastiveNTXent{}, y, groups<double>(labels))));
    CHECK(std::isnan(gradient_of(ContrastiveNTXent{}, y, groups<double>(labels))[0]));
}

TEST_CASE("contrastive_nt_xent: the same bits on every instruction set, and with memory given to it", "[losses]") {
    const Index batch = 37;
    const Index dim = 19;
    Tensor<std::int32_t> labels(Shape{batch});
    for (Index i = 0; i < batch; ++i) labels[i] = static_cast<std::int32_t>(i % 12);
    const auto y = uniform_numbers<float>({batch, dim}, 0);
    const auto first = on_all_isas([&] {
        std::vector<Tensor<float>> results;
        results.push_back(gradient_of(ContrastiveNTXent{}, y, groups<float>(labels)));
        results.push_back({static_cast<float>(loss_of(ContrastiveNTXent{}, y, groups<float>(labels)))});
        return results;
    });
    const AnyLoss<float> loss = ContrastiveNTXent{};
    std::vector<std::byte, AlignedAllocator<std::byte>> scratch(
        static_cast<std::size_t>(loss.scratch_bytes(y.shape())));
    Tensor<float> dy(y.shape());
    loss.evaluate({.y = y, .targets = groups<float>(labels), .weights = {}, .dy = dy, .scratch = scratch});
    CHECK(dy == first[0]);
    scratch.resize(scratch.size() - 64);
    CHECK_THROWS_AS(
        loss.evaluate({.y = y, .targets = groups<float>(labels), .weights = {}, .dy = dy, .scratch = scratch}),
        StateError);
}

TEST_CASE("contrastive_nt_xent: what it says of itself, and what it refuses", "[losses][errors]") {
    const AnyLoss<float> loss = ContrastiveNTXent{};
    CHECK(loss.whole_batch());
    CHECK_FALSE(loss.labels_are_classes());
    CHECK_NOTHROW(loss.check({8}, true, {}));
    CHECK_NOTHROW(loss.check({8}, true, {1}));
    CHECK_THROWS_WITH(loss.check({8}, false, {8}),
                      "contrastive_nt_xent: needs one label a sample, got values of shape (8,)");
    CHECK_THROWS_WITH(loss.check({2, 8}, true, {2}),
                      "contrastive_nt_xent: needs embeddings of shape (dim,), got (2, 8)");
    CHECK_THROWS_WITH(ContrastiveNTXent{.temperature = 0}.check({8}, true, {}),
                      "contrastive_nt_xent: temperature must be a finite number > 0, got 0");
}
