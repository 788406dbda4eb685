/// Micro-benchmarks of single layers and parts on one thread: `micro --benchmark_filter=convolution`.
/// The layers are called as a model calls them, with weights packed already, so what is measured is what the library's
/// own choice of kernel gives.
#include <numeric>
#include <vector>

#include <benchmark/benchmark.h>
#include <fovea/fovea.hpp>

#include "programs/convolutions.hpp"
#include "programs/layer_run.hpp"

using namespace fovea;

namespace {

void count(benchmark::State& state, const char* name, double amount) {
    state.counters[name] = benchmark::Counter(amount * 1e-9, benchmark::Counter::kIsIterationInvariantRate);
}

/// `f()` a turn, where the layer's output gradient is made anew outside of the time if it is a backward pass.
template <class F>
void backward_turns(benchmark::State& state, bench::LayerRun& run, F&& f) {
    for (auto _ : state) {
        f();
        state.PauseTiming();
        run.reset_output_gradient();
        state.ResumeTiming();
    }
}

void convolution(benchmark::State& state, const bench::ConvolutionShape& shape, const std::string& pass) {
    bench::LayerRun run(shape.layer(), shape.sample(), shape.batch);
    if (pass == "forward")
        for (auto _ : state) run.forward();
    else if (pass == "backward_data")
        backward_turns(state, run, [&] { run.backward_data(); });
    else
        backward_turns(state, run, [&] { run.backward_weights(); });
    count(state, "GFLOP/s", shape.flops());
}

/// Any layer, counted in gigabytes of input and output a second.
template <class Spec>
void layer(benchmark::State& state, const Spec& spec, const Shape& sample, bool backward) {
    constexpr Index batch = 64;
    bench::LayerRun run(spec, sample, batch);
    if (backward)
        backward_turns(state, run, [&] { run.backward(); });
    else
        for (auto _ : state) run.forward();
    count(state, "GB/s", 4.0 * static_cast<double>(batch * (sample.size() + run.output_shape().size())));
}

void dense(benchmark::State& state, Index inputs, Index units, bool backward) {
    constexpr Index batch = 64;
    bench::LayerRun run(Dense{.units = units}, Shape{inputs}, batch);
    if (backward)
        backward_turns(state, run, [&] { run.backward(); });
    else
        for (auto _ : state) run.forward();
    count(state, "GFLOP/s", (backward ? 4.0 : 2.0) * static_cast<double>(batch * inputs * units));
}

/// A step over state.range(0) parameters.
void adam(benchmark::State& state) {
    const Shape size{state.range(0)};
    Tensor<float> values = bench::random_numbers(size, 1), gradients = bench::random_numbers(size, 2);
    Tensor<float> m(size), v(size);
    const ParameterRange all{0, size[0], true};
    OptimizerStep<float> step(AnyOptimizer<float>(Adam{}), std::span(&all, 1));
    Index iteration = 0;
    for (auto _ : state) step({values.span(), gradients.span(), m.span(), v.span()}, ++iteration, 1e-3);
    count(state, "GB/s", 28.0 * static_cast<double>(size[0])); // reads 4 arrays, writes 3
}

/// Fork and join of state.range(0) threads without any work.
void fork_join(benchmark::State& state) {
    const auto threads = static_cast<int>(state.range(0));
    ThreadPool pool(threads);
    std::vector<int> done(static_cast<std::size_t>(threads) * 16); // a cache line each
    for (auto _ : state) pool.run(threads, [&](Index i, int) { ++done[static_cast<std::size_t>(i) * 16]; });
    benchmark::DoNotOptimize(std::accumulate(done.begin(), done.end(), 0));
}

const std::vector<bench::ConvolutionShape> shapes{
    {"article_1", "valid", 64, 28, 28, 1, 32, 3, 1, 1, 1},
    {"article_2", "valid", 64, 13, 13, 32, 64, 3, 1, 1, 1},
    {"article_3", "valid", 64, 5, 5, 64, 64, 3, 1, 1, 1},
    {"vgg_64", "same", 8, 32, 32, 64, 64, 3, 1, 1, 1},
    {"vgg_256", "same", 8, 8, 8, 256, 256, 3, 1, 1, 1},
    {"pointwise_256", "same", 8, 14, 14, 256, 256, 1, 1, 1, 1},
    {"depthwise_128", "same", 8, 28, 28, 128, 128, 3, 1, 1, 128},
    {"stride2_128", "same", 8, 28, 28, 128, 128, 3, 2, 1, 1},
};

const bool registered = [] {
    set_threads(1); // fork_join has a pool of its own
    for (const bench::ConvolutionShape& shape : shapes)
        for (const char* pass : {"forward", "backward_data", "backward_weights"})
            benchmark::RegisterBenchmark(("convolution/" + shape.name + "/" + pass).c_str(), convolution, shape, pass);
    for (const bool backward : {false, true}) {
        const std::string pass = backward ? "/backward" : "/forward";
        benchmark::RegisterBenchmark(("dense/576x64" + pass).c_str(), dense, 576, 64, backward);
        benchmark::RegisterBenchmark(("dense/1024x1024" + pass).c_str(), dense, 1024, 1024, backward);
        benchmark::RegisterBenchmark(("max_pooling" + pass).c_str(), layer<MaxPooling2D>, MaxPooling2D{},
                                     Shape{26, 26, 32}, backward);
        benchmark::RegisterBenchmark(("average_pooling" + pass).c_str(), layer<AveragePooling2D>, AveragePooling2D{},
                                     Shape{26, 26, 32}, backward);
        benchmark::RegisterBenchmark(("batch_normalization" + pass).c_str(), layer<BatchNormalization>,
                                     BatchNormalization{}, Shape{16, 16, 64}, backward);
        const std::pair<const char*, Activation> activations[] = {{"relu", Activation::relu},
                                                                  {"tanh", Activation::tanh},
                                                                  {"sigmoid", Activation::sigmoid},
                                                                  {"gelu", Activation::gelu},
                                                                  {"softmax", Activation::softmax}};
        for (const auto& [name, activation] : activations)
            benchmark::RegisterBenchmark((std::string("activation/") + name + pass).c_str(), layer<ActivationLayer>,
                                         ActivationLayer{activation}, Shape{26, 26, 32}, backward);
    }
    return true;
}();

BENCHMARK(adam)->Arg(100'000)->Arg(2'000'000);
BENCHMARK(fork_join)->Arg(1)->Arg(2)->Arg(4)->UseRealTime();

} // namespace
