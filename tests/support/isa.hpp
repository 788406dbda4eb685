#pragma once
#include <vector>

#include <fovea/core/isa.hpp>

/// The instruction set in use, put back at the end of the scope.
class IsaGuard {
public:
    IsaGuard() = default;
    explicit IsaGuard(fovea::Isa isa) { fovea::set_isa(isa); }
    ~IsaGuard() { fovea::set_isa(before_); }
    IsaGuard(const IsaGuard&) = delete;
    IsaGuard& operator=(const IsaGuard&) = delete;

private:
    fovea::Isa before_ = fovea::isa();
};

/// Those that this machine can run; `generic` is always one, and the first.
inline std::vector<fovea::Isa> available_isas() {
    std::vector<fovea::Isa> result;
    for (const fovea::Isa isa : {fovea::Isa::generic, fovea::Isa::avx2, fovea::Isa::avx512})
        if (fovea::is_available(isa)) result.push_back(isa);
    return result;
}
