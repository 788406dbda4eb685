#pragma once
#include <algorithm>
#include <span>
#include <vector>

#include <fovea/core/parallel.hpp>
#include <fovea/models/network.hpp>
#include <fovea/ops/penalty.hpp>

namespace fovea {

/// Regularizers and constraints of those parameters of a network that the optimizer moves, as in Keras. Cut into pieces that the
/// threads share out and that depend on the parameters alone, and so do the bits. No piece costs nothing.
template <class T>
class Penalties {
public:
    Penalties() = default;

    /// For what is trained now: to be made anew when layers have been frozen or thawed.
    explicit Penalties(const Network<T>& network) {
        for (const NamedLayer<T>& layer : network.layers())
            for (std::size_t i = layer.first; i < layer.last; ++i)
                if (const NamedParameter& p = network.parameters()[i]; network.is_trained(layer, p)) add(p);
        sums_.resize(penalties_.size());
    }

    /// What is added to the loss, which is a mean; its gradient is added to `gradients` unless that is empty.
    double add_to(std::span<T> gradients, std::span<const T> values) {
        parallel_for(static_cast<Index>(penalties_.size()), [&](Index task, int) {
            const auto i = static_cast<std::size_t>(task);
            const Penalty& p = penalties_[i];
            sums_[i] = ops::penalty<T>(p.l1, p.l2, values.subspan(p.offset, p.size),
                                       gradients.empty() ? gradients : gradients.subspan(p.offset, p.size));
        });
        double sum = 0;
        for (const double part : sums_) sum += part;
        return sum;
    }

    /// Changes the values to what the constraints allow.
    void constrain(std::span<T> values) const {
        parallel_for(static_cast<Index>(groups_.size()), [&](Index task, int) {
            const Groups& groups = groups_[static_cast<std::size_t>(task)];
            const Bound& bound = bounds_[groups.bound];
            bound.constraint.apply(bound.place.in(values), groups.first, groups.last);
        });
    }

private:
    /// Elements a task: some microseconds.
    static constexpr Index piece_size = 8192;

    struct Penalty {
        std::size_t offset, size;
        double l1, l2;
    };

    struct Bound {
        Parameter place;
        Constraint constraint;
    };

    /// Those [first, last) of what one constraint looks at together.
    struct Groups {
        std::size_t bound;
        Index first, last;
    };

    void add(const NamedParameter& p) {
        const Index size = p.place.size();
        for (Index first = 0; p.regularizer && first < size; first += piece_size)
            penalties_.push_back({static_cast<std::size_t>(p.place.offset + first),
                                  static_cast<std::size_t>(std::min(piece_size, size - first)), p.regularizer.l1(),
                                  p.regularizer.l2()});
        if (!p.constraint || size == 0) return;
        const Index groups = p.constraint.groups(p.place.shape);
        const Index count =
            std::max<Index>(64, piece_size * groups / size); // fewer side by side would waste cache lines
        for (Index first = 0; first < groups; first += count)
            groups_.push_back({bounds_.size(), first, std::min(groups, first + count)});
        bounds_.push_back({p.place, p.constraint});
    }

    std::vector<Penalty> penalties_;
    std::vector<double> sums_; ///< of the penalties
    std::vector<Bound> bounds_;
    std::vector<Groups> groups_;
};

} // namespace fovea
