#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <fovea/io/atomic_file.hpp>
#include <fovea/io/c_layers.hpp>
#include <fovea/models/model.hpp>
#include <fovea/version.hpp>

/// A network as one C99 file for inference, of a sample at a time; docs/c_header.md shows it.
///
///     export_header(model, "digits.h");        void digits_predict(const float *x, float *y);
namespace fovea {

struct ExportHeaderOptions {
    std::string name = {}; ///< all names in the file begin with it; empty: the file's
    bool self_test = true; ///< with a main that compares an output with the library's, under NAME_SELF_TEST
};

namespace detail {

/// What an exported file holds, piece by piece.
template <class T>
class HeaderWriter {
public:
    HeaderWriter(const Model<T>& model, std::string name)
        : model_(model), network_(model.network()), program_(std::move(name)) {
        for (const Shape& wire : network_.wiring().wires) c_int(wire.size());
        const std::vector<Step<T>> steps = make_steps(network_.wiring(), false, network_.fuses());
        CLayers<T> layers(network_, program_);
        std::vector<CStepNeeds> needs;
        for (const Step<T>& step : steps) needs.push_back(layers.needs(step));
        const CMemory<T> memory(network_.wiring(), steps, needs, "@arena");
        arena_ = memory.floats();
        for (std::size_t i = 0; i < steps.size(); ++i) {
            CPlaces at{{}, memory.place(steps[i].output), memory.scratch(i)};
            for (const std::size_t wire : steps[i].inputs) at.x.push_back(memory.place(wire));
            program_.comment(summary_of(steps[i]));
            layers.write(steps[i], at);
        }
    }

    /// The whole file.
    std::string file(bool with_self_test) const {
        std::string code = head();
        code += program_.functions() + "\n" + program_.tables() + "\n" + program_.data();
        if (arena_ > 0) code += "\nstatic float @arena[" + c_int(arena_) + "];\n";
        code += '\n';
        code += signature() + "\n{\n" + program_.body() + "}\n";
        if (with_self_test) code += self_test();
        return program_.with_prefix(code + "\n#endif\n");
    }

private:
    std::string summary_of(const Step<T>& step) const {
        std::string names;
        for (const std::size_t call : step.calls)
            names += (names.empty() ? "" : ", ") + network_.layers()[network_.wiring().calls[call].of].name;
        return fovea::text(names, ": ", network_.wiring().calls[step.calls.front()].layer.input_shape(), " -> ",
                           network_.wiring().wires[step.output]);
    }

    /// `x`, or `x0`, `x1` ...; and the sizes' macros by the same rule.
    static std::string numbered(std::string_view stem, std::size_t number, std::size_t count) {
        return count == 1 ? std::string(stem) : fovea::text(stem, number);
    }

    std::string signature() const {
        std::string arguments;
        for (std::size_t i = 0; i < network_.inputs(); ++i)
            arguments += fovea::text(i > 0 ? ", " : "", "const float *", numbered("x", i, network_.inputs()));
        for (std::size_t i = 0; i < network_.outputs(); ++i)
            arguments += ", float *" + numbered("y", i, network_.outputs());
        return "static inline void @predict(" + arguments + ")";
    }

    std::string head() const {
        std::string tensors, sizes;
        const auto add = [&](std::string_view letter, std::string_view macro, std::size_t i, std::size_t count,
                             std::string name, const Shape& shape) {
            std::replace(name.begin(), name.end(), '*', '_');
            tensors += fovea::text(" *     ", numbered(letter, i, count), ": ", name, ' ', shape, '\n');
            sizes += fovea::text("#define @", numbered(macro, i, count), "_SIZE ", c_int(shape.size()), '\n');
        };
        for (std::size_t i = 0; i < network_.inputs(); ++i)
            add("x", "INPUT", i, network_.inputs(), network_.input_names()[i], network_.input_shape(i));
        for (std::size_t i = 0; i < network_.outputs(); ++i)
            add("y", "OUTPUT", i, network_.outputs(), network_.output_name(i), network_.output_shape(i));
        const Index bytes = arena_ * static_cast<Index>(sizeof(float));
        std::string code =
            fovea::text("/* A neural network in C99, written by fovea ", version, ".\n *\n *     @predict(",
                        arguments(), ");\n", tensors,
                        " *\n * Images are (height, width, channels), row by row. x and y must not overlap.\n"
                        " * ",
                        with_commas(program_.weight_count()), " weights, ",
                        with_commas(program_.weight_count() * static_cast<Index>(sizeof(float))), " bytes, and ",
                        with_commas(bytes),
                        " bytes that change, which is why only one call may run at a time.\n"
                        " * Include it in one file of a program. Needs ",
                        program_.uses_math() ? "math.h (-lm)" : "no library",
                        ".\n * A test: cc -std=c99 -O2 -D@SELF_TEST -x c THIS_FILE -lm && ./a.out\n */\n"
                        "#ifndef @H\n#define @H\n\n",
                        program_.uses_math() ? "#include <math.h>\n\n" : "", sizes, "#define @ARENA_BYTES ", bytes,
                        "\n\n#ifdef __cplusplus\n#define @RESTRICT\n#else\n#define @RESTRICT restrict\n#endif\n");
        return code;
    }

