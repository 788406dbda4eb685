#pragma once
#include <memory>
#include <mutex>
#include <vector>

#include <fovea/models/memory.hpp>
#include <fovea/models/steps.hpp>

namespace fovea {

/// What inference derives from a network.
template <class T>
struct InferencePlan {
    std::vector<Step<T>> steps;
    Layout layout; ///< of a sample's tensors, wire by wire
    Prepared<T> prepared;
};

/// Keeps a network's plan until the values change. Once somebody outside holds a view of them, nobody knows when that is, so
/// every use makes its own.
template <class T>
class PlanCache {
public:
    PlanCache() = default;
    PlanCache(const PlanCache&) {} // a copied network makes its own, for values of its own
    PlanCache(PlanCache&& other) noexcept : exposed_(other.exposed_) {} // views move along with the values
    PlanCache& operator=(const PlanCache&) {
        drop(false);
        return *this;
    }
    PlanCache& operator=(PlanCache&& other) noexcept {
        drop(other.exposed_);
        return *this;
    }

    void drop(bool exposed) {
        const std::lock_guard lock(mutex_);
        plan_.reset();
        exposed_ = exposed_ || exposed;
    }

    template <class F>
    std::shared_ptr<const InferencePlan<T>> get(F&& make) {
        const std::lock_guard lock(mutex_);
        if (plan_) return plan_;
        std::shared_ptr<const InferencePlan<T>> plan = make();
        if (!exposed_) plan_ = plan;
        return plan;
    }

private:
    std::mutex mutex_;
    std::shared_ptr<const InferencePlan<T>> plan_;
    bool exposed_ = false;
};

} // namespace fovea
