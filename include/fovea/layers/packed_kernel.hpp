#pragma once
#include <fovea/layers/pass.hpp>
#include <fovea/ops/convolution.hpp>

namespace fovea {

/// A convolution's kernel as `forward` and `backward_input` read it, one behind the other in pass.prepared, as far as they are
/// wanted.
template <class T>
class PackedKernel {
public:
    static Index bytes(const ops::Convolution<T>& convolution, bool forward, bool backward) {
        return (forward ? Arena::bytes<T>(convolution.packed_forward()) : 0) +
               (backward ? Arena::bytes<T>(convolution.packed_backward()) : 0);
    }

    /// The next in `prepared`: to be packed, or there since `prepare`.
    PackedKernel(const ops::Convolution<T>& convolution, bool forward, bool backward, Arena& prepared)
        : forward_(forward ? prepared.take<T>(convolution.packed_forward()) : nullptr),
          backward_(backward ? prepared.take<T>(convolution.packed_backward()) : nullptr) {}

    void pack(const ops::Convolution<T>& convolution, ConstView<T> kernel) const {
        if (forward_ != nullptr) convolution.pack_forward(kernel, forward_);
        if (backward_ != nullptr) convolution.pack_backward(kernel, backward_);
    }

    const T* forward() const { return forward_; }
    const T* backward() const { return backward_; }

private:
    T* forward_;
    T* backward_;
};

} // namespace fovea
