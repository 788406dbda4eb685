#include <array>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <fovea/augment/all.hpp>
#include <fovea/io/export_header.hpp>

#include "models/changed_weights.hpp"
#include "models/networks.hpp"
#include "reference/reference.hpp"
#include "support/temporary_directory.hpp"

#include "catch.hpp"

using namespace fovea;

namespace {

namespace exported {

using enum Activation;

/// Whether there is a compiler for C to ask.
bool has_compiler() {
    static const bool has = std::system("cc --version > /dev/null 2>&1") == 0;
    return has;
}

/// The file's text.
std::string contents(const std::filesystem::path& path) {
    std::ifstream in(path);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

/// A program that sends samples from a file through the network, and writes the outputs to another.
std::string caller(std::size_t inputs, std::size_t outputs, Index samples) {
    std::string arrays, read, call, write;
    const auto add = [&](const char* macro, const char* letter, std::size_t i, std::size_t count, const char* access,
                         std::string& code) {
        const std::string array = text(letter, i);
        arrays += text("static float ", array, "[NET_", macro, count == 1 ? "" : text(i), "_SIZE];\n");
        code += text("        done += ", access, '(', array, ", sizeof ", array, ", 1, ",
                     access == std::string("fread") ? "in" : "out", ");\n");
        call += text(call.empty() ? "" : ", ", array);
    };
    for (std::size_t i = 0; i < inputs; ++i) add("INPUT", "in", i, inputs, "fread", read);
    for (std::size_t i = 0; i < outputs; ++i) add("OUTPUT", "out", i, outputs, "fwrite", write);
    return text("#include <stdio.h>\n#include \"net.h\"\n", arrays,
                "int main(int argc, char **argv)\n{\n    FILE *in, *out;\n    int n, done = 0;\n"
                "    if (argc != 3) return 2;\n    in = fopen(argv[1], \"rb\");\n    out = fopen(argv[2], \"wb\");\n"
                "    if (!in || !out) return 3;\n    for (n = 0; n < ",
                samples, "; ++n) {\n", read, "        net_predict(", call, ");\n", write,
                "    }\n    fclose(in);\n    if (fclose(out) != 0) return 4;\n    return done == ",
                static_cast<Index>(inputs + outputs) * samples, " ? 0 : 5;\n}\n");
}

/// Exports the network, compiles the file alone, runs its own test, and compares its outputs for random inputs with the library's.
template <class... Idle, class T>
void check(Model<T>& model) {
    networks::change_weights(model);
    const TemporaryDirectory folder;
    const std::filesystem::path path = folder.path() / "net.h";
    export_header<Idle...>(model, path);
    if (!has_compiler()) {
        WARN("skipped: there is no C compiler, cc");
        return;
    }
    const std::string in = "cd '" + folder.path().string() + "' && ";
    const std::string compiler = in + "cc -std=c99 -Wall -Wextra -pedantic -Werror ";
    REQUIRE(std::system((compiler + "-fsyntax-only -x c net.h").c_str()) == 0);
    REQUIRE(std::system((compiler + "-O3 -DNET_SELF_TEST -x c net.h -o own -lm && ./own > own.txt").c_str()) == 0);
    CHECK(contents(folder.path() / "own.txt").find("passed") != std::string::npos);

    constexpr Index samples = 5;
    std::vector<Tensor<T>> x;
    const Network<T>& network = model.network();
    for (std::size_t i = 0; i < network.inputs(); ++i)
        x.push_back(reference::values<T>(network.input_shape(i).prepend(samples), 1 + i));
    std::ofstream file(folder.path() / "x", std::ios::binary);
    for (Index n = 0; n < samples; ++n)
        for (const Tensor<T>& all : x)
            for (Index i = 0; i < all.size() / samples; ++i) {
                const auto value = static_cast<float>(all[n * (all.size() / samples) + i]);
                file.write(reinterpret_cast<const char*>(&value), sizeof value);
            }
    file.close();
    Data<T> data(x.front());
    for (std::size_t i = 1; i < x.size(); ++i) data.add_input(x[i]);
    const std::vector<Tensor<T>> y = model.predict_outputs(data);

    folder.write("main.c", caller(x.size(), y.size(), samples));
    REQUIRE(std::system((compiler + "main.c -o net -lm && ./net x y").c_str()) == 0);
    const std::string bytes = contents(folder.path() / "y");
    std::vector<float> outputs(bytes.size() / sizeof(float));
    std::copy(bytes.begin(), bytes.end(), reinterpret_cast<char*>(outputs.data()));
    double most = 0;
    std::size_t at = 0;
    for (Index n = 0; n < samples; ++n)
        for (const Tensor<T>& expected : y)
            for (Index i = 0; i < expected.size() / samples; ++i) {
                REQUIRE(at < outputs.size());
                const auto value = static_cast<double>(expected[n * (expected.size() / samples) + i]);
                const double difference = std::abs(static_cast<double>(outputs[at++]) - value);
                most = std::max(most, difference / std::max(1.0, std::abs(value)));
            }
    CHECK(at == outputs.size());
    CHECK(most <= 1e-5);
}

/// Two blocks of a ResNet, one of which halves the image.
Model<float> residual() {
    Graph graph;
    const auto image = graph.input({12, 10, 3}, "image");
    const auto convolution = [](Index filters, Size2D kernel, Index stride, const Node<float>& x) {
        return BatchNormalization{}(Conv2D{
            .filters = filters, .kernel_size = kernel, .strides = stride, .padding = Padding::same, .use_bias = false}(
            x));
    };
    auto h = ReLU{}(convolution(8, 3, 1, image));
    h = ActivationLayer{relu}(Add{}(convolution(8, 3, 1, ReLU{}(convolution(8, 3, 1, h))), h));
    const auto shortcut = convolution(16, 1, 2, h);
    h = ReLU{}(Add{}(convolution(16, 3, 1, ReLU{}(convolution(16, 3, 2, h))), shortcut));
    return {{image}, {Dense{10, softmax}(GlobalAveragePooling2D{}(h))}};
}

/// Convolutions of every kind on images of odd extents.
Model<float> convolutions() {
    Graph graph;
    const auto image = graph.input({13, 9, 6}, "image");
    auto h = Conv2D{.filters = 4,
                    .kernel_size = {3, 2},
                    .activation = silu,
                    .strides = {2, 1},
                    .padding = Padding::same,
                    .groups = 2}(image);
    h = Conv2D{
        .filters = 6, .kernel_size = {2, 3}, .padding = Padding::same, .dilation_rate = {2, 3}, .use_bias = false}(h);
    h = DepthwiseConv2D{.kernel_size = {3, 4}, .activation = gelu, .padding = Padding::same, .depth_multiplier = 2}(h);
    h = DepthwiseConv2D{.kernel_size = 3, .padding = Padding::same, .dilation_rate = 2}(h);
    h = ReLU{.max_value = 6.0}(BatchNormalization{}(h));
    h = SeparableConv2D{.filters = 5, .kernel_size = 3, .activation = relu, .depth_multiplier = 2}(h);
    h = Conv2DTranspose{.filters = 4, .kernel_size = 3, .activation = sigmoid, .strides = 2, .output_padding = {1, 1}}(
        h);
    h = Conv2DTranspose{
        .filters = 3, .kernel_size = {4, 3}, .strides = {2, 3}, .padding = Padding::same, .use_bias = false}(h);
    return {{image}, {Conv2D{.filters = 2, .kernel_size = 5, .strides = 3}(h)}};
}

/// What moves elements, in every way.
Model<float> movements() {
    Graph graph;
    const auto image = graph.input({5, 7, 3}, "image");
    auto h = ZeroPadding2D{{{1, 0}, {2, 1}}}(image);
    h = Cropping2D{{{0, 2}, {1, 1}}}(UpSampling2D{{2, 3}}(h));
    h = UpSampling2D{.size = {3, 2}, .interpolation = Interpolation::bilinear}(h);
    const auto turned = Permute{{2, 3, 1}}(h);
    const auto rows = Concatenate{.axis = 1}(h, h, ZeroPadding2D{0}(h));
    return {{image}, {Reshape{{-1}}(turned), Concatenate{2}(rows, rows), Concatenate{}(rows, rows)}};
}

/// Poolings that overlap, reach over the edge or run as one with a convolution, and those of whole images.
Model<float> poolings() {
    Graph graph;
    const auto image = graph.input({15, 14, 3}, "image");
    auto h = MaxPooling2D{.pool_size = {2, 3}}(Conv2D{5, {3, 3}, relu}(image));
    h = MaxPooling2D{.pool_size = 3, .strides = 2, .padding = Padding::same}(Conv2D{4, {2, 2}}(h));
    const auto mean = AveragePooling2D{.pool_size = 2, .strides = 1, .padding = Padding::same}(h);
    return {{image},
            {GlobalMaxPooling2D{}(mean), GlobalAveragePooling2D{.keepdims = true}(mean),
             AveragePooling2D{.pool_size = {2, 1}}(mean), GlobalMaxPooling2D{.keepdims = true}(image)}};
}

Model<float> normalizations() {
    Graph graph;
    const auto image = graph.input({5, 4, 6}, "image");
    auto h = Rescaling{2, -0.5}(BatchNormalization{}(image));
    h = GroupNormalization{.groups = 3}(LayerNormalization{.axis = {1, 2, 3}}(h));
    h = LayerNormalization{.center = false}(GroupNormalization{.groups = -1, .scale = false}(h));
    h = BatchNormalization{.center = false, .scale = false}(PReLU{.shared_axes = {1, 2}}(PReLU{}(h)));
    return {{image}, {UnitNormalization{}(h), h}};
}

Model<float> all_activations() {
    Graph graph;
    const auto x = graph.input({4, 3}, "x");
    std::vector<Node<float>> outputs;
    for (const auto& [activation, name] : fovea::detail::activation_names)
        outputs.push_back(Dense{5, activation}(ActivationLayer{activation}(Dense{5}(x))));
    outputs.push_back(Softmax{}(ELU{0.5}(
        LeakyReLU{0.1}(ReLU{.max_value = 0.75, .negative_slope = 0.25, .threshold = 0.125}(Rescaling{3, 0.25}(x))))));
    return {{x}, outputs};
}

/// Merges, of inputs that are repeated too, and of one tensor with itself.
Model<float> merges() {
    Graph graph;
    const auto a = graph.input({4, 5, 3}, "a");
    const auto b = graph.input({1, 1, 3}, "b");
    const auto c = graph.input({4, 1, 1}, "c");
    const auto h = Dense{3}(a);
    const auto twice = Dense{3}(a); // must not be written over, although nobody reads it later
    return {{a, b, c},
            {Average{}(twice, a, twice), Add{}(b, h, c), Subtract{}(h, b), Multiply{}(c, b), Average{}(h, a, h),
             Maximum{}(Add{}(h, h), a, b), Minimum{}(a, Multiply{}(Dense{3}(h), c))}};
}

/// Copies from an input to an output, from an output to another, and an output that others read.
Model<float> copies() {
    Graph graph;
    const auto x = graph.input({3, 4}, "x");
    const auto flat = Flatten{}(x);
    const auto first = Dense{3, relu}(Dropout{0.5}(flat));
    return {{x}, {flat, first, Reshape{{3, 1}}(first), Dense{2}(Dropout{0.5}(first)), ReLU{}(Reshape{{3, 1}}(first))}};
}

/// A layer at two places, with a normalization to fold behind one of them.
Model<float> shared() {
    Graph graph;
    const auto x = graph.input({6, 6, 3}, "a name/with * what C \"does not have\"");
    const Shared convolution{Conv2D{.filters = 3, .kernel_size = 3, .padding = Padding::same}};
    const auto h = BatchNormalization{}(convolution(x));
    return {{x}, {Dense{2}(convolution(h))}};
}

/// A layer of somebody else.
struct Unheard : Flatten {
    static constexpr std::string_view type = "Unheard";
    template <class T>
    class Layer;
    template <class Node>
    Node operator()(const Node& x) const {
        return x.then(*this);
    }
};

template <class T>
class Unheard::Layer : public Flatten::Layer<T> {
public:
    Layer(const Unheard& spec, const Shape& input, ParameterRegistry& parameters)
        : Flatten::Layer<T>(spec, input, parameters) {}
};

/// One of somebody else that doubles in training.
struct Doubled {
    static constexpr std::string_view type = "Doubled";

    template <class T>
    struct Layer {
        Layer(const Doubled&, const Shape&, ParameterRegistry&) {}
        bool idle_in_inference() const { return true; }
        void forward(ConstView<T> x, View<T> y, Pass<T>& pass) const {
            for (Index i = 0; i < y.size(); ++i) y[i] = pass.training ? 2 * x[i] : x[i];
        }
        void backward(ConstView<T>, ConstView<T>, View<T>, View<T>, Pass<T>&) const {}
    };
    Shape output_shape(const Shape& input) const { return input; }
};

} // namespace exported

} // namespace

TEST_CASE("export_header: the article's network") {
    auto model = networks::article();
    exported::check(model);
}

TEST_CASE("export_header: a residual network") {
    auto model = exported::residual();
    exported::check(model);
}

TEST_CASE("export_header: two inputs and two outputs") {
    auto model = networks::branching();
    exported::check(model);
}

TEST_CASE("export_header: convolutions of every kind") {
    auto model = exported::convolutions();
    exported::check(model);
}

TEST_CASE("export_header: layers that move elements") {
    auto model = exported::movements();
    exported::check(model);
}

TEST_CASE("export_header: poolings") {
    auto model = exported::poolings();
    exported::check(model);
}

TEST_CASE("export_header: normalizations") {
    auto model = exported::normalizations();
    exported::check(model);
}

TEST_CASE("export_header: activations") {
    auto model = exported::all_activations();
    exported::check(model);
}

TEST_CASE("export_header: merges") {
    auto model = exported::merges();
    exported::check(model);
}

TEST_CASE("export_header: copies between the caller's arrays") {
    auto model = exported::copies();
    exported::check(model);
}

TEST_CASE("export_header: a shared layer, and names that C cannot have") {
    auto model = exported::shared();
    exported::check(model);
}

TEST_CASE("export_header: nothing is fused if nothing is to be") {
    auto model = networks::normalized();
    model.set_fuses(false);
    exported::check(model);
}

TEST_CASE("export_header: normalizations are folded") {
    auto model = networks::normalized();
    exported::check(model);
    const TemporaryDirectory folder;
    export_header(model, folder.path() / "net.h", {.name = "Other", .self_test = false});
    const std::string code = exported::contents(folder.path() / "net.h");
    CHECK(code.find("moving_mean") == std::string::npos);
    CHECK(code.find("SELF_TEST\n") == std::string::npos);
    CHECK(code.find("void Other_predict(const float *x, float *y)") != std::string::npos);
    CHECK(code.find("#define OTHER_INPUT_SIZE 36\n") != std::string::npos);
}

TEST_CASE("export_header: a model of doubles") {
    auto model = networks::normalized<double>();
    exported::check(model);
}

TEST_CASE("export_header: augmentations do nothing in inference") {
    Sequential<float> model{Input{6, 6, 3}, RandomRotation{0.1}, RandomContrast{0.2}, Flatten{}, Dense{3}};
    exported::check(model);
    Sequential<float> cut{Input{6, 6, 3}, CenterCrop{.height = 4, .width = 4}, Flatten{}, Dense{3}};
    CHECK_THROWS_AS(export_header(cut, "never.h"), ValueError);
    Sequential<float> stretched{Input{6, 6, 3}, AutoContrast{}, Flatten{}, Dense{3}};
    CHECK_THROWS_AS(export_header(stretched, "never.h"), ValueError);
}

TEST_CASE("export_header: a layer of one's own that does nothing in inference") {
    Sequential<float> model{Input{6}, Dense{3}, exported::Doubled{}, Dense{2}};
    exported::check(model);
}

TEST_CASE("export_header: the arena holds no more than what is needed at once") {
    auto model = networks::article();
    const TemporaryDirectory folder;
    export_header(model, folder.path() / "net.h");
    // Largest where the second convolution reads 13x13x32 numbers, and writes 5x5x64 by way of one pixel of 64.
    const std::string size = text("NET_ARENA_BYTES ", 4 * (13 * 13 * 32 + 5 * 5 * 64 + 64), '\n');
    CHECK(exported::contents(folder.path() / "net.h").find(size) != std::string::npos);
}

TEST_CASE("export_header: errors") {
    const TemporaryDirectory folder;
    auto model = networks::small();
    const auto path = folder.path() / "net.h";
    for (const char* name : {"1a", "a-b", "_a", "a b", "\xc3\xa4"})
        CHECK_THROWS_WITH(export_header(model, path, {.name = name}),
                          "export_header: the name must be a letter with letters, digits and _ behind it, got \"" +
                              std::string(name) + "\"");
    CHECK_THROWS_AS(export_header(model, folder.path() / "my-net.h"), ValueError);
    CHECK_THROWS_AS(export_header(model, folder.path() / "none" / "net.h"), DataError);
    CHECK_THROWS_AS(export_header(model, folder.path(), {.name = "net"}), DataError);
    CHECK_THROWS_AS(export_header(Sequential<float>{Input{3}}, path), StateError);

    Sequential<float> unheard{Input{2, 2}, exported::Unheard{{.name = "mine"}}, Dense{2}};
    CHECK_THROWS_WITH(export_header(unheard, path),
                      "export_header: \"mine\" is a Unheard, which cannot be written in C");
    model.parameter("dense/bias")[0] = std::numeric_limits<float>::infinity();
    CHECK_THROWS_WITH(export_header(model, path), "export_header: dense/bias has the number inf, expected finite ones");
    CHECK(!std::filesystem::exists(path));
}
