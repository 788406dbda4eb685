#include <sstream>
#include <string>

#include "models/networks.hpp"

#include "catch.hpp"

using namespace fovea;

namespace {

std::string summary_of(const Model<float>& model) {
    std::ostringstream out;
    model.summary(out);
    return out.str();
}

/// One step on a single sample of zeros.
void train_one_step(Model<float>& model) {
    const Tensor<float> x(model.network().input_shape().prepend(1));
    const std::vector<std::int32_t> y{0};
    model.train_on_batch(x, y);
}

// What Keras 3.15.1 prints for the same networks.

const std::string article_table = R"(Model: "sequential"
┏━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━┓
┃ Layer (type)                         ┃ Output Shape                ┃         Param # ┃
┡━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━┩
│ conv2d (Conv2D)                      │ (None, 26, 26, 32)          │             320 │
├──────────────────────────────────────┼─────────────────────────────┼─────────────────┤
│ max_pooling2d (MaxPooling2D)         │ (None, 13, 13, 32)          │               0 │
├──────────────────────────────────────┼─────────────────────────────┼─────────────────┤
│ conv2d_1 (Conv2D)                    │ (None, 11, 11, 64)          │          18,496 │
├──────────────────────────────────────┼─────────────────────────────┼─────────────────┤
│ max_pooling2d_1 (MaxPooling2D)       │ (None, 5, 5, 64)            │               0 │
├──────────────────────────────────────┼─────────────────────────────┼─────────────────┤
│ conv2d_2 (Conv2D)                    │ (None, 3, 3, 64)            │          36,928 │
├──────────────────────────────────────┼─────────────────────────────┼─────────────────┤
│ flatten (Flatten)                    │ (None, 576)                 │               0 │
├──────────────────────────────────────┼─────────────────────────────┼─────────────────┤
│ dense (Dense)                        │ (None, 64)                  │          36,928 │
├──────────────────────────────────────┼─────────────────────────────┼─────────────────┤
│ dense_1 (Dense)                      │ (None, 10)                  │             650 │
└──────────────────────────────────────┴─────────────────────────────┴─────────────────┘
)";

const std::string branching_table = R"(Model: "functional"
┏━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━━━━━┓
┃ Layer (type)                  ┃ Output Shape              ┃         Param # ┃ Connected to               ┃
┡━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━━━━━┩
│ image (InputLayer)            │ (None, 8, 8, 3)           │               0 │ -                          │
├───────────────────────────────┼───────────────────────────┼─────────────────┼────────────────────────────┤
│ conv2d (Conv2D)               │ (None, 8, 8, 4)           │             112 │ image[0][0]                │
├───────────────────────────────┼───────────────────────────┼─────────────────┼────────────────────────────┤
│ trunk (Conv2D)                │ (None, 6, 6, 4)           │             148 │ conv2d[0][0],              │
│                               │                           │                 │ conv2d_1[0][0]             │
├───────────────────────────────┼───────────────────────────┼─────────────────┼────────────────────────────┤
│ conv2d_1 (Conv2D)             │ (None, 8, 8, 4)           │              20 │ conv2d[0][0]               │
├───────────────────────────────┼───────────────────────────┼─────────────────┼────────────────────────────┤
│ batch_normalization           │ (None, 6, 6, 4)           │              16 │ trunk[0][0]                │
│ (BatchNormalization)          │                           │                 │                            │
├───────────────────────────────┼───────────────────────────┼─────────────────┼────────────────────────────┤
│ add (Add)                     │ (None, 6, 6, 4)           │               0 │ batch_normalization[0][0], │
│                               │                           │                 │ trunk[1][0]                │
├───────────────────────────────┼───────────────────────────┼─────────────────┼────────────────────────────┤
│ multiply (Multiply)           │ (None, 6, 6, 4)           │               0 │ batch_normalization[0][0], │
│                               │                           │                 │ trunk[1][0]                │
├───────────────────────────────┼───────────────────────────┼─────────────────┼────────────────────────────┤
│ concatenate (Concatenate)     │ (None, 6, 6, 8)           │               0 │ add[0][0], multiply[0][0]  │
├───────────────────────────────┼───────────────────────────┼─────────────────┼────────────────────────────┤
│ flatten (Flatten)             │ (None, 288)               │               0 │ concatenate[0][0]          │
├───────────────────────────────┼───────────────────────────┼─────────────────┼────────────────────────────┤
│ global_average_pooling2d      │ (None, 4)                 │               0 │ trunk[1][0]                │
│ (GlobalAveragePooling2D)      │                           │                 │                            │
├───────────────────────────────┼───────────────────────────┼─────────────────┼────────────────────────────┤
│ class (Dense)                 │ (None, 3)                 │             867 │ flatten[0][0]              │
├───────────────────────────────┼───────────────────────────┼─────────────────┼────────────────────────────┤
│ dense (Dense)                 │ (None, 1)                 │               5 │ global_average_pooling2d[… │
└───────────────────────────────┴───────────────────────────┴─────────────────┴────────────────────────────┘
)";

