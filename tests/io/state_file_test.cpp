#include <fovea/io/state_file.hpp>

#include <fovea/core/random.hpp>

#include "io/safetensors_files.hpp"
#include "support/temporary_directory.hpp"

#include "catch.hpp"

using namespace fovea;

namespace {

StateDict some_state() {
    StateDict state;
    state.set("model/iteration", Index{1} << 40);
    state.set("fit/loss", 0.1);
    state.set("history/keys", std::vector<std::string>{"loss", "val_\xFFloss"});
    state.set("weights/dense/kernel", Tensor<float>{{1, 2, 3}, {4, 5, 6}});
    state.set("optimizer/0", Tensor<double>{0.25, -0.5});
    state.set("none", Tensor<float>(Shape{0}));
    return state;
}

} // namespace

TEST_CASE("write_state, read_state: what is written comes back") {
    const TemporaryDirectory folder;
    const auto path = folder.path() / "state";
    const StateDict state = some_state();
    write_state(path, state);
    CHECK(read_state(path).entries() == state.entries());
    write_state(path, {});
    CHECK(read_state(path).empty());
}

TEST_CASE("write_state: any reader of safetensors finds tensors by their names") {
    const TemporaryDirectory folder;
    const auto path = folder.path() / "state";
    write_state(path, some_state());
    safetensors::File file(path);
    CHECK(file.tensor<float>("weights/dense/kernel") == Tensor<float>{{1, 2, 3}, {4, 5, 6}});
    CHECK(file.tensor<double>("fit/loss")[0] == 0.1);
    CHECK(file.tensor<std::int64_t>("model/iteration").shape() == Shape{});
    CHECK(file.metadata().at("format") == "fovea-checkpoint");
    CHECK(file.metadata().at("format_version") == "1");
}

TEST_CASE("read_state: a file that is cut off anywhere is refused") {
    const TemporaryDirectory folder;
    write_state(folder.path() / "whole", some_state());
    const std::string whole = safetensors_files::content(folder.path() / "whole");
    for (std::size_t size = 0; size < whole.size(); ++size) {
        INFO(size << " of " << whole.size() << " bytes");
        CHECK_THROWS_AS(read_state(folder.write("part", whole.substr(0, size))), DataError);
    }
    CHECK_THROWS_AS(read_state(folder.write("long", whole + '\0')), DataError);
}

TEST_CASE("read_state: no byte can be changed, but those that say nothing") {
    const TemporaryDirectory folder;
    const StateDict state = some_state();
    write_state(folder.path() / "whole", state);
    const std::string whole = safetensors_files::content(folder.path() / "whole");
    const std::size_t said = whole.find("fovea_version"), behind = whole.find('}', said);
    const random::Stream stream{5, random::Purpose::user, 0, 0};
    int harmless = 0;
    for (std::size_t i = 0; i < whole.size(); ++i) {
        std::string changed = whole;
        changed[i] = static_cast<char>(changed[i] ^ static_cast<char>(1 + stream.below(i, 255)));
        INFO("byte " << i);
        std::optional<StateDict> read;
        bool is_damaged = false, is_newer = false;
        try {
            read = read_state(folder.write("changed", changed));
        } catch (const DataError&) {
            is_damaged = true;
        } catch (const ValueError&) {
            is_newer = true;
        }
        if (read) { // right after all: the version of fovea, and the spaces that fill up the header
            CHECK(read->entries() == state.entries());
            CHECK(((said <= i && i < behind) || whole[i] == ' '));
            ++harmless;
        } else {
            CHECK((is_damaged || (is_newer && i < said)));
        }
    }
    CHECK(harmless < 40);
}

TEST_CASE("read_state: files of noise, and others that are no checkpoints") {
    const TemporaryDirectory folder;
    const random::Stream stream{6, random::Purpose::user, 0, 0};
    for (std::uint64_t i = 0; i < 200; ++i) {
        std::string noise;
        for (std::uint64_t k = 0; k < i; ++k) noise += static_cast<char>(stream.below(i * 200 + k, 256));
        CHECK_THROWS_AS(read_state(folder.write("noise", noise)), DataError);
        CHECK_THROWS_AS(read_state(folder.write("noise", safetensors_files::length(i / 2) + noise)), DataError);
    }
    CHECK_THROWS_MATCHES(read_state(folder.path() / "missing"), DataError, says("missing: there is no such file"));
    CHECK_THROWS_AS(read_state(folder.path()), DataError);
    const auto refused = [&](const std::string& header, const std::string& data) {
        return folder.write("file", safetensors_files::file(header, data));
    };
    CHECK_THROWS_MATCHES(read_state(refused("{}", "")), DataError, says("file: expected a checkpoint"));
    const std::string metadata = R"("__metadata__":{"format":"fovea-checkpoint","format_version":)";
    CHECK_THROWS_MATCHES(read_state(refused("{" + metadata + "\"2\"}}", "")), ValueError,
                         says("its format has the version \"2\", this is fovea "));
    CHECK_THROWS_MATCHES(read_state(refused("{" + metadata + "\"1\"}}", "")), DataError,
                         says("its contents are damaged, their checksum is another one"));
    CHECK_THROWS_MATCHES(
        read_state(refused("{" + metadata + R"("1"},"a":{"dtype":"I16","shape":[1],"data_offsets":[0,2]}})", "xx")),
        DataError, says("\"a\" is I16"));
    CHECK_THROWS_MATCHES(
        read_state(
            refused("{" + metadata + R"("1"},"a":{"dtype":"U8","shape":[1,1,1,1,1,1],"data_offsets":[0,1]}})", "x")),
        DataError, says("at most 5 axes"));
    CHECK_THROWS_AS(
        read_state(refused(
            "{" + metadata + R"("1"},"a":{"dtype":"U8","shape":[0,18446744073709551615],"data_offsets":[0,0]}})", "")),
        DataError);
}

TEST_CASE("write_state: places that cannot be written") {
    const TemporaryDirectory folder;
    CHECK_THROWS_MATCHES(write_state(folder.path() / "none" / "state", {}), DataError, says("cannot be written"));
    CHECK_THROWS_MATCHES(write_state(folder.path(), {}), DataError, says("it is a directory"));
}
