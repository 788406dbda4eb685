#include <chrono>
#include <numeric>
#include <sstream>
#include <thread>

#include <fovea/models/executor.hpp>

#include "models/networks.hpp"

#include "catch.hpp"

#include "support/environment.hpp"

using namespace fovea;

TEST_CASE("Profile: off unless FOVEA_PROFILE asks for it") {
    {
        const EnvironmentVariable none("FOVEA_PROFILE", nullptr);
        CHECK_FALSE(Profile::is_asked_for());
        CHECK_FALSE(Profile().is_on());
    }
    {
        const EnvironmentVariable zero("FOVEA_PROFILE", "0");
        CHECK_FALSE(Profile().is_on());
    }
    const EnvironmentVariable one("FOVEA_PROFILE", "1");
    CHECK(Profile::is_asked_for());
    CHECK(Profile().is_on());
}

TEST_CASE("Profile: times add up over workers, step by step") {
    Profile profile;
    profile.set_on(true);
    CHECK(profile.empty());
    profile.reserve(2, 3);
    CHECK(profile.empty());
    *profile.at(0, 1) = {.forward = 1, .backward = 10, .samples = 8};
    *profile.at(1, 1) = {.forward = 0.5, .backward = 0.25, .samples = 4};
    profile.at(1, 2)->samples = 3;
    CHECK_FALSE(profile.empty());
    CHECK(profile.total(0).samples == 0);
    CHECK(profile.total(1).forward == 1.5);
    CHECK(profile.total(1).backward == 10.25);
    CHECK(profile.total(1).samples == 12);
    CHECK(profile.total(2).samples == 3);
    CHECK(profile.total(2).forward == 0);

    profile.set_on(false);
    CHECK(profile.at(0, 1) == nullptr);
    CHECK(profile.total(1).samples == 12); // what was measured stays
    profile.reserve(4, 3);
    CHECK(profile.total(1).samples == 12);
    profile.reserve(4, 2);
    CHECK(profile.empty());
    CHECK(profile.total(1).forward == 0);
}

TEST_CASE("Profile::Timer: adds the time until its end") {
    using namespace std::chrono;
    double seconds = 100;
    const auto start = steady_clock::now();
    {
        const Profile::Timer timer(&seconds);
        const Profile::Timer off(nullptr);
        std::this_thread::sleep_for(milliseconds(2));
    }
    CHECK(seconds >= 100.002 - 1e-9);
    CHECK(seconds - 100 <= duration<double>(steady_clock::now() - start).count() + 1e-9);
}

TEST_CASE("Profile: training counts every sample in every step, and all the time that they took") {
    const EnvironmentVariable none("FOVEA_PROFILE", nullptr);
    const Dataset set = networks::images(45);
    std::vector<Index> which(45);
    std::iota(which.begin(), which.end(), Index{0});
    for (const bool normalized : {false, true})
        for (const int threads : {1, 3}) {
            INFO((normalized ? "with" : "without") << " BatchNormalization, " << threads << " threads");
            const networks::Threads guard(threads);
            Network<float> network = normalized ? networks::normalized().network() : networks::small().network();
            const Objectives<float> objective{{Loss::sparse_categorical_crossentropy}};
            Executor<float> executor;
            executor.run(network, objective, {Data<float>(set), which}, 0);
            CHECK(executor.profile().empty());

            executor.profile().set_on(true);
            const auto start = std::chrono::steady_clock::now();
            for (std::uint32_t step = 1; step <= 2; ++step)
                executor.run(network, objective, {Data<float>(set), which}, step);
            const double passed = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
            double forward = 0;
            double backward = 0;
            for (std::size_t i = 0; i < executor.plan().steps.size(); ++i) {
                const Profile::Times times = executor.profile().total(i);
                CHECK(times.samples == 90);
                forward += times.forward;
                backward += times.backward;
            }
            CHECK(forward > 0);
            CHECK(backward > 0);
            CHECK(forward + backward <= passed * threads);
        }
}

TEST_CASE("Profile: what was measured stays when a batch is larger than all before") {
    Network<float> network = networks::small().network();
    const Dataset set = networks::images(45);
    std::vector<Index> which(45);
    std::iota(which.begin(), which.end(), Index{0});
    Executor<float> executor;
    executor.profile().set_on(true);
    for (const std::size_t batch : {9U, 45U})
        executor.run(network, {{Loss::sparse_categorical_crossentropy}},
                     {Data<float>(set), std::span(which).first(batch)}, 0);
    CHECK(executor.profile().total(0).samples == 54);
}

TEST_CASE("Profile: what is below the first trained step has no backward") {
    Network<float> network = networks::small().network();
    network.set_fuses(false);
    network.layer("conv2d").trainable = false;
    const Dataset set = networks::images(9);
    std::vector<Index> which(9);
    std::iota(which.begin(), which.end(), Index{0});
    Executor<float> executor;
    executor.profile().set_on(true);
    executor.run(network, {{Loss::sparse_categorical_crossentropy}}, {Data<float>(set), which}, 0);
    REQUIRE(executor.plan().flow.backward == std::vector<bool>{false, false, false, true});
    CHECK(executor.profile().total(0).forward > 0);
    for (std::size_t i = 0; i < 3; ++i) CHECK(executor.profile().total(i).backward == 0);
    CHECK(executor.profile().total(3).backward > 0);
}
