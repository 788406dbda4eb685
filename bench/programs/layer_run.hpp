#pragma once
#include <algorithm>
#include <vector>

#include <fovea/fovea.hpp>

namespace bench {

inline fovea::Tensor<float> random_numbers(const fovea::Shape& shape, std::uint32_t number) {
    fovea::Tensor<float> result(shape);
    const fovea::random::Stream stream{7, fovea::random::Purpose::user, number, 0};
    for (fovea::Index i = 0; i < result.size(); ++i)
        result[i] = static_cast<float>(stream.below(static_cast<std::uint64_t>(i), 2048)) / 1024 - 1;
    return result;
}

/// One layer outside of a model, in training, with all it needs: random parameters, inputs and output gradients.
/// It goes over the batch as a model does, a lane of some images at a time, on the caller's thread.
class LayerRun {
public:
    template <fovea::LayerSpec S>
    LayerRun(const S& spec, const fovea::Shape& sample, fovea::Index batch)
        : registry_(), layer_(spec, sample, begin(registry_)),
          values_(random_numbers(fovea::Shape{registry_.size()}, 3)), gradients_(values_.shape()),
          x_(random_numbers(sample.prepend(batch), 1)), y_(layer_.output_shape().prepend(batch)),
          dy_(random_numbers(y_.shape(), 2)), dx_(x_.shape()), output_gradient_(dy_) {
        const fovea::Index lane = layer_.whole_batch() ? batch : std::min(batch, images_to_a_lane);
        for (fovea::Index first = 0; first < batch; first += lane) {
            const fovea::Index last = std::min(batch, first + lane);
            lanes_.push_back({first, last, fovea::Tensor<std::byte>(fovea::Shape{layer_.kept_bytes(last - first)})});
        }
        scratch_ = fovea::Tensor<std::byte>(fovea::Shape{layer_.scratch_bytes(lane)});
        prepared_ = fovea::Tensor<std::byte>(fovea::Shape{layer_.prepared_bytes(true)});
        pass_.training = true;
        pass_.values = values_.span();
        pass_.scratch = fovea::Arena(scratch_.span());
        pass_.prepared = fovea::Arena(prepared_.span());
        prepare(true);
        forward();
    }

    LayerRun(const LayerRun&) = delete;
    LayerRun& operator=(const LayerRun&) = delete;

    /// What a model does once a step for all lanes: packs the parameters, for training also for the way back.
    void prepare(bool training) { layer_.prepare(values_.span(), pass_.prepared, training); }

    void forward() {
        for_each_lane([&](const Lane& l) { layer_.forward(l.of(x_), l.of(y_), pass_); });
    }
    void backward_data() { backward(true, false); }
    void backward_weights() { backward(false, true); }
    void backward() { backward(true, true); }

    /// A layer may overwrite its output gradient: to be called ahead of each backward, outside of what is timed.
    void reset_output_gradient() { std::copy(output_gradient_.begin(), output_gradient_.end(), dy_.begin()); }

    const fovea::Shape& output_shape() const { return layer_.output_shape(); }

private:
    static constexpr fovea::Index images_to_a_lane = 8;

    struct Lane {
        fovea::Index first, last;
        fovea::Tensor<std::byte> kept;

        fovea::View<float> of(fovea::Tensor<float>& batch) const { return batch.view().slice(first, last); }
    };

    static fovea::ParameterRegistry& begin(fovea::ParameterRegistry& registry) {
        registry.begin_layer("layer");
        return registry;
    }

    template <class F>
    void for_each_lane(F&& f) {
        for (Lane& lane : lanes_) {
            pass_.first_sample = lane.first;
            pass_.kept = fovea::Arena(lane.kept.span());
            f(lane);
        }
    }

    void backward(bool data, bool weights) {
        pass_.gradients = weights ? gradients_.span() : std::span<float>{};
        for_each_lane([&](const Lane& l) {
            layer_.backward(l.of(x_), l.of(y_), l.of(dy_), data ? l.of(dx_) : fovea::View<float>{}, pass_);
        });
    }

    fovea::ParameterRegistry registry_;
    fovea::AnyLayer<float> layer_;
    fovea::Tensor<float> values_, gradients_, x_, y_, dy_, dx_, output_gradient_;
    std::vector<Lane> lanes_;
    fovea::Tensor<std::byte> scratch_, prepared_;
    fovea::Pass<float> pass_;
};

} // namespace bench
