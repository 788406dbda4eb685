#include <fovea/optimizers/all.hpp>
#include <fovea/optimizers/fingerprint.hpp>
#include <fovea/schedules/all.hpp>

#include <set>
#include <vector>

#include "catch.hpp"

using namespace fovea;

TEST_CASE("fingerprint: each option makes another one, but for the learning rate", "[optimizers]") {
    const std::vector<AnyOptimizer<float>> all{
        SGD{},
        SGD{.momentum = 0.9},
        SGD{.momentum = 0.9, .nesterov = true},
        SGD{.weight_decay = 0.01},
        SGD{.clipnorm = 100},
        SGD{.clipvalue = 100},
        SGD{.global_clipnorm = 100},
        SGD{.use_ema = true},
        SGD{.use_ema = true, .ema_momentum = 0.9},
        SGD{.use_ema = true, .ema_overwrite_frequency = 100},
        SGD{.gradient_accumulation_steps = 100},
        SGD{.gradient_accumulation_steps = 101},
        RMSprop{},
        RMSprop{.rho = 0.91},
        RMSprop{.momentum = 0.5},
        RMSprop{.centered = true},
        Adam{},
        Adam{.beta_1 = 0.91},
        Adam{.beta_2 = 0.9991},
        Adam{.epsilon = 1.1e-7},
        AdamW{},
        AdamW{.weight_decay = 0.005},
        Nadam{},
        Adagrad{},
        Adagrad{.initial_accumulator_value = 0.2},
        Adadelta{},
        Adadelta{.rho = 0.9},
        Lion{},
        Lion{.beta_1 = 0.95},
        Lion{.beta_2 = 0.98},
        Muon{},
        Muon{.momentum = 0.9},
        Muon{.ns_steps = 4},
        Muon{.adam_beta_2 = 0.99},
    };
    std::set<std::uint64_t> different;
    for (const AnyOptimizer<float>& optimizer : all) {
        different.insert(detail::fingerprint(optimizer));
        CHECK(detail::fingerprint(optimizer) == detail::fingerprint(optimizer));
    }
    CHECK(different.size() == all.size());
    CHECK(detail::fingerprint(AnyOptimizer<float>(Adam{.learning_rate = 0.1})) ==
          detail::fingerprint(AnyOptimizer<float>(Adam{.learning_rate = CosineDecay{0.1, 100}})));
}
