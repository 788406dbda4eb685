#include <fovea/layers/packed_kernel.hpp>

#include "layers/contract.hpp"

using namespace fovea;

TEST_CASE("PackedKernel: what is wanted lies one behind the other") {
    const Window2D window("Conv2D", "kernel", {5, 5, 3}, 2, 1, 1, Padding::valid);
    const ops::Convolution<float> convolution({window, 3, 4, 1}, {});
    const auto kernel = contract::numbers<float>({2, 2, 3, 4}, 1);
    Tensor<float> forward(Shape{convolution.packed_forward()}), backward(Shape{convolution.packed_backward()});
    convolution.pack_forward(kernel, forward.data());
    convolution.pack_backward(kernel, backward.data());

    for (const bool wants_forward : {false, true})
        for (const bool wants_backward : {false, true}) {
            contract::Memory memory(PackedKernel<float>::bytes(convolution, wants_forward, wants_backward), 0xFF);
            Arena arena = memory.arena();
            PackedKernel<float>(convolution, wants_forward, wants_backward, arena).pack(convolution, kernel);
            CHECK_THROWS_AS(arena.take<float>(1), StateError); // all of it is used up
            CHECK(memory.intact());

            Arena again = memory.arena();
            const PackedKernel<float> packed(convolution, wants_forward, wants_backward, again);
            REQUIRE((packed.forward() != nullptr) == wants_forward);
            REQUIRE((packed.backward() != nullptr) == wants_backward);
            if (wants_forward) CHECK(std::equal(forward.begin(), forward.end(), packed.forward()));
            if (wants_backward) CHECK(std::equal(backward.begin(), backward.end(), packed.backward()));
        }
}
