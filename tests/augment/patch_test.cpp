#include <set>

#include <fovea/augment/patch.hpp>

#include "catch.hpp"

using namespace fovea;

TEST_CASE("draw_patch: of the size that is asked for, everywhere and never outside", "[augment]") {
    std::set<Index> tops, lefts;
    for (Index sample = 0; sample < 500; ++sample) {
        Draw draw(1, sample, 0, 0);
        const detail::Patch patch = detail::draw_patch({8, 12, 3}, 0.25, 0.5, draw);
        CHECK(patch.bottom - patch.top == 2);
        CHECK(patch.right - patch.left == 6);
        CHECK(patch.pixels() == 12);
        tops.insert(patch.top);
        lefts.insert(patch.left);
    }
    // The start is between 0 and 6, so that the first pixel, which is not below it, is from 1 to 6.
    CHECK(tops == std::set<Index>{1, 2, 3, 4, 5, 6});
    CHECK(lefts == std::set<Index>{1, 2, 3, 4, 5, 6});
}

TEST_CASE("draw_patch: all of the picture, and nothing", "[augment]") {
    Draw draw(1, 0, 0, 0);
    const detail::Patch all = detail::draw_patch({8, 12, 3}, 1, 1, draw);
    CHECK(all.pixels() == 96);
    CHECK(detail::draw_patch({8, 12, 3}, 0, 0, draw).pixels() == 0);
}

TEST_CASE("each_row: places of the patch's numbers", "[augment]") {
    std::vector<std::pair<Index, Index>> rows;
    detail::each_row({.top = 1, .bottom = 3, .left = 2, .right = 4}, {4, 5, 3},
                     [&](Index first, Index count) { rows.emplace_back(first, count); });
    CHECK(rows == std::vector<std::pair<Index, Index>>{{(5 + 2) * 3, 6}, {(10 + 2) * 3, 6}});
    rows.clear();
    detail::each_row({.top = 0, .bottom = 1, .left = 1, .right = 3}, {4, 5},
                     [&](Index first, Index count) { rows.emplace_back(first, count); });
    CHECK(rows == std::vector<std::pair<Index, Index>>{{1, 2}});
}
