#pragma once
#include <cstddef>
#include <string>
#include <vector>

namespace bench {

/// A loop of nothing but fused multiply-adds in registers: what the arithmetic of a core can do at most.
struct FmaLoop {
    std::string isa;
    double (*run)(long iterations); ///< returns a sum, so that the loop cannot be left out
    double flops_per_iteration;
};

/// For each instruction set of this machine, the widest last. fma.cpp is compiled so that a * b + c becomes one instruction.
std::vector<FmaLoop> fma_loops();

} // namespace bench