const std::string normalized_table = R"(Model: "sequential"
┏━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━┓
┃ Layer (type)                         ┃ Output Shape                ┃         Param # ┃
┡━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━┩
│ conv2d (Conv2D)                      │ (None, 26, 26, 8)           │              72 │
├──────────────────────────────────────┼─────────────────────────────┼─────────────────┤
│ batch_normalization                  │ (None, 26, 26, 8)           │              32 │
│ (BatchNormalization)                 │                             │                 │
├──────────────────────────────────────┼─────────────────────────────┼─────────────────┤
│ activation (Activation)              │ (None, 26, 26, 8)           │               0 │
├──────────────────────────────────────┼─────────────────────────────┼─────────────────┤
│ average_pooling2d (AveragePooling2D) │ (None, 13, 13, 8)           │               0 │
├──────────────────────────────────────┼─────────────────────────────┼─────────────────┤
│ conv2d_1 (Conv2D)                    │ (None, 13, 13, 8)           │             584 │
├──────────────────────────────────────┼─────────────────────────────┼─────────────────┤
│ batch_normalization_1                │ (None, 13, 13, 8)           │              32 │
│ (BatchNormalization)                 │                             │                 │
├──────────────────────────────────────┼─────────────────────────────┼─────────────────┤
│ global_average_pooling2d             │ (None, 8)                   │               0 │
│ (GlobalAveragePooling2D)             │                             │                 │
├──────────────────────────────────────┼─────────────────────────────┼─────────────────┤
│ dropout (Dropout)                    │ (None, 8)                   │               0 │
├──────────────────────────────────────┼─────────────────────────────┼─────────────────┤
│ reshape (Reshape)                    │ (None, 2, 4)                │               0 │
├──────────────────────────────────────┼─────────────────────────────┼─────────────────┤
│ dense (Dense)                        │ (None, 2, 3)                │              15 │
├──────────────────────────────────────┼─────────────────────────────┼─────────────────┤
│ flatten (Flatten)                    │ (None, 6)                   │               0 │
├──────────────────────────────────────┼─────────────────────────────┼─────────────────┤
│ dense_1 (Dense)                      │ (None, 10)                  │              70 │
└──────────────────────────────────────┴─────────────────────────────┴─────────────────┘
)";

Sequential<float> normalized() {
    using enum Activation;
    return Sequential<float>{Input{28, 28, 1},
                             Conv2D{.filters = 8, .kernel_size = {3, 3}, .use_bias = false},
                             BatchNormalization{},
                             ActivationLayer{relu},
                             AveragePooling2D{{2, 2}},
                             Conv2D{.filters = 8, .kernel_size = 3, .padding = Padding::same},
                             BatchNormalization{},
                             GlobalAveragePooling2D{},
                             Dropout{0.5},
                             Reshape{{2, 4}},
                             Dense{3},
                             Flatten{},
                             Dense{10, softmax}};
}

} // namespace

TEST_CASE("summary: the article's network, before and after training, as Keras prints it") {
    auto model = networks::article();
    const std::string untrained = article_table + R"( Total params: 93,322 (364.54 KB)
 Trainable params: 93,322 (364.54 KB)
 Non-trainable params: 0 (0.00 B)
)";
    CHECK(summary_of(model) == untrained);
    networks::compile(model);
    CHECK(summary_of(model) == untrained); // compile alone adds nothing
    train_one_step(model);
    CHECK(summary_of(model) == article_table + R"( Total params: 279,968 (1.07 MB)
 Trainable params: 93,322 (364.54 KB)
 Non-trainable params: 0 (0.00 B)
 Optimizer params: 186,646 (729.09 KB)
)");
}

TEST_CASE("summary: names that wrap, moving averages and frozen layers, as Keras prints them") {
    auto model = normalized();
    CHECK(summary_of(model) == normalized_table + R"( Total params: 805 (3.14 KB)
 Trainable params: 773 (3.02 KB)
 Non-trainable params: 32 (128.00 B)
)");
    networks::compile(model, SGD{});
    train_one_step(model);
    CHECK(summary_of(model) == normalized_table + R"( Total params: 807 (3.16 KB)
 Trainable params: 773 (3.02 KB)
 Non-trainable params: 32 (128.00 B)
 Optimizer params: 2 (12.00 B)
)");

    auto frozen = normalized();
    frozen.layer("conv2d_1").trainable = false;
    networks::compile(frozen);
    train_one_step(frozen);
    CHECK(summary_of(frozen) == normalized_table + R"( Total params: 1,185 (4.63 KB)
 Trainable params: 189 (756.00 B)
 Non-trainable params: 616 (2.41 KB)
 Optimizer params: 380 (1.49 KB)
)");
}

