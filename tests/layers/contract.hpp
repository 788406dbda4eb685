#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <thread>
#include <vector>

#include <fovea/core/tensor.hpp>
#include <fovea/layers/layer.hpp>

#include "catch.hpp"

#include "support/isa.hpp"
#include "support/same_bits.hpp"

/// What every layer promises to a model, checked on random numbers.
namespace contract {

using fovea::ConstView;
using fovea::Index;
using fovea::Shape;
using fovea::Tensor;

/// In [-1, 1) with steps of 2^-10: the same in float and double.
template <class T>
Tensor<T> numbers(const Shape& shape, std::uint32_t number) {
    Tensor<T> result(shape);
    const fovea::random::Stream stream{7, fovea::random::Purpose::user, number, 0};
    for (Index i = 0; i < result.size(); ++i)
        result[i] = static_cast<T>(stream.below(static_cast<std::uint64_t>(i), 2048)) / 1024 - 1;
    return result;
}

/// One image of one channel.
inline Tensor<double> image(Index height, Index width, const std::vector<double>& values) {
    return Tensor<double>(Shape{1, height, width, 1}, values);
}

inline Tensor<double> one_to_nine() { return image(3, 3, {1, 2, 3, 4, 5, 6, 7, 8, 9}); }

using ::same_bits;

template <class T>
bool is_finite(const Tensor<T>& tensor) {
    return std::all_of(tensor.begin(), tensor.end(), [](T value) { return std::isfinite(value); });
}

/// Memory of exactly `size` bytes for a layer, with a guard behind it.
class Memory {
public:
    Memory(Index size, int byte)
        : size_(static_cast<std::size_t>(size)), bytes_(Shape{size + guard_size}, static_cast<std::byte>(byte)) {
        std::fill(bytes_.end() - guard_size, bytes_.end(), guard);
    }

    fovea::Arena arena() { return fovea::Arena(bytes_.span().first(size_)); }
    bool intact() const {
        return std::all_of(bytes_.end() - guard_size, bytes_.end(), [](std::byte b) { return b == guard; });
    }

private:
    static constexpr Index guard_size = 256;
    static constexpr std::byte guard{0x5A};

    std::size_t size_;
    Tensor<std::byte> bytes_;
};

inline constexpr std::size_t none = std::numeric_limits<std::size_t>::max();

struct Use {
    bool training = true;
    bool want_dx = true;
    std::size_t unwanted_dx = none; ///< the number of an input whose dx is not wanted, though others are
    bool frozen = false;
    bool move_states = false;
    bool refreshed = false; ///< prepared for other values before
    int garbage = 0xFF;     ///< what fills all memory beforehand; 0xFF makes NaN of any floating-point number
    double gradients = 0;   ///< what the parameter gradients start from
    Index first_sample = 0; ///< of the batch
};

template <class T>
struct Outcome {
    Tensor<T> y, dx, gradients, values;
    bool within_memory = false;
    std::vector<Tensor<T>> more_dx = {}; ///< by the second input and those behind it
};

/// A layer with parameters, run forward and backward.
template <class T>
class Subject {
public:
    /// `input` is the shape of one sample, or those of several inputs.
    template <class S, class Input = Shape>
    Subject(const S& spec, const Input& input)
        : layer_(spec, input, begin(registry_)), values_(Shape{registry_.size()}) {
        for (const fovea::NamedParameter& p : registry_.parameters()) {
            const Tensor<T> noise = numbers<T>(p.place.shape, 3);
            for (Index i = 0; i < p.place.size(); ++i) // near 1 where a variance may be meant
                values_[p.place.offset + i] = p.is_state ? 1 + noise[i] / 4 : noise[i];
        }
    }

    const fovea::AnyLayer<T>& layer() const { return layer_; }
    const std::vector<fovea::NamedParameter>& parameters() const { return registry_.parameters(); }

    /// All parameters, one after another.
    void set_values(const Tensor<T>& values) {
        REQUIRE(values.size() == values_.size());
        values_ = values;
    }

