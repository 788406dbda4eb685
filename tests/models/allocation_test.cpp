#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

#include <fovea/augment/all.hpp>
#include <fovea/schedules/cosine_decay.hpp>

#include "models/networks.hpp"

#include "catch.hpp"

#if defined(__GLIBC__) && defined(__GLIBC_PREREQ)
#if __GLIBC_PREREQ(2, 33)
#include <malloc.h>
#endif
#endif

namespace {

std::atomic<bool> counting{false};
std::atomic<long> allocations{0};

/// Plain malloc, with the pointer that it gave in front of memory on the wanted boundary.
void* allocate(std::size_t size, std::size_t alignment) noexcept {
    if (counting.load(std::memory_order_relaxed)) allocations.fetch_add(1, std::memory_order_relaxed);
    const std::size_t boundary = std::max(alignment, alignof(std::max_align_t));
    void* const memory = std::malloc(size + boundary + sizeof(void*));
    if (memory == nullptr) return nullptr;
    const auto start = (reinterpret_cast<std::uintptr_t>(memory) + sizeof(void*) + boundary - 1) / boundary * boundary;
    static_cast<void**>(reinterpret_cast<void*>(start))[-1] = memory;
    return reinterpret_cast<void*>(start);
}

void* allocate_or_throw(std::size_t size, std::size_t alignment) {
    if (void* const memory = allocate(size, alignment)) return memory;
    throw std::bad_alloc();
}

void release(void* memory) noexcept {
    if (memory != nullptr) std::free(static_cast<void**>(memory)[-1]);
}

constexpr std::size_t usual_alignment = alignof(std::max_align_t);

} // namespace