TEST_CASE("summary: a name longer than its cell is cut, as Keras does it") {
    Sequential<float> model{
        Input{4},
        Dense{.units = 1000000,
              .kernel_initializer = Initializer::zeros,
              .name = "a_name_that_is_much_longer_than_the_cell_is_wide"},
        Dense{.units = 3, .kernel_initializer = Initializer::zeros, .name = std::string(36, 'n')},
        Dense{.units = 30000, .kernel_initializer = Initializer::zeros, .name = std::string(28, 'w')},
        Dense{.units = 30, .kernel_initializer = Initializer::zeros, .name = std::string(29, 'v')}};
    CHECK(summary_of(model) == R"(Model: "sequential"
┏━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━┓
┃ Layer (type)                         ┃ Output Shape                ┃         Param # ┃
┡━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━┩
│ a_name_that_is_much_longer_than_the… │ (None, 1000000)             │       5,000,000 │
│ (Dense)                              │                             │                 │
├──────────────────────────────────────┼─────────────────────────────┼─────────────────┤
│ nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn │ (None, 3)                   │       3,000,003 │
│ (Dense)                              │                             │                 │
├──────────────────────────────────────┼─────────────────────────────┼─────────────────┤
│ wwwwwwwwwwwwwwwwwwwwwwwwwwww (Dense) │ (None, 30000)               │         120,000 │
├──────────────────────────────────────┼─────────────────────────────┼─────────────────┤
│ vvvvvvvvvvvvvvvvvvvvvvvvvvvvv        │ (None, 30)                  │         900,030 │
│ (Dense)                              │                             │                 │
└──────────────────────────────────────┴─────────────────────────────┴─────────────────┘
 Total params: 9,020,033 (34.41 MB)
 Trainable params: 9,020,033 (34.41 MB)
 Non-trainable params: 0 (0.00 B)
)");
}

TEST_CASE("summary: to std::cout unless another stream is given") {
    const Sequential<float> model{Input{4}, Dense{2}};
    const networks::Output output;
    model.summary();
    CHECK(output.text() == summary_of(model));
    CHECK(output.text().find("dense (Dense)") != std::string::npos);
}

TEST_CASE("with_size: units of 1024 with two decimals") {
    CHECK(detail::with_size(0, 0) == "0 (0.00 B)");
    CHECK(detail::with_size(999, 1023) == "999 (1023.00 B)");
    CHECK(detail::with_size(1000, 1024) == "1,000 (1.00 KB)");
    CHECK(detail::with_size(1234567, 1234567 * 4.0) == "1,234,567 (4.71 MB)");
    CHECK(detail::with_size(1000000000, 4e9) == "1,000,000,000 (3.73 GB)");
}

TEST_CASE("summary: what is connected to what, where layers branch, meet and are shared") {
    Graph<float> graph;
    const auto x = graph.input({8, 8, 3}, "image");
    const Conv2D padded{.filters = 4, .kernel_size = 3, .padding = Padding::same};
    const auto h = padded(x);
    const Shared trunk{Conv2D{.filters = 4, .kernel_size = 3, .name = "trunk"}};
    const auto t = trunk(h);
    const auto other = Conv2D{4, 1}(h);
    const auto a = BatchNormalization{}(t);
    const auto b = trunk(other);
    const auto sum = Add{}(a, b);
    const auto both = Concatenate{}(sum, Multiply{}(a, b));
    const auto flat = Flatten{}(both);
    const auto mean = GlobalAveragePooling2D{}(b);
    const auto y = Dense{.units = 3, .activation = Activation::softmax, .name = "class"}(flat);
    const Model<float> model{{x}, {y, Dense{1}(mean)}};
    // Keras lists by depth, fovea in the order of the calls: the rows are the same.
    const auto rows = [](const std::string& table) {
        std::vector<std::string> result(1);
        std::istringstream in(table);
        for (std::string line; std::getline(in, line);) {
            if (line.rfind("├", 0) == 0 || line.rfind("└", 0) == 0)
                result.emplace_back();
            else if (line.rfind("│", 0) == 0)
                result.back() += line + '\n';
        }
        std::sort(result.begin(), result.end());
        return result;
    };
    const std::string printed = summary_of(model);
    CHECK(printed.substr(0, printed.find("│")) == branching_table.substr(0, branching_table.find("│")));
    CHECK(rows(printed.substr(0, printed.find(" Total"))) == rows(branching_table));
    CHECK(printed.find(" Total params: 1,168 (4.56 KB)") != std::string::npos);
    CHECK(printed.find(" Non-trainable params: 8 (32.00 B)") != std::string::npos);
}