    Outcome<T> run(ConstView<T> x, ConstView<T> g, const Use& use) const { return run(std::vector{x}, g, use); }
    Outcome<T> run(const std::vector<Tensor<T>>& x, ConstView<T> g, const Use& use) const {
        return run(std::vector<ConstView<T>>(x.begin(), x.end()), g, use);
    }
    Outcome<T> run(const std::vector<ConstView<T>>& x, ConstView<T> g, const Use& use) const {
        const Index batch = x[0].shape()[0];
        const T garbage = use.garbage == 0 ? T{0} : std::numeric_limits<T>::quiet_NaN();
        Outcome<T> out{Tensor<T>(layer_.output_shape().prepend(batch), garbage), Tensor<T>(x[0].shape(), garbage),
                       Tensor<T>(values_.shape(), static_cast<T>(use.gradients)), values_};
        for (std::size_t k = 1; k < x.size(); ++k) out.more_dx.emplace_back(x[k].shape(), garbage);
        Memory prepared(layer_.prepared_bytes(use.training), use.garbage);
        if (use.refreshed) {
            const Tensor<T> others = values_.map([](T value) { return value + 1; });
            layer_.prepare(others.span(), prepared.arena(), use.training);
        }
        layer_.prepare(out.values.span(), prepared.arena(), use.training);
        Memory kept(layer_.kept_bytes(batch), use.garbage);
        Memory forward_scratch(layer_.scratch_bytes(batch), use.garbage);
        Memory backward_scratch(layer_.scratch_bytes(batch), use.garbage);
        fovea::Pass<T> pass;
        pass.training = use.training;
        pass.values = out.values.span();
        if (!use.frozen) pass.gradients = out.gradients.span();
        if (use.move_states) pass.state = out.values.span();
        pass.prepared = prepared.arena();
        pass.kept = kept.arena();
        pass.random = {3, fovea::random::Purpose::dropout, 1, 2};
        pass.first_sample = use.first_sample;
        pass.scratch = forward_scratch.arena();
        layer_.forward(x, out.y, pass);
        pass.scratch = backward_scratch.arena();
        Tensor<T> dy(g);
        std::vector<fovea::View<T>> dx{out.dx};
        dx.insert(dx.end(), out.more_dx.begin(), out.more_dx.end());
        for (std::size_t k = 0; k < dx.size(); ++k)
            if (!use.want_dx || k == use.unwanted_dx) dx[k] = {};
        layer_.backward(x, out.y, dy, dx, pass);
        out.within_memory = prepared.intact() && kept.intact() && forward_scratch.intact() && backward_scratch.intact();
        return out;
    }

private:
    static fovea::ParameterRegistry& begin(fovea::ParameterRegistry& registry) {
        registry.begin_layer("layer");
        return registry;
    }

