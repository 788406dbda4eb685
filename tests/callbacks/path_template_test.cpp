#include <fovea/callbacks/path_template.hpp>

#include "callbacks/scripted.hpp"

#include "catch.hpp"

using namespace fovea;

namespace {

std::string filled(const std::string& text, double value) {
    return detail::PathTemplate(text).fill(3, 17, scripted::logs({{"loss", value}}));
}

} // namespace

TEST_CASE("PathTemplate: what Python's str.format gives") {
    CHECK(filled("plain.safetensors", 0) == "plain.safetensors");
    CHECK(filled("", 0).empty());
    CHECK(filled("{epoch}", 0) == "3");
    CHECK(filled("w{epoch:02d}-{batch:5}.x", 0) == "w03-   17.x");
    CHECK(filled("{epoch:.2f}", 0) == "3.00");
    CHECK(filled("{epoch}{batch}", 0) == "317");
    CHECK(filled("{loss:.2f}", 0.126) == "0.13");
    CHECK(filled("{loss}", 0.5) == "0.5");
    CHECK(filled("{loss:08.3f}", -1.5) == "-001.500");
    CHECK(filled("{loss:.3e}", 12345.678) == "1.235e+04");
    CHECK(filled("{loss:g}", 0.0001) == "0.0001");
    CHECK(filled("{loss:.3g}", 1234.5) == "1.23e+03");
    CHECK(filled("{loss:7.1f}", 2.25) == "    2.2");
    CHECK(filled("{loss:f}", 0.1) == "0.100000");
    CHECK(filled("{loss:04}", 0.5) == "00.5");
    CHECK(filled("{{{epoch}}}", 0) == "{3}");
    CHECK(filled("a{{b}}c", 0) == "a{b}c");
}

TEST_CASE("PathTemplate: what it cannot fill is refused") {
    const auto refused = [](const std::string& text, const std::string& why) {
        CHECK_THROWS_MATCHES(filled(text, 1), ValueError, says(why));
    };
    refused("a{epoch", "\"a{epoch\": a brace has no partner");
    refused("a}b", "a brace has no partner");
    refused("{epoch}}", "a brace has no partner");
    refused("{}", "expected a field such as {epoch:02d} or {val_loss:.2f}, got {}");
    refused("{epoch:x}", "got {epoch:x}");
    refused("{epoch:.d}", "got {epoch:.d}");
    refused("{epoch:.2d}", "got {epoch:.2d}");
    refused("{loss:.2}", "got {loss:.2}");
    refused("{loss:<5f}", "got {loss:<5f}");
    refused("{loss:.2f }", "got {loss:.2f }");
    refused("{loss:99999999999999f}", "got {loss:99999999999999f}");
    refused("{loss:d}", "loss is not a whole number, as d expects");
    refused("{val_loss:.2f}", "there is no val_loss in the logs");
    CHECK_THROWS_MATCHES(detail::PathTemplate("{batch}").fill(1, {}, {}), ValueError,
                         says("there is no batch in the logs"));
}
