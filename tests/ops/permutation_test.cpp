#include <vector>

#include <fovea/ops/permutation.hpp>

#include "catch.hpp"

using namespace fovea;

namespace {

/// Which elements of x come one after another in y.
std::vector<Index> permuted(const Shape& x, const std::vector<Index>& axes, Index size) {
    std::vector<Index> places;
    ops::Permutation(x, axes).each(size, [&](Index in, Index out) {
        CHECK(out == std::ssize(places));
        places.push_back(in);
    });
    return places;
}

} // namespace

TEST_CASE("Permutation: elements in the order of y") {
    CHECK(permuted({2, 3}, {1, 0}, 6) == std::vector<Index>{0, 3, 1, 4, 2, 5});
    CHECK(permuted({2, 3}, {0, 1}, 6) == std::vector<Index>{0, 1, 2, 3, 4, 5});
    CHECK(permuted({2, 1, 3}, {2, 0, 1}, 6) == std::vector<Index>{0, 3, 1, 4, 2, 5});
    CHECK(permuted({2, 2, 2}, {1, 2, 0}, 8) == std::vector<Index>{0, 4, 1, 5, 2, 6, 3, 7});
    CHECK(permuted({2, 2}, {1, 0}, 8) == std::vector<Index>{0, 2, 1, 3, 4, 6, 5, 7}); // of two tensors
    CHECK(permuted(Shape{}, {}, 1) == std::vector<Index>{0});
    CHECK(permuted({3, 0}, {1, 0}, 0).empty());
    CHECK(ops::Permutation(Shape{4, 5, 6}, std::vector<Index>{2, 0, 1}).output() == Shape{6, 4, 5});
}