    fovea::ParameterRegistry registry_;
    fovea::AnyLayer<T> layer_;
    Tensor<T> values_;
};

/// One run with given parameters, for results worked out by hand.
template <fovea::LayerSpec S>
Outcome<double> evaluate(const S& spec, const Tensor<double>& x, const Tensor<double>& g,
                         const Tensor<double>& parameters = {}, const Use& use = {}) {
    Subject<double> subject(spec, x.shape().tail());
    if (!parameters.empty()) subject.set_values(parameters);
    return subject.run(x, g, use);
}

/// The same for several inputs.
template <fovea::MergeSpec S>
Outcome<double> evaluate(const S& spec, const std::vector<Tensor<double>>& x, const Tensor<double>& g) {
    std::vector<Shape> samples;
    for (const Tensor<double>& one : x) samples.push_back(one.shape().tail());
    return Subject<double>(spec, std::span<const Shape>(samples)).run(x, g, {});
}

namespace detail {

template <class T>
std::vector<Tensor<T>> all_dx(const Outcome<T>& outcome) {
    std::vector<Tensor<T>> all{outcome.dx};
    all.insert(all.end(), outcome.more_dx.begin(), outcome.more_dx.end());
    return all;
}

template <class T>
void check_same_dx(const Outcome<T>& a, const Outcome<T>& b) {
    for (std::size_t k = 0; k < all_dx(a).size(); ++k) {
        INFO("by input " << k);
        CHECK(same_bits(all_dx(a)[k], all_dx(b)[k]));
    }
}

template <class T>
void check_same(const Outcome<T>& a, const Outcome<T>& b) {
    CHECK(same_bits(a.y, b.y));
    check_same_dx(a, b);
    CHECK(same_bits(a.gradients, b.gradients));
}

template <class T>
bool is_untouched(const Tensor<T>& dx) {
    return std::all_of(dx.begin(), dx.end(), [](T value) { return std::isnan(value); });
}

/// What `check` below looks at: `input` is the shape of a sample or those of several inputs, which are `samples`.
template <class S, class Input>
void check(const S& spec, const Input& input, const std::vector<Shape>& samples, Index batch, const Shape& output,
           bool training) {
    const Subject<float> subject(spec, input);
    const bool whole_batch = subject.layer().whole_batch();
    std::vector<Tensor<float>> x;
    for (std::size_t k = 0; k < samples.size(); ++k)
        x.push_back(numbers<float>(samples[k].prepend(batch), k == 0 ? 1 : static_cast<std::uint32_t>(3 + k)));
    const auto g = numbers<float>(output.prepend(batch), 2);

    CHECK(spec.output_shape(input) == output);
    REQUIRE(subject.layer().output_shape() == output);
    const auto reference = subject.run(x, g, {.training = training});
    CHECK(is_finite(reference.y)); // so all of it has been written, and from no memory that has not
    for (const auto& dx : all_dx(reference)) CHECK(is_finite(dx));
    CHECK(is_finite(reference.gradients));
    CHECK(reference.within_memory);
    {
        INFO("what was in the memory before does not matter");
        check_same(subject.run(x, g, {.training = training, .garbage = 0}), reference);
        check_same(subject.run(x, g, {.training = training, .refreshed = true}), reference);
    }
    {
        INFO("every instruction set gives the same bits");
        const Use use{.training = training, .move_states = training};
        const IsaGuard guard(fovea::Isa::generic);
        const auto generic = subject.run(x, g, use);
        check_same(generic, reference);
        for (const fovea::Isa isa : available_isas()) {
            INFO(isa);
            fovea::set_isa(isa);
            const auto other = subject.run(x, g, use);
            check_same(other, generic);
            CHECK(same_bits(other.values, generic.values));
        }
    }
    {
        INFO("parameter gradients are added to what is there");
        const auto other = subject.run(x, g, {.training = training, .gradients = 512});
        check_same_dx(other, reference);
        const auto added = other.gradients.map([](float value) { return value - 512; });
        CHECK(fovea::allclose(added, reference.gradients, 1e-5, 1e-3)); // near 512 floats are 6e-5 apart
    }
    {
        INFO("dx need not be wanted");
        const auto other = subject.run(x, g, {.training = training, .want_dx = false});
        CHECK(same_bits(other.y, reference.y));
        CHECK(same_bits(other.gradients, reference.gradients));
        for (const auto& dx : all_dx(other)) CHECK(is_untouched(dx));
    }
    for (std::size_t k = 0; k < samples.size(); ++k) {
        INFO("dx of input " << k << " alone need not be wanted");
        const auto other = all_dx(subject.run(x, g, {.training = training, .unwanted_dx = k}));
        for (std::size_t i = 0; i < other.size(); ++i)
            CHECK((i == k ? is_untouched(other[i]) : same_bits(other[i], all_dx(reference)[i])));
    }
    {
        INFO("a frozen layer gives dx");
        const auto other = subject.run(x, g, {.training = training, .frozen = true});
        for (const auto& dx : all_dx(other)) CHECK(is_finite(dx));
        if (!whole_batch) check_same_dx(other, reference);
    }
    for (Index n = 0; n < batch && !whole_batch; ++n) {
        INFO("sample " << n << " does not see its batch");
        std::vector<ConstView<float>> one;
        for (const Tensor<float>& all : x) one.push_back(all.slice(n, n + 1));
        const auto alone = subject.run(one, g.slice(n, n + 1), {.training = training, .first_sample = n});
        CHECK(same_bits(alone.y, Tensor<float>(reference.y.slice(n, n + 1))));
        for (std::size_t k = 0; k < samples.size(); ++k)
            CHECK(same_bits(all_dx(alone)[k], Tensor<float>(all_dx(reference)[k].slice(n, n + 1))));
    }
    {
        INFO("float and double agree");
        // A float has 24 bits, 6e-8, and here at most a few hundred numbers of about 1 are summed.
        std::vector<Tensor<double>> wide_x;
        for (const Tensor<float>& one : x) wide_x.push_back(one.cast<double>());
        const auto wide = Subject<double>(spec, input).run(wide_x, g.cast<double>(), {.training = training});
        CHECK(fovea::allclose(reference.y.cast<double>(), wide.y, 1e-5, 2e-5));
        for (std::size_t k = 0; k < samples.size(); ++k)
            CHECK(fovea::allclose(all_dx(reference)[k].cast<double>(), all_dx(wide)[k], 1e-5, 2e-5));
        CHECK(fovea::allclose(reference.gradients.cast<double>(), wide.gradients, 1e-5, 2e-5));
    }
    {
        INFO("two threads use one layer at once");
        Outcome<float> first;
        std::thread other([&] { first = subject.run(x, g, {.training = training}); });
        const auto second = subject.run(x, g, {.training = training});
        other.join();
        check_same(first, reference);
        check_same(second, reference);
    }
}

} // namespace detail

/// `input` with the batch axis, `output` without. In inference `training` is false; only layers whose backward
/// does without what they keep in training can be checked so.
template <fovea::LayerSpec S>
void check(const S& spec, const Shape& input, const Shape& output, bool training = true) {
    INFO(S::type << " of " << input << (training ? " in training" : " in inference"));
    detail::check(spec, input.tail(), {input.tail()}, input[0], output, training);
}

/// The same for several inputs.
template <fovea::MergeSpec S>
void check(const S& spec, const std::vector<Shape>& inputs, const Shape& output) {
    std::vector<Shape> samples;
    for (const Shape& input : inputs) samples.push_back(input.tail());
    INFO(S::type << " of " << samples.size() << " inputs, the first one " << inputs[0]);
    detail::check(spec, std::span<const Shape>(samples), samples, inputs[0][0], output, true);
}

} // namespace contract
