#pragma once
#include <array>
#include <string>

#include <fovea/augment/augmentation_layer.hpp>
#include <fovea/augment/factor.hpp>
#include <fovea/augment/separable.hpp>
#include <fovea/core/math.hpp>
#include <fovea/ops/window.hpp>

namespace fovea {

/// x (height, width, channels): each channel's convolution with a Gaussian bell of `kernel_size` (height, width) pixels, odd, whose standard
/// deviations down and across are drawn from [0, sigma] pixels, or from sigma's two ends, each for itself. The weights have the sum 1, and
/// outside of the picture all is 0: it becomes darker at the edge. Done with a probability from [0, factor], or from
/// factor's two ends: one number f means f / 2 of all samples, as in Keras, `{1, 1}` all.
struct RandomGaussianBlur {
    Factor factor = 1;
    Size2D kernel_size = 3;
    Factor sigma = 1;
    Interval value_range = {0, 1};
    std::string name = {};
    bool trainable = true;

    static constexpr std::string_view type = "RandomGaussianBlur";
    static constexpr Index max_kernel_size = 99;

    void fields(SpecVisitor& visit) {
        visit("factor", factor);
        visit("kernel_size", kernel_size);
        visit("sigma", sigma);
        visit("value_range", value_range);
    }

    template <class T>
    using Layer = AugmentationLayer<RandomGaussianBlur, T>;

    template <class Node>
    Node operator()(const Node& x) const {
        return x.then(*this);
    }

    Shape output_shape(const Shape& input) const { return detail::augmented_shape(*this, input); }

    void check() const {
        detail::check_factor(type, "factor", factor, factor.from_zero(), {0, 1});
        detail::check_factor(type, "sigma", sigma, sigma.from_zero(), {0, max_kernel_size});
        const auto odd = [](Index size) { return 0 < size && size <= max_kernel_size && size % 2 == 1; };
        require<ValueError>(odd(kernel_size.height) && odd(kernel_size.width), type,
                            ": kernel_size must be odd and at most ", max_kernel_size, ", got ", kernel_size);
        detail::check_value_range(type, value_range);
    }

    template <class T>
    void apply(View<T> x, Draw& draw) const {
        const auto [low, high] = factor.from_zero();
        if (!draw.chance((low + high) / 2)) return;
        const auto [narrow, wide] = sigma.from_zero();
        const Bell across(kernel_size.width, draw.uniform(narrow, wide));
        const Bell down(kernel_size.height, draw.uniform(narrow, wide));
        detail::filter_separably(x, down.weights(), across.weights());
        for (T& value : x) value = detail::clip(value, value_range);
    }

private:
    class Bell {
    public:
        Bell(Index size, double deviation) : size_(static_cast<std::size_t>(size)) {
            const double middle = static_cast<double>(size - 1) / 2;
            double sum = 0;
            for (std::size_t i = 0; i < size_; ++i) {
                const double places = (static_cast<double>(i) - middle) / (deviation + 1e-6); // as Keras avoids 0 / 0
                sum += weights_[i] = math::exp(-0.5 * places * places);
            }
            for (std::size_t i = 0; i < size_; ++i) weights_[i] /= sum;
        }

        std::span<const double> weights() const { return std::span(weights_).first(size_); }

    private:
        std::array<double, max_kernel_size> weights_;
        std::size_t size_;
    };
};

static_assert(LayerSpec<RandomGaussianBlur>);

} // namespace fovea
