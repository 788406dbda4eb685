/// Seconds for one epoch of the article's network on MNIST, batch 64, Adam: one line a repetition.
///
///     article_epoch DATA [REPETITIONS]      threads by FOVEA_THREADS
///
/// The first 100 steps are a warm-up that is not counted.
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include <fovea/data/gzip.hpp>
#include <fovea/fovea.hpp>

using namespace fovea;

int main(int argc, char** argv) {
    using enum Activation;
    using Clock = std::chrono::steady_clock;
    try {
        require<ValueError>(argc >= 2, "usage: article_epoch DATA [REPETITIONS]");
        const int repetitions = argc > 2 ? std::atoi(argv[2]) : 1;
        const auto [train, test] = mnist::load(argv[1]);
        Sequential model{Input{28, 28, 1},
                         Conv2D{.filters = 32, .kernel_size = {3, 3}, .activation = relu},
                         MaxPooling2D{.pool_size = {2, 2}},
                         Conv2D{.filters = 64, .kernel_size = {3, 3}, .activation = relu},
                         MaxPooling2D{.pool_size = {2, 2}},
                         Conv2D{.filters = 64, .kernel_size = {3, 3}, .activation = relu},
                         Flatten{},
                         Dense{.units = 64, .activation = relu},
                         Dense{.units = 10, .activation = softmax}};
        model.compile(
            {.optimizer = Adam{}, .loss = Loss::sparse_categorical_crossentropy, .metrics = {Metric::accuracy}});
        model.fit(train.take(6400), {.batch_size = 64, .verbose = 0});
        for (int i = 0; i < repetitions; ++i) {
            const auto start = Clock::now();
            model.fit(train, {.batch_size = 64, .verbose = 0});
            std::printf("%.3f\n", std::chrono::duration<double>(Clock::now() - start).count());
            std::fflush(stdout);
        }
    } catch (const Error& error) {
        std::fprintf(stderr, "article_epoch: %s\n", error.what());
        return 1;
    }
}
