#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>

#include <fovea/layers/layer.hpp>

namespace fovea {

/// In training every element is set to 0 with probability `rate`, and those left are multiplied by 1 / (1 - rate), so that the
/// expected value stays; in inference y = x. x, y (batch, ...).
/// What is dropped follows from seed, layer, step and the element's place in the batch: nothing is kept for backward, which
/// draws the same numbers again.
struct Dropout {
    double rate = 0;
    std::string name = {};
    bool trainable = true;

    static constexpr std::string_view type = "Dropout";

    void fields(SpecVisitor& visit) { visit("rate", rate); }

    template <class T>
    class Layer;

    template <class Node>
    Node operator()(const Node& x) const {
        return x.then(*this);
    }

    /// Throws ValueError for a rate outside of [0, 1).
    Shape output_shape(const Shape& input) const {
        require<ValueError>(rate >= 0 && rate < 1, "Dropout: rate must be at least 0 and below 1, got ", rate);
        return input;
    }
};

template <class T>
class Dropout::Layer {
public:
    Layer(const Dropout& spec, const Shape& input, ParameterRegistry&)
        : features_(spec.output_shape(input).size()),
          threshold_(static_cast<std::uint64_t>(std::llround(spec.rate * 0x1p32))),
          scale_(static_cast<T>(1 / (1 - spec.rate))) {}

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
        const auto first = static_cast<std::uint64_t>(pass.first_sample * features_);
        random::Block words{};
        for (Index i = 0; i < from.size(); ++i) {
            const std::uint64_t place = first + static_cast<std::uint64_t>(i);
            if (i == 0 || place % 4 == 0) words = pass.random.block(place / 4);
            to[i] = words[place % 4] < threshold_ ? T{0} : from[i] * scale_;
        }
    }

    Index features_;
    std::uint64_t threshold_; ///< a word of 32 random bits below this drops its element
    T scale_;
};

static_assert(LayerSpec<Dropout>);

} // namespace fovea
