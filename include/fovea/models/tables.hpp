#pragma once
#include <cstdio>
#include <ostream>
#include <string>
#include <vector>

#include <fovea/models/memory_use.hpp>
#include <fovea/models/profile.hpp>
#include <fovea/models/summary.hpp>
#include <fovea/models/training_plan.hpp>

/// What `Model::plan` and `Model::profile` print.
namespace fovea::detail {

/// Rows of cells, as wide as the widest; the first column to the left, the others to the right, the last to the left again.
class TextTable {
public:
    explicit TextTable(std::vector<std::string> head) { rows_.push_back(std::move(head)); }

    void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }

    void print(std::ostream& out) const {
        const std::size_t columns = rows_.front().size();
        std::vector<std::size_t> widths(columns, 0);
        for (const auto& row : rows_)
            for (std::size_t c = 0; c < columns; ++c) widths[c] = std::max(widths[c], row[c].size());
        for (const auto& row : rows_) {
            for (std::size_t c = 0; c < columns; ++c) {
                const std::string space(widths[c] - row[c].size(), ' ');
                const bool left = c == 0 || c + 1 == columns;
                out << (c > 0 ? "  " : "") << (left ? row[c] : space + row[c]);
                if (left && c + 1 < columns) out << space;
            }
            out << '\n';
        }
    }

private:
    std::vector<std::vector<std::string>> rows_;
};

/// `conv2d + max_pooling2d`
template <class T>
std::string names(const Network<T>& network, const Step<T>& step) {
    std::string result;
    for (const std::size_t call : step.calls)
        result += (result.empty() ? "" : " + ") + network.layers()[network.wiring().calls[call].of].name;
    return result;
}

/// Of the layers in a step; those of a shared layer in its first call.
template <class T>
Index parameters(const Network<T>& network, const Step<T>& step) {
    const auto& calls = network.wiring().calls;
    Index count = 0;
    for (const std::size_t call : step.calls) {
        const auto same = [&](const Call<T>& other) { return other.of == calls[call].of; };
        if (std::find_if(calls.begin(), calls.end(), same) != calls.begin() + static_cast<std::ptrdiff_t>(call))
            continue;
        const NamedLayer<T>& layer = network.layers()[calls[call].of];
        for (std::size_t i = layer.first; i < layer.last; ++i) count += network.parameters()[i].place.size();
    }
    return count;
}

/// Bytes are those of a step's output and of what it remembers until backward, for one sample.
template <class T>
[[gnu::cold]] void print_plan(const Network<T>& network, Index batch_size, const MemoryUse& memory, std::ostream& out) {
    for (const bool training : {true, false}) {
        const std::vector<Step<T>> steps = make_steps(network.wiring(), training, network.fuses());
        TextTable table({training ? "Training" : "Inference", "Output", "Params", "Multiply-adds", "Bytes", "Kernels"});
        Index total = 0;
        Index bytes = 0;
        for (const Step<T>& step : steps) {
            const Index cost = step.layer.multiply_adds();
            const Index kept =
                Arena::bytes<T>(step.layer.output_shape().size()) + (training ? step.layer.kept_bytes(1) : 0);
            total += cost;
            bytes += kept;
            const auto number = [](Index n) { return n == 0 ? "" : with_commas(n); };
            table.add({names(network, step), batched(step.layer.output_shape()), number(parameters(network, step)),
                       number(cost), number(kept), step.layer.kernels(training)});
        }
        table.add({"a sample, forward", "", with_commas(static_cast<Index>(network.values().size())),
                   with_commas(total), with_commas(bytes), ""});
        table.print(out);
        out << '\n';
    }
    const Lanes lanes = Lanes::of(batch_size, static_cast<Index>(network.values().size()));
    const int count = threads();
    out << "Instruction set " << isa() << ", " << count << (count == 1 ? " thread" : " threads")
        << ". A training batch of " << batch_size << " runs in " << lanes.count() << " lanes of up to " << lanes.size
        << " samples.\n";
    const auto size = [](Index n) { return size_text(static_cast<double>(n)); };
    out << "Memory " << size(memory.total()) << ": parameters " << size(memory.parameters) << ", optimizer "
        << size(memory.optimizer) << ", gradients " << size(memory.gradients) << ", prepared weights "
        << size(memory.prepared) << ", scratch " << size(memory.scratch) << ", activations " << size(memory.activations)
        << ", which would be " << size(memory.without_reuse) << " without reuse.\n";
}

/// Times are what the threads together spent, divided by the samples; layers that see the whole batch share it out themselves, so theirs are times of the clock. FLOP count as the layer's definition has it, two a multiply-add: kernels that
/// get by with fewer can exceed the peak.
template <class T>
[[gnu::cold]] void print_profile(const Network<T>& network, const Profile& profile, const TrainingPlan<T>& plan,
                                 std::ostream& out) {
    if (profile.empty()) {
        out << "No profile: no step of training yet, or FOVEA_PROFILE=1 or set_profiling(true) came after it.\n";
        return;
    }
    const std::vector<Step<T>>& steps = plan.steps;
    const double peak = ops::peak_flops<T>();
    TextTable table({"Step", "Forward us", "GFLOP/s", "of peak", "Backward us", "GFLOP/s", "of peak", ""});
    double total = 0;
    for (std::size_t i = 0; i < steps.size(); ++i) total += profile.total(i).forward + profile.total(i).backward;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        const Profile::Times times = profile.total(i);
        const auto samples = static_cast<double>(std::max<Index>(1, times.samples));
        const double flops = 2 * static_cast<double>(steps[i].layer.multiply_adds());
        std::vector<std::string> row{names(network, steps[i])};
        const auto add = [&](double seconds, double work) {
            const double rate = seconds > 0 ? work * samples / seconds : 0;
            row.push_back(fixed(seconds / samples * 1e6, 2));
            row.push_back(work > 0 ? fixed(rate / 1e9, 1) : "");
            row.push_back(work > 0 ? fixed(100 * rate / peak, 0) + " %" : "");
        };
        add(times.forward, flops);
        const auto& inputs = steps[i].inputs;
        const bool gives_dx =
            std::any_of(inputs.begin(), inputs.end(), [&](std::size_t wire) { return plan.flow.wanted[wire]; });
        add(times.backward, (gives_dx ? flops : 0) + (plan.flow.trained[i] ? flops : 0));
        row.push_back(fixed(100 * (times.forward + times.backward) / std::max(total, 1e-9), 1) + " % of the time");
        table.add(row);
    }
    table.print(out);
    out << "Peak of one core, measured: " << fixed(peak / 1e9, 1) << " GFLOP/s (" << isa() << ")\n";
}

} // namespace fovea::detail
