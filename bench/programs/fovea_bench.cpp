/// fovea's side of the benchmark: `fovea_bench COMMAND --name value ...` prints a line of JSON for each result.
/// The peers' programs take the same commands; compare.py runs them all.
#include <cinttypes>
#include <iostream>
#include <thread>

#include <fovea/core/isa.hpp>
#include <fovea/data/gzip.hpp>
#include <fovea/fovea.hpp>

#include "convolutions.hpp"
#include "fma.hpp"
#include "layer_run.hpp"
#include "network.hpp"
#include "tool.hpp"

using namespace fovea;

namespace {

void compile(Sequential<float>& model) {
    model.compile({.optimizer = Adam{}, .loss = Loss::sparse_categorical_crossentropy, .metrics = {Metric::accuracy}});
}

/// MNIST from a folder, or `size` images of noise for --data noise.
Dataset training_data(const bench::Options& options, const Sequential<float>& model, Index size) {
    if (options.text("data") == "noise") return bench::noise(size, model.network().input_shape(), 10);
    return mnist::load(options.text("data")).train;
}

/// The first `count` samples, or all if there are fewer; not a copy, for memory is measured too.
Data<float> first_of(const Dataset& all, Index count) {
    const Index last = std::min(all.size(), count);
    return {all.images.slice(0, last), all.labels.slice(0, last)};
}

/// --network, --data, --batch, --warmup and --steps; 0 steps are a whole epoch.
void train(const bench::Options& options) {
    Sequential<float> model = bench::build_network(options.text("network"));
    compile(model);
    const Index batch = options.number("batch");
    const Index steps = options.number("steps");
    const Index warmup = options.number("warmup");
    const Dataset all = training_data(options, model, batch * std::max(steps, warmup));
    const Data<float> warm = first_of(all, batch * warmup);
    const Data<float> timed = first_of(all, steps == 0 ? all.size() : batch * steps);
    model.fit(warm, {.batch_size = batch, .verbose = 0});
    History history;
    const double seconds = bench::seconds_of([&] { history = model.fit(timed, {.batch_size = batch, .verbose = 0}); });
    bench::report_training(seconds, timed.size(), batch, history["loss"].back());
}

/// --network, --batch and --seconds.
void infer(const bench::Options& options) {
    const Sequential<float> model = bench::build_network(options.text("network"));
    const Index batch = options.number("batch");
    const Tensor<float> x = bench::random_numbers(model.network().input_shape().prepend(batch), 1);
    bench::report_inference(options.real("seconds"), batch, [&] { model.predict(x, {.batch_size = batch}); });
}

/// --network. What is timed is the process, from outside.
void first_prediction(const bench::Options& options) {
    const Sequential<float> model = bench::build_network(options.text("network"));
    model.predict(Tensor<float>(model.network().input_shape().prepend(1)));
    bench::JsonLine().add("ready", 1).print();
}

/// The instruction sets that FOVEA_ISA may name here, and the one in use.
void instruction_sets(const bench::Options&) {
    std::string available;
    for (const Isa each : {Isa::generic, Isa::avx2, Isa::avx512})
        if (is_available(each)) available += (available.empty() ? "" : " ") + std::string(name_of(each));
    bench::JsonLine().add("available", available).add("isa", std::string(name_of(isa()))).print();
}

/// --network, --data, --batch and --steps: the weights' hash behind so many steps.
void hash(const bench::Options& options) {
    Sequential<float> model = bench::build_network(options.text("network"));
    compile(model);
    const Index batch = options.number("batch");
    const Index images = batch * options.number("steps");
    const Dataset all = training_data(options, model, images);
    model.fit(first_of(all, images), {.batch_size = batch, .verbose = 0});
    char digits[32];
    std::snprintf(digits, sizeof digits, "%016" PRIx64, model.weights_hash());
    bench::JsonLine().add("hash", digits).add("isa", std::string(name_of(isa()))).print();
}

/// --seconds a pass of each shape; the shapes come on standard input. Packing the weights counts as part of the passes,
/// as in frameworks, which do so in every call: forward pays for its own, backward_data for what is more in training.
void convolutions(const bench::Options& options) {
    const double budget = options.real("seconds");
    for (const bench::ConvolutionShape& shape : bench::read_convolutions(std::cin)) {
        bench::LayerRun run(shape.layer(), shape.sample(), shape.batch);
        const auto seconds_a_call = [&](auto&& f, bool backward = false) {
            f();
            const auto ahead = [&] {
                if (backward) run.reset_output_gradient();
            };
            return bench::median(bench::repeat_for(budget, ahead, f));
        };
        const auto report = [&](const char* pass, double packing, double seconds) {
            bench::JsonLine()
                .add("shape", shape.name)
                .add("pass", pass)
                .add("us", (packing + seconds) * 1e6)
                .add("packing_us", packing * 1e6)
                .add("gflops", shape.flops() / (packing + seconds) * 1e-9)
                .print();
        };
        const double packing_all = seconds_a_call([&] { run.prepare(true); });
        const double packing = seconds_a_call([&] { run.prepare(false); });
        run.prepare(true);
        report("forward", packing, seconds_a_call([&] { run.forward(); }));
        report("backward_data", std::max(0.0, packing_all - packing),
               seconds_a_call([&] { run.backward_data(); }, true));
        report("backward_weights", 0, seconds_a_call([&] { run.backward_weights(); }, true));
    }
}

/// `f()` on --threads threads at once.
template <class F>
void on_threads(const bench::Options& options, F&& f) {
    std::vector<std::thread> others;
    for (long i = 1; i < options.number("threads"); ++i) others.emplace_back(f);
    f();
    for (std::thread& other : others) other.join();
}

/// --threads and --seconds: each instruction set's multiply-adds, summed over the threads.
void peak(const bench::Options& options) {
    const double threads = options.real("threads");
    for (const bench::FmaLoop& loop : bench::fma_loops()) {
        constexpr long probe = 1'000'000;
        loop.run(probe);
        const double probe_seconds = bench::seconds_of([&] { loop.run(probe); });
        const auto iterations = static_cast<long>(probe * options.real("seconds") / probe_seconds);
        const double seconds = bench::seconds_of([&] { on_threads(options, [&] { loop.run(iterations); }); });
        const double flops = loop.flops_per_iteration * static_cast<double>(iterations) * threads;
        bench::JsonLine().add("isa", loop.isa).add("gflops", flops / seconds * 1e-9).print();
    }
}

/// --threads and --gflops: so much work for each thread, with the widest instruction set.
void work(const bench::Options& options) {
    const bench::FmaLoop loop = bench::fma_loops().back();
    const auto iterations = static_cast<long>(1e9 * options.real("gflops") / loop.flops_per_iteration);
    const double seconds = bench::seconds_of([&] { on_threads(options, [&] { loop.run(iterations); }); });
    bench::JsonLine().add("seconds", seconds).print();
}

/// --threads: keeps so many cores busy until the process is ended.
void busy(const bench::Options& options) {
    const bench::FmaLoop loop = bench::fma_loops().front();
    on_threads(options, [&] {
        for (;;) loop.run(1'000'000);
    });
}

} // namespace

int main(int argc, char** argv) try {
    const bench::Options options(argc, argv);
    const std::map<std::string, void (*)(const bench::Options&)> commands{{"train", train},
                                                                          {"infer", infer},
                                                                          {"first_prediction", first_prediction},
                                                                          {"hash", hash},
                                                                          {"instruction_sets", instruction_sets},
                                                                          {"convolutions", convolutions},
                                                                          {"peak", peak},
                                                                          {"work", work},
                                                                          {"busy", busy}};
    const auto command = commands.find(options.command());
    if (command == commands.end()) throw std::invalid_argument("unknown command \"" + options.command() + '"');
    command->second(options);
} catch (const std::exception& error) {
    std::cerr << "fovea_bench: " << error.what() << '\n';
    return 1;
}
