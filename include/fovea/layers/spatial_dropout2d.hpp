#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>

#include <fovea/layers/layer.hpp>

namespace fovea {

/// Dropout of whole channels: in training every channel of every sample is set to 0 with probability `rate`, and those left are
/// multiplied by 1 / (1 - rate); in inference y = x. x, y (batch, height, width, channels).
/// What is dropped follows from seed, layer, step and the sample's place in the batch, as in Dropout.
struct SpatialDropout2D {
    double rate = 0;
    std::string name = {};
    bool trainable = true;

    static constexpr std::string_view type = "SpatialDropout2D";

    void fields(SpecVisitor& visit) { visit("rate", rate); }

    template <class T>
    class Layer;

    template <class Node>
    Node operator()(const Node& x) const {
        return x.then(*this);
    }

    /// Throws ValueError for a rate outside of [0, 1), ShapeError for an input that is no image.
    Shape output_shape(const Shape& input) const {
        require<ValueError>(rate >= 0 && rate < 1, type, ": rate must be at least 0 and below 1, got ", rate);
        require<ShapeError>(input.rank() == 3, type, ": expected an input of shape (height, width, channels), got ",
                            input);
        return input;
    }
};

template <class T>
class SpatialDropout2D::Layer {
public:
    Layer(const SpatialDropout2D& spec, const Shape& input, ParameterRegistry&)
        : positions_(spec.output_shape(input)[0] * input[1]), channels_(input[2]),
          threshold_(static_cast<std::uint64_t>(std::llround(spec.rate * 0x1p32))),
          scale_(static_cast<T>(1 / (1 - spec.rate))) {}

    Index scratch_bytes(Index) const { return Arena::bytes<T>(channels_); }

    bool idle_in_inference() const { return true; }

    void forward(ConstView<T> x, View<T> y, Pass<T>& pass) const { drop(x, y, pass); }

    void backward(ConstView<T>, ConstView<T>, View<T> dy, View<T> dx, Pass<T>& pass) const {
        if (!dx.empty()) drop(dy, dx, pass);
    }

private:
    void drop(ConstView<T> from, View<T> to, const Pass<T>& pass) const {
        if (!pass.training || threshold_ == 0) {
            std::copy(from.begin(), from.end(), to.begin());
            return;
        }
        Arena scratch = pass.scratch;
        T* const factors = scratch.take<T>(channels_);
        const T* in = from.data();
        T* out = to.data();
        for (Index n = 0; n < from.shape()[0]; ++n) {
            const auto first = static_cast<std::uint64_t>((pass.first_sample + n) * channels_);
            for (Index c = 0; c < channels_; ++c)
                factors[c] = pass.random.bits(first + static_cast<std::uint64_t>(c)) < threshold_ ? T{0} : scale_;
            for (Index i = 0; i < positions_; ++i, in += channels_, out += channels_)
                for (Index c = 0; c < channels_; ++c) out[c] = factors[c] == 0 ? T{0} : in[c] * factors[c];
        }
    }

    Index positions_;
    Index channels_;
    std::uint64_t threshold_; ///< a word of 32 random bits below this drops its channel
    T scale_;
};

static_assert(LayerSpec<SpatialDropout2D>);

} // namespace fovea