// All of the program's: they count while the flag is set, and otherwise do what the usual ones do.
void* operator new(std::size_t size) { return allocate_or_throw(size, usual_alignment); }
void* operator new[](std::size_t size) { return allocate_or_throw(size, usual_alignment); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return allocate(size, usual_alignment); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return allocate(size, usual_alignment); }
void* operator new(std::size_t size, std::align_val_t a) {
    return allocate_or_throw(size, static_cast<std::size_t>(a));
}
void* operator new[](std::size_t size, std::align_val_t a) {
    return allocate_or_throw(size, static_cast<std::size_t>(a));
}
void* operator new(std::size_t size, std::align_val_t a, const std::nothrow_t&) noexcept {
    return allocate(size, static_cast<std::size_t>(a));
}
void* operator new[](std::size_t size, std::align_val_t a, const std::nothrow_t&) noexcept {
    return allocate(size, static_cast<std::size_t>(a));
}
void operator delete(void* memory) noexcept { release(memory); }
void operator delete[](void* memory) noexcept { release(memory); }
void operator delete(void* memory, std::size_t) noexcept { release(memory); }
void operator delete[](void* memory, std::size_t) noexcept { release(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { release(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { release(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { release(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { release(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { release(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { release(memory); }
void operator delete(void* memory, std::align_val_t, const std::nothrow_t&) noexcept { release(memory); }
void operator delete[](void* memory, std::align_val_t, const std::nothrow_t&) noexcept { release(memory); }

using namespace fovea;

namespace {

/// How often operator new is called, on any thread, while `f` runs.
template <class F>
long allocations_in(F&& f) {
    allocations = 0;
    counting = true;
    f();
    counting = false;
    return allocations;
}

/// Bytes that malloc has given out, where the C library tells.
std::size_t bytes_in_use() {
#if defined(__GLIBC__) && defined(__GLIBC_PREREQ)
#if __GLIBC_PREREQ(2, 33)
    return mallinfo2().uordblks + mallinfo2().hblkhd;
#else
    return 0;
#endif
#else
    return 0;
#endif
}

Dataset digits(Index count) {
    Dataset set{Tensor<std::uint8_t>(Shape{count, 28, 28, 1}), Tensor<std::int32_t>(Shape{count}), ""};
    for (Index i = 0; i < set.images.size(); ++i) set.images[i] = static_cast<std::uint8_t>(i * 31 % 251);
    for (Index i = 0; i < count; ++i) set.labels[i] = static_cast<std::int32_t>(i % 10);
    return set;
}

void check_second_step(Model<float>& model, const Data<float>& data, const std::vector<float>& weights = {}) {
    const std::vector<Index> which = detail::first_numbers(data.size());
    const auto step = [&](std::size_t count) {
        model.train_step({data, std::span(which).first(count), std::span(weights).first(weights.empty() ? 0 : count)});
    };
    const auto all = static_cast<std::size_t>(data.size());
    CHECK(allocations_in([&] { step(all); }) > 0); // the first one makes room, and shows that allocations are counted
    const std::size_t before = bytes_in_use();
    CHECK(allocations_in([&] { step(all); }) == 0);
    CHECK(allocations_in([&] { step(all); }) == 0);
    CHECK(allocations_in([&] { step(all / 2 + 1); }) == 0); // a short last batch
    CHECK(allocations_in([&] { step(all); }) == 0);
    CHECK(bytes_in_use() == before);
}

} // namespace

TEST_CASE("allocations are counted in every form") {
    struct alignas(128) Wide {
        char bytes[128];
    };
    CHECK(allocations_in([] { ::operator delete(::operator new(1)); }) == 1);
    CHECK(allocations_in([] { ::operator delete[](::operator new[](1)); }) == 1);
    CHECK(allocations_in([] { ::operator delete(::operator new(1, std::nothrow), std::nothrow); }) == 1);
    CHECK(allocations_in([] { ::operator delete (::operator new (1, std::align_val_t{64}), std::align_val_t{64}); }) ==
          1);
    CHECK(allocations_in([] { std::vector<Wide>(3); }) == 1);
    CHECK(allocations_in([] { Tensor<float>(Shape{5}); }) == 1);
    const std::vector<Wide> wide(3);
    CHECK(reinterpret_cast<std::uintptr_t>(wide.data()) % 128 == 0);
}

TEST_CASE("the second training step of the article's network allocates nothing") {
    const Dataset set = digits(20);
    for (const int threads : {1, 3}) {
        INFO(threads << " threads");
        const networks::Threads guard(threads);
        auto model = networks::article();
        networks::compile(model);
        check_second_step(model, set);
    }
}

TEST_CASE("the second training step with BatchNormalization, Dropout, weights and clipping allocates nothing") {
    const Dataset set = networks::images(20);
    const std::vector<float> weights(20, 0.5F);
    for (const int threads : {1, 3}) {
        INFO(threads << " threads");
        const networks::Threads guard(threads);
        auto model = networks::normalized();
        networks::compile(model, AdamW{.global_clipnorm = 1});
        check_second_step(model, set, weights);
        auto other = networks::normalized();
        networks::compile(other, SGD{.momentum = 0.9, .clipnorm = 1});
        check_second_step(other, set);
    }
}

TEST_CASE("training takes the memory that was planned") {
    const Dataset set = digits(64);
    for (const bool normalized : {false, true})
        for (const int threads : {1, 3}) {
            INFO((normalized ? "with" : "without") << " BatchNormalization, " << threads << " threads");
            const networks::Threads guard(threads);
            using enum Activation;
            auto model =
                normalized
                    ? Sequential<float>{Input{28, 28, 1},
                                        Conv2D{.filters = 16, .kernel_size = 3, .use_bias = false},
                                        BatchNormalization{},
                                        ActivationLayer{relu},
                                        Residual{Conv2D{.filters = 16, .kernel_size = 3, .padding = Padding::same}},
                                        Flatten{},
                                        Dense{10, softmax}}
                    : networks::article();
            const std::size_t before = bytes_in_use();
            networks::compile(model);
            model.train_on_batch(set);
            if (bytes_in_use() == 0) return; // nobody tells
            const MemoryUse planned = model.training_memory(64);
            const auto taken = static_cast<double>(bytes_in_use() - before) + static_cast<double>(planned.parameters);
            CHECK(taken == Catch::Approx(static_cast<double>(planned.total())).epsilon(0.1)); // what was asked for
            CHECK(planned.activations < planned.without_reuse);
        }
}

TEST_CASE("the second training step with regularizers and constraints allocates nothing") {
    for (const int threads : {1, 3}) {
        INFO(threads << " threads");
        const networks::Threads guard(threads);
        Sequential<float> model{
            Input{6, 6, 1}, Flatten{},
            Dense{.units = 300, .kernel_regularizer = L1L2{0.01, 0.01}, .kernel_constraint = MaxNorm{}},
            Dense{.units = 3, .activation = Activation::softmax, .bias_constraint = NonNeg{}}};
        networks::compile(model);
        check_second_step(model, networks::images(20));
    }
}

TEST_CASE("the second training step of a network that branches allocates nothing") {
    const networks::BranchingData<> set(20);
    const std::vector<float> weights(20, 0.5F);
    for (const int threads : {1, 3}) {
        INFO(threads << " threads");
        const networks::Threads guard(threads);
        auto model = networks::branching();
        networks::compile_branching(model);
        check_second_step(model, set.data, weights);
    }
}

TEST_CASE("the second training step in one's own hands allocates nothing") {
    const networks::BranchingData<> set(20);
    auto model = networks::branching();
    model.compile({.optimizer = Adam{}});
    const auto step = [&] {
        model.forward(set.data);
        for (std::size_t i = 0; i < 2; ++i)
            std::copy(model.output(i).begin(), model.output(i).end(), model.output_gradient(i).begin());
        model.backward();
        model.apply_gradients();
    };
    CHECK(allocations_in(step) > 0);
    CHECK(allocations_in(step) == 0);
    CHECK(allocations_in(step) == 0);
}

TEST_CASE("the second training step with whole parameters, averages, accumulation and a schedule allocates nothing") {
    const Dataset set = networks::images(20);
    for (const int threads : {1, 3}) {
        INFO(threads << " threads");
        const networks::Threads guard(threads);
        auto model = networks::small();
        networks::compile(model, Muon{.learning_rate = CosineDecay{.initial_learning_rate = 0.01, .decay_steps = 4},
                                      .use_ema = true,
                                      .ema_overwrite_frequency = 2,
                                      .gradient_accumulation_steps = 2,
                                      .convolutions = true});
        check_second_step(model, set);
    }
}

TEST_CASE("fit allocates as often for ten steps of an epoch as for two") {
    auto model = networks::small();
    networks::compile(model);
    const auto fit = [&](Index samples) {
        const Dataset set = networks::images(samples);
        return allocations_in([&] { model.fit(set, {.batch_size = 8, .verbose = 0}); });
    };
    fit(80);
    CHECK(fit(16) == fit(80));
}

TEST_CASE("the second training step on augmented images allocates nothing") {
    const Dataset set = digits(20);
    const auto moved =
        augment(set, Augment{RandomRotation{.degrees = 10}, RandomElasticTransform{.fill_mode = FillMode::wrap},
                             RandomCrop{.height = 24, .width = 24}});
    const networks::Threads guard(1); // each thread makes room when it reads its first sample
    using enum Activation;
    Sequential model{Input{24, 24, 1},        RandomFlip{}, RandomZoom{0.1},
                     Conv2D{4, {3, 3}, relu}, Flatten{},    Dense{10, softmax}};
    networks::compile(model);
    check_second_step(model, moved);
}