    std::string arguments() const {
        std::string list;
        for (std::size_t i = 0; i < network_.inputs(); ++i)
            list += (i > 0 ? ", " : "") + numbered("x", i, network_.inputs());
        for (std::size_t i = 0; i < network_.outputs(); ++i) list += ", " + numbered("y", i, network_.outputs());
        return list;
    }

    /// A main that gives the network numbers that anybody can make, and compares.
    std::string self_test() const {
        std::uint32_t word = 1; // as in @test_number
        std::vector<Tensor<T>> inputs;
        for (std::size_t i = 0; i < network_.inputs(); ++i) {
            inputs.emplace_back(network_.input_shape(i).prepend(1));
            for (T& x : inputs.back()) {
                word = word * 1664525u + 1013904223u;
                x = static_cast<T>(word >> 8) * static_cast<T>(0x1p-24);
            }
        }
        Data<T> data(inputs.front());
        for (std::size_t i = 1; i < inputs.size(); ++i) data.add_input(inputs[i]);
        const std::vector<Tensor<T>> outputs = model_.predict_outputs(data, {.batch_size = 1});

        CProgram expected(""); // which has the arrays
        std::string fill, compare, arrays;
        for (std::size_t i = 0; i < inputs.size(); ++i) {
            const std::string x = numbered("x", i, inputs.size());
            const std::string size = fovea::text("@", numbered("INPUT", i, inputs.size()), "_SIZE");
            arrays += "static float @test_" + x + "[" + size + "];\n";
            fill += "    for (i = 0; i < " + size + "; ++i)\n        @test_" + x + "[i] = @test_number();\n";
        }
        for (std::size_t i = 0; i < outputs.size(); ++i) {
            const std::string y = numbered("y", i, outputs.size());
            const std::string size = fovea::text("@", numbered("OUTPUT", i, outputs.size()), "_SIZE");
            arrays += "static float @test_" + y + "[" + size + "];\n";
            compare += "    wrong |= @test_differs(\"" + y + "\", @test_" + y + ", " +
                       expected.array("expected_" + y, outputs[i]) + ", " + size + ");\n";
        }
        std::string call = "    @predict(";
        for (std::size_t i = 0; i < inputs.size(); ++i)
            call += (i > 0 ? ", @test_" : "@test_") + numbered("x", i, inputs.size());
        for (std::size_t i = 0; i < outputs.size(); ++i) call += ", @test_" + numbered("y", i, outputs.size());
        return "\n#ifdef @SELF_TEST\n#include <stdio.h>\n\n/* What fovea gives for the same input. */\n" +
               expected.data() + "\n" + arrays + R"(
/* The next number of the test's input, in [0, 1). */
static float @test_number(void)
{
    static unsigned long word = 1;
    word = (word * 1664525ul + 1013904223ul) & 0xfffffffful;
    return (float)(word >> 8) / 16777216.0f;
}

static int @test_differs(const char *name, const float *y, const float *expected, long n)
{
    float scale = 1, most = 0;
    long i;
    for (i = 0; i < n; ++i) {
        const float size = expected[i] < 0 ? -expected[i] : expected[i];
        const float d = y[i] < expected[i] ? expected[i] - y[i] : y[i] - expected[i];
        scale = size > scale ? size : scale;
        most = d > most || d != d ? d : most;
    }
    printf("%s: differs from the library's by %g, %s\n", name, (double)most, most <= 1e-5f * scale ? "passed" : "FAILED");
    return !(most <= 1e-5f * scale);
}

int main(void)
{
    long i;
    int wrong = 0;
)" + fill + call +
               ");\n" + compare + "    return wrong;\n}\n#endif\n";
    }

    const Model<T>& model_;
    const Network<T>& network_;
    CProgram program_;
    Index arena_ = 0;
};

/// The name of a file without folder and extension, if nobody says another. Throws ValueError unless C can have it.
inline std::string checked_c_name(const std::string& wanted, const std::filesystem::path& path) {
    const std::string name = wanted.empty() ? path.stem().string() : wanted;
    const auto is_letter = [](char c) { return ('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z'); };
    bool valid = !name.empty() && is_letter(name[0]);
    for (const char c : name) valid = valid && (is_letter(c) || c == '_' || ('0' <= c && c <= '9'));
    require<ValueError>(valid, "export_header: the name must be a letter with letters, digits and _ behind it, got \"",
                        name, "\"");
    return name;
}

} // namespace detail

/// Writes the network for inference as C99, complete or not at all: weights as static arrays (a double's rounded to float), a static
/// arena in which tensors share their memory, a function, and a test of it. BatchNormalization is folded where the library does.
///
/// Throws ValueError for a name that C cannot have or a layer that C does not have, StateError for a model without layers,
/// NumericError for weights that are not finite, DataError if the file cannot be written.
template <class T>
void export_header(const Model<T>& model, const std::filesystem::path& path, const ExportHeaderOptions& options = {}) {
    model.network().require_complete("export_header");
    const detail::HeaderWriter<T> writer(model, detail::checked_c_name(options.name, path));
    write_atomically(path, writer.file(options.self_test));
}

} // namespace fovea
