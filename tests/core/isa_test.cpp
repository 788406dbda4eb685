#include <sstream>
#include <string>
#include <type_traits>

#include <fovea/core/isa.hpp>
#include <fovea/core/simd.hpp>

#include "catch.hpp"

#include "support/environment.hpp"
#include "support/isa.hpp"

using namespace fovea;

namespace {

constexpr auto no_such_isa = static_cast<Isa>(99);

/// "generic, avx2", in the order of Isa.
std::string list_of_available() {
    std::string list;
    for (const Isa isa : available_isas()) list += (list.empty() ? "" : ", ") + std::string(name_of(isa));
    return list;
}

} // namespace

TEST_CASE("Isa: names") {
    CHECK(name_of(Isa::generic) == "generic");
    CHECK(name_of(Isa::avx2) == "avx2");
    CHECK(name_of(Isa::avx512) == "avx512");
    CHECK(name_of(no_such_isa) == "?");
    for (const Isa isa : available_isas()) CHECK(isa_from_name(name_of(isa)) == isa);
    std::ostringstream out;
    out << Isa::avx512;
    CHECK(out.str() == "avx512");
}

TEST_CASE("Isa: generic runs everywhere, and what runs a wider one runs the narrower ones") {
    CHECK(is_available(Isa::generic));
    if (is_available(Isa::avx512)) CHECK(is_available(Isa::avx2));
    CHECK_FALSE(is_available(no_such_isa));
#if !defined(__x86_64__)
    CHECK_FALSE(is_available(Isa::avx2));
#endif
    CHECK(is_available(isa()));
}

TEST_CASE("Isa: a name that cannot run here is refused, with those that can") {
    for (const char* name : {"", "sse2", "AVX2", "avx2 ", "avx51"}) {
        INFO(name);
        CHECK_THROWS_MATCHES(
            isa_from_name(name), ValueError,
            says("Isa: no instruction set \"" + std::string(name) + "\" here; there are " + list_of_available()));
    }
    for (const Isa isa : {Isa::avx2, Isa::avx512})
        if (!is_available(isa)) CHECK_THROWS_AS(isa_from_name(name_of(isa)), ValueError);
}

TEST_CASE("FOVEA_ISA chooses; without it the best one is taken") {
    for (const Isa isa : available_isas()) {
        const EnvironmentVariable setting("FOVEA_ISA", std::string(name_of(isa)).c_str());
        CHECK(detail::initial_isa() == isa);
    }
    {
        const EnvironmentVariable setting("FOVEA_ISA", "avx1024");
        CHECK_THROWS_MATCHES(detail::initial_isa(), ValueError,
                             says("FOVEA_ISA: no instruction set \"avx1024\" here; there are " + list_of_available()));
    }
    const EnvironmentVariable none("FOVEA_ISA", nullptr);
    CHECK(detail::initial_isa() == available_isas().back());
}

TEST_CASE("set_isa: what cannot run here is refused and changes nothing") {
    const IsaGuard guard;
    for (const Isa available : available_isas()) {
        set_isa(available);
        CHECK(isa() == available);
        CHECK_THROWS_MATCHES(set_isa(no_such_isa), ValueError,
                             says("set_isa: no instruction set \"?\" here; there are " + list_of_available()));
        for (const Isa other : {Isa::avx2, Isa::avx512})
            if (!is_available(other))
                CHECK_THROWS_MATCHES(set_isa(other), ValueError, says(std::string(name_of(other))));
        CHECK(isa() == available);
    }
}

TEST_CASE("dispatch calls the target of the instruction set in use, and returns what it returns") {
    const IsaGuard guard;
    const auto called = [](Isa isa) {
        set_isa(isa);
        return simd::dispatch([](auto target) {
            if (std::is_same_v<decltype(target), simd::generic::Target>) return Isa::generic;
#if defined(__x86_64__)
            if (std::is_same_v<decltype(target), simd::avx2::Target>) return Isa::avx2;
            if (std::is_same_v<decltype(target), simd::avx512::Target>) return Isa::avx512;
#endif
            return no_such_isa;
        });
    };
    for (const Isa isa : available_isas()) CHECK(called(isa) == isa);
}
