#include <algorithm>
#include <limits>
#include <ostream>
#include <vector>

#include <fovea/core/random.hpp>
#include <fovea/core/tensor.hpp>
#include <fovea/ops/dense.hpp>

#include "catch.hpp"

#include "support/isa.hpp"
#include "support/same_bits.hpp"
#include "support/whole_numbers.hpp"

using namespace fovea;

namespace {

struct DenseSizes {
    Index batch, positions, inputs, units;

    friend std::ostream& operator<<(std::ostream& out, const DenseSizes& s) {
        return out << "batch " << s.batch << ", " << s.positions << " positions, " << s.inputs << " inputs, " << s.units
                   << " units";
    }
};

/// What goes into a dense layer; `numbers(shape, number)` draws a tensor. `before` is what dkernel is added to.
template <class T>
struct DenseArguments {
    Tensor<T> x, kernel, bias, dy, before;

    template <class F>
    DenseArguments(const DenseSizes& s, F&& numbers)
        : x(numbers({s.batch, s.positions, s.inputs}, 1)), kernel(numbers({s.inputs, s.units}, 2)),
          bias(numbers({s.units}, 5)), dy(numbers({s.batch, s.positions, s.units}, 3)),
          before(numbers({s.inputs, s.units}, 4)) {}
};

template <class T>
struct DenseResults {
    Tensor<T> y, rectified, dkernel, dx; ///< y without a bias; rectified with bias and ReLU
};

/// All passes, with no more memory than they ask for and nothing useful in it.
template <class T>
DenseResults<T> run_dense(const DenseSizes& s, const DenseArguments<T>& a) {
    const ops::DenseGeometry g(s.positions, s.inputs, s.units);
    const T nan = std::numeric_limits<T>::quiet_NaN();
    Tensor<std::byte> memory(Shape{g.template scratch<T>(s.batch)});
    const auto scratch = [&] {
        memory.fill(std::byte{0xFF});
        return Arena(memory.span());
    };
    Tensor<T> forward(Shape{ops::packed_size<T>(s.inputs, s.units)}, nan);
    Tensor<T> backward(Shape{ops::packed_size<T>(s.units, s.inputs)}, nan);
    ops::pack_panels(a.kernel.data(), s.units, Index{1}, s.inputs, s.units, forward.data());
    ops::pack_panels(a.kernel.data(), Index{1}, s.units, s.units, s.inputs, backward.data());

    DenseResults<T> r{Tensor<T>(a.dy.shape(), nan), Tensor<T>(a.dy.shape(), nan), a.before,
                      Tensor<T>(a.x.shape(), nan)};
    ops::dense_forward<T>(g, a.x, forward.data(), {}, false, r.y, scratch());
    ops::dense_forward<T>(g, a.x, forward.data(), a.bias, true, r.rectified, scratch());
    ops::dense_backward_kernel<T>(g, a.x, a.dy, r.dkernel, scratch());
    ops::dense_backward_input<T>(g, backward.data(), a.dy, r.dx, scratch());
    return r;
}

/// On whole numbers, whose sums are exact.
template <class T>
void check_dense(const DenseSizes& s) {
    INFO(s);
    const DenseArguments<T> a(s, whole_numbers<T>);
    DenseResults<T> expected{Tensor<T>(a.dy.shape()), Tensor<T>(a.dy.shape()), a.before, Tensor<T>(a.x.shape())};
    for (Index row = 0; row < s.batch * s.positions; ++row)
        for (Index i = 0; i < s.inputs; ++i) {
            // Pointers: an unoptimised build takes three times as long with operator[].
            const T *const kernel = a.kernel.data() + i * s.units, *const dy = a.dy.data() + row * s.units;
            T *const y = expected.y.data() + row * s.units, *const dkernel = expected.dkernel.data() + i * s.units;
            const T x = a.x[row * s.inputs + i];
            for (Index u = 0; u < s.units; ++u) {
                y[u] += x * kernel[u];
                expected.dx.data()[row * s.inputs + i] += dy[u] * kernel[u];
                dkernel[u] += x * dy[u];
            }
        }
    for (Index i = 0; i < expected.y.size(); ++i)
        expected.rectified[i] = std::max(T{0}, expected.y[i] + a.bias[i % s.units]);

    const DenseResults<T> r = run_dense(s, a);
    REQUIRE(r.y == expected.y);
    REQUIRE(r.rectified == expected.rectified);
    REQUIRE(r.dkernel == expected.dkernel);
    REQUIRE(r.dx == expected.dx);
}

/// On fractions, whose sums are rounded: every instruction set must round them alike.
template <class T>
void check_dense_bits(const DenseSizes& s) {
    INFO(s);
    const DenseArguments<T> a(s, fractions<T>);
    const IsaGuard guard(Isa::generic);
    const DenseResults<T> expected = run_dense(s, a);
    for (const Isa isa : available_isas()) {
        INFO(isa);
        set_isa(isa);
        const DenseResults<T> r = run_dense(s, a);
        REQUIRE(same_bits(r.y, expected.y));
        REQUIRE(same_bits(r.rectified, expected.rectified));
        REQUIRE(same_bits(r.dkernel, expected.dkernel));
        REQUIRE(same_bits(r.dx, expected.dx));
    }
}

std::vector<DenseSizes> random_dense_sizes(std::size_t count, std::uint64_t seed) {
    std::vector<DenseSizes> all;
    const random::Stream stream{seed};
    for (std::uint64_t i = 0; all.size() < count; i += 4) {
        const auto upto = [&](std::uint64_t place, std::uint32_t most) {
            return 1 + static_cast<Index>(stream.below(i + place, most));
        };
        all.push_back({upto(0, 20), upto(1, 7), upto(2, 80), upto(3, 80)});
    }
    return all;
}

} // namespace

TEMPLATE_TEST_CASE("dense: forward and backward are what three loops give", "", float, double) {
    for (const Index batch : {1, 2, 7})
        for (const Index positions : {1, 3})
            for (const Index inputs : {1, 5, 16, 33})
                for (const Index units : {1, 3, 10, 16, 35}) check_dense<TestType>({batch, positions, inputs, units});
    check_dense<TestType>({8, 1, 576, 64}); // the article's
    check_dense<TestType>({3, 1, 1100, 5}); // a sum over more than two blocks of its depth
    check_dense<TestType>({300, 1, 5, 3});  // and over more than two blocks of rows
}

TEMPLATE_TEST_CASE("dense: 250 random configurations are what three loops give", "", float, double) {
    const IsaGuard guard;
    const std::vector<Isa> isas = available_isas();
    std::size_t number = 0;
    for (const DenseSizes& s : random_dense_sizes(250, sizeof(TestType))) {
        set_isa(isas[number++ % isas.size()]);
        INFO(isa());
        check_dense<TestType>(s);
    }
}

TEMPLATE_TEST_CASE("dense: 60 random configurations have the same bits for every instruction set", "", float, double) {
    for (const DenseSizes& s : random_dense_sizes(60, 22)) check_dense_bits<TestType>(s);
    check_dense_bits<TestType>({8, 1, 576, 64});
    check_dense_bits<TestType>({2, 1, 1100, 5});
    check_dense_bits<TestType>({300, 1, 5, 3});
}
