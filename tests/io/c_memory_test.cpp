#include <vector>

#include <fovea/io/c_memory.hpp>
#include <fovea/layers/all.hpp>
#include <fovea/models/sequential.hpp>

#include "catch.hpp"

using namespace fovea;
using fovea::detail::CMemory;
using fovea::detail::CStepNeeds;

namespace {

/// The places of wires of a row of Dense layers, which does what `needs` says, one of 8 numbers each.
struct RowMemory {
    explicit RowMemory(std::vector<CStepNeeds> needs) : network(1) {
        network.add_input({8});
        for (std::size_t i = 0; i < needs.size(); ++i) network.add(Dense{8});
        const auto steps = make_steps(network.wiring(), false, false);
        const CMemory<float> memory(network.wiring(), steps, needs, "a");
        floats = memory.floats();
        for (std::size_t i = 0; i <= needs.size(); ++i) places.push_back(memory.place(i));
        scratch = memory.scratch(0);
    }

    Network<float> network;
    std::vector<std::string> places;
    std::string scratch;
    Index floats = 0;
};

} // namespace

TEST_CASE("CMemory: inputs and outputs are the caller's, what is between them takes turns") {
    const RowMemory memory({{}, {}, {}, {}});
    CHECK(memory.places == std::vector<std::string>{"x", "a", "a + 8", "a", "y"});
    CHECK(memory.floats == 16);
}

TEST_CASE("CMemory: scratch is there for its step") {
    const RowMemory memory({{.scratch = 20}, {}, {}});
    CHECK(memory.scratch == "a");
    CHECK(memory.places[1] == "a + 20");
    CHECK(memory.floats == 28);
}

TEST_CASE("CMemory: what works in place does, but not on the caller's input") {
    CHECK(RowMemory({{}, {.in_place = true}, {}}).places == std::vector<std::string>{"x", "a", "a", "y"});
    CHECK(RowMemory({{.in_place = true}, {}}).places == std::vector<std::string>{"x", "a", "y"});
    CHECK(RowMemory({{}, {.in_place = true}}).places == std::vector<std::string>{"x", "y", "y"});
}

TEST_CASE("CMemory: a copy is the same place, unless it goes from the caller to the caller") {
    CHECK(RowMemory({{}, {.is_copy = true}, {}}).places == std::vector<std::string>{"x", "a", "a", "y"});
    CHECK(RowMemory({{.is_copy = true}, {}}).places == std::vector<std::string>{"x", "x", "y"});
    CHECK(RowMemory({{}, {.is_copy = true}}).places == std::vector<std::string>{"x", "y", "y"});
    CHECK(RowMemory(std::vector<CStepNeeds>{{.is_copy = true}}).places == std::vector<std::string>{"x", "y"});
    // A step that would work in place must not on what is the caller's by way of a copy.
    CHECK(RowMemory({{.is_copy = true}, {.in_place = true}, {}}).places ==
          std::vector<std::string>{"x", "x", "a", "y"});
}
