#include <fovea/callbacks/stop_on_signal.hpp>

#include <csignal>

#include <fovea/io/checkpoint.hpp>

#include "models/networks.hpp"
#include "support/temporary_directory.hpp"

#include "catch.hpp"

using namespace fovea;

TEST_CASE("StopOnSignal: the batch is finished and a checkpoint written, and training goes on as if nothing had been") {
    struct Raiser : Callback<float> {
        int number = 0; // of the signal
        void on_train_batch_begin(Index batch) override {
            if (batch == 1 && number != 0) std::raise(std::exchange(number, 0));
        }
    } raiser;
    const auto before = std::signal(SIGINT, SIG_IGN);
    {
        StopOnSignal<float> stop;
        const auto fit = [&](const Checkpoint<float>& checkpoint) {
            auto model = networks::small();
            networks::compile(model);
            model.fit(
                networks::images(20),
                {.epochs = 2, .batch_size = 8, .verbose = 0, .callbacks = {&raiser, &stop}, .checkpoint = checkpoint});
            return model.weights_hash();
        };
        const std::uint64_t expected = fit({});
        const TemporaryDirectory folder;
        const std::string place = (folder.path() / "run").string();
        for (const int number : {SIGINT, SIGTERM}) {
            raiser.number = number;
            CHECK_THROWS_MATCHES(fit(place), Interrupted,
                                 says("fit: interrupted in epoch " + std::to_string(number == SIGINT ? 1 : 2) +
                                      "/2, behind batch 2; " + place + " has a checkpoint of it"));
        }
        CHECK(fit(place) == expected);
        raiser.number = SIGINT;
        CHECK_THROWS_MATCHES(fit({}), Interrupted, says("fit: interrupted in epoch 1/2, behind batch 2"));
    }
    CHECK(std::signal(SIGINT, before) == SIG_IGN); // the handler is the one that there was
}

TEST_CASE("StopOnSignal: a signal that cannot be caught") {
    CHECK_THROWS_MATCHES(StopOnSignal<float>({1000}).on_train_begin(), ValueError,
                         says("StopOnSignal: the signal 1000 cannot be caught"));
}
