#include <fovea/models/state_dict.hpp>

#include <cmath>
#include <limits>

#include "support/same_bits.hpp"

#include "catch.hpp"

using namespace fovea;

TEST_CASE("StateDict: everything comes back to the bit") {
    StateDict state;
    const double tiny = std::numeric_limits<double>::denorm_min();
    const double third = 1.0 / 3;
    const std::vector<double> numbers{third, -0.0, tiny, std::numeric_limits<double>::infinity()};
    state.set("count", Index{-7});
    state.set("size", std::numeric_limits<std::uint64_t>::max());
    state.set("yes", true);
    state.set("third", third);
    state.set("half", 0.5F);
    state.set("text", "a \"text\"\nwith \xFF");
    state.set("nothing", std::string());
    state.set("numbers", numbers);
    state.set("indices", std::vector<Index>{3, -1});
    state.set("texts", std::vector<std::string>{"one", "", "three"});
    state.set("float", Tensor<float>{{1, 0.1F}, {-0.0F, 3}});
    state.set("double", Tensor<double>(Shape{2, 0, 3}));
    CHECK(state.get<Index>("count") == -7);
    CHECK(state.get<std::uint64_t>("size") == std::numeric_limits<std::uint64_t>::max());
    CHECK(state.get<bool>("yes"));
    CHECK(state.get<double>("third") == third);
    CHECK(state.get<float>("half") == 0.5F);
    CHECK(state.get<std::string>("text") == "a \"text\"\nwith \xFF");
    CHECK(state.get<std::string>("nothing").empty());
    const auto back = state.get<std::vector<double>>("numbers");
    CHECK(back == numbers);
    CHECK(std::signbit(back[1]));
    CHECK(state.get<std::vector<Index>>("indices") == std::vector<Index>{3, -1});
    CHECK(state.get<std::vector<std::string>>("texts") == std::vector<std::string>{"one", "", "three"});
    CHECK(same_bits(state.get<Tensor<float>>("float"), Tensor<float>{{1, 0.1F}, {-0.0F, 3}}));
    CHECK(state.get<Tensor<double>>("double").shape() == Shape{2, 0, 3});

    state.set("nan", std::numeric_limits<double>::quiet_NaN());
    CHECK(std::isnan(state.get<double>("nan")));
    state.set("count", 8);
    CHECK(state.get<int>("count") == 8);
}

TEST_CASE("StateDict: what is optional is left out") {
    StateDict state;
    state.set("there", std::optional<double>(0.25));
    state.set("none", std::optional<double>());
    CHECK(state.contains("there"));
    CHECK_FALSE(state.contains("none"));
    CHECK(state.get<std::optional<double>>("there") == 0.25);
    CHECK_FALSE(state.get<std::optional<double>>("none").has_value());
}

TEST_CASE("StateDict: parts") {
    StateDict inner, state;
    CHECK(inner.empty());
    inner.set("wait", 3);
    inner.set("a/b", 4);
    state.set("callbacks", 1); // beside the part, and not in it
    state.set("callbacks0", 2);
    state.add("callbacks", inner);
    CHECK(state.get<Index>("callbacks/wait") == 3);
    CHECK(state.part("callbacks").entries() == inner.entries());
    CHECK(state.part("callbacks/a").get<Index>("b") == 4);
    CHECK(state.part("other").empty());
}

TEST_CASE("StateDict: what is missing, or of another type") {
    StateDict state;
    CHECK_THROWS_MATCHES(state.get<Index>("wait"), DataError, says("there is no \"wait\"; there is nothing"));
    state.set("number", 0.5);
    state.set("list", std::vector<Index>{1});
    CHECK_THROWS_MATCHES(state.get<Index>("wait"), DataError, says("there is no \"wait\"; there is list, number"));
    CHECK_THROWS_MATCHES(state.get<Index>("number"), DataError, says("\"number\" is of another type"));
    CHECK_THROWS_AS(state.get<std::string>("number"), DataError);
    CHECK_THROWS_AS(state.get<Tensor<float>>("number"), DataError);
    CHECK_THROWS_AS(state.get<Index>("list"), DataError); // not one, though its only element could be
    StateDict::Entry entry{StateDict::Type::int64, Shape{3}, {}};
    state.set_entry("short", entry);
    CHECK_THROWS_MATCHES(state.get<std::vector<Index>>("short"), DataError, says("3 elements in 0 bytes"));
}
