#include <fovea/models/blocks.hpp>

#include "models/networks.hpp"

#include "catch.hpp"

using namespace fovea;

TEST_CASE("to_dot: a box for each input and call, an arrow for each wire between them") {
    Graph<float> graph(1);
    const auto x = graph.input({4}, "say \"x\"");
    const Shared dense{Dense{4}};
    const auto once = dense(x);
    const auto again = dense(x);
    const auto twice = dense(again);
    const auto y = Add{}(once, twice);
    const std::string dot = Model<float>{{x}, {y}}.to_dot();
    CHECK(dot.find("digraph \"functional\" {") == 0);
    CHECK(dot.find("w0 [label=\"say \\\"x\\\"\\nInputLayer\\n(None, 4)\"];") != std::string::npos);
    std::size_t boxes = 0;
    for (std::size_t at = 0; (at = dot.find("dense\\nDense\\n(None, 4)", at)) != std::string::npos; ++at) ++boxes;
    CHECK(boxes == 3);
    for (const char* arrow : {"w0 -> w1;", "w0 -> w2;", "w2 -> w3;", "w1 -> w4;", "w3 -> w4;"}) {
        INFO(arrow);
        CHECK(dot.find(arrow) != std::string::npos);
    }
    CHECK(dot.substr(dot.size() - 2) == "}\n");
}
