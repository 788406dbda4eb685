#include <fovea/core/random.hpp>
#include <fovea/layers/all.hpp>
#include <fovea/models/network.hpp>

#include "catch.hpp"

using namespace fovea;

namespace {

bool at_the_same_time(const Lifetime& a, const Lifetime& b) { return a.from <= b.to && b.from <= a.to; }

} // namespace

TEST_CASE("lay_out: what is there at the same time has places of its own, the rest shares") {
    CHECK(lay_out(std::vector<Lifetime>{}).bytes == 0);
    const std::vector<Lifetime> row{{64, 0, 1}, {128, 1, 2}, {64, 2, 3}, {128, 3, 4}};
    const Layout layout = lay_out(row);
    CHECK(layout.bytes == 192);
    CHECK(layout.offsets == std::vector<Index>{128, 0, 128, 0});
    const std::vector<Lifetime> nothing{{0, 0, 9}, {64, 0, 9}, {0, 0, 9}};
    CHECK(lay_out(nothing).bytes == 64);
}

TEST_CASE("lay_out: random lifetimes never overlap in time and place, nor need more than all together") {
    for (std::uint32_t round = 0; round < 200; ++round) {
        const random::Stream stream{3, random::Purpose::user, round, 0};
        std::uint64_t drawn = 0;
        const auto below = [&](std::uint32_t limit) { return stream.below(drawn++, limit); };
        std::vector<Lifetime> things(1 + static_cast<std::size_t>(below(20)));
        Index all = 0;
        for (Lifetime& thing : things) {
            thing.bytes = 64 * below(9);
            thing.from = below(10);
            thing.to = thing.from + below(5);
            all += thing.bytes;
        }
        const Layout layout = lay_out(things);
        Index most = 0; // at one moment: less is not possible
        for (Index moment = 0; moment < 15; ++moment) {
            Index now = 0;
            for (const Lifetime& thing : things)
                if (thing.from <= moment && moment <= thing.to) now += thing.bytes;
            most = std::max(most, now);
        }
        CHECK(layout.bytes >= most);
        CHECK(layout.bytes <= all);
        for (std::size_t i = 0; i < things.size(); ++i) {
            CHECK(layout.offsets[i] % 64 == 0);
            CHECK(layout.offsets[i] + things[i].bytes <= layout.bytes);
            for (std::size_t j = 0; j < i; ++j) {
                if (!at_the_same_time(things[i], things[j])) continue;
                CHECK((layout.offsets[i] + things[i].bytes <= layout.offsets[j] ||
                       layout.offsets[j] + things[j].bytes <= layout.offsets[i]));
            }
        }
    }
}

TEST_CASE("inference_layout: a straight network needs its two largest neighbours") {
    Network<float> network;
    network.add_input({8});
    for (const Index units : {16, 64, 32, 16}) network.add(Dense{units});
    const auto steps = make_steps(network.wiring(), false, true);
    const Layout layout = inference_layout<float>(network.wiring(), steps);
    CHECK(layout.bytes == (64 + 32) * Index{sizeof(float)});
}
