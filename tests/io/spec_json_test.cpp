#include <bit>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <set>

#include <fovea/augment/all.hpp>
#include <fovea/io/spec_json.hpp>
#include <fovea/layers/all.hpp>

#include "reference/reference.hpp"

#include "catch.hpp"

using namespace fovea;
using nlohmann::json;

namespace {

template <class S>
json written(S spec) {
    detail::SpecWriter writer("layer");
    spec.fields(writer);
    return writer.config();
}

template <class S>
S read_spec(const json& config) {
    S spec{};
    detail::SpecReader reader(detail::JsonReader(config, "w: layer"));
    spec.fields(reader);
    reader.require_no_more();
    return spec;
}

/// What we write is there in Keras's config, and what Keras writes makes the same layer.
template <class S>
void check_config(const S& spec, json keras) {
    const json ours = written(spec);
    for (const auto& [name, value] : ours.items()) {
        INFO(name << ": " << value << ", in Keras's config " << keras);
        REQUIRE(keras.contains(name));
        if (value.is_number() && keras[name] == json{0, value})
            keras[name] = value; // which Keras draws from [0, value]
        CHECK(keras[name] == value);
    }
    std::set<std::string> others;
    for (const auto& [name, value] : keras.items())
        if (!ours.contains(name)) others.insert(name);
    for (const std::string& name : others) keras.erase(name);
    CHECK(written(read_spec<S>(keras)) == ours);
}

/// The layers of record_configs.py.
const std::map<std::string, std::function<void(const json&)>>& recorded_specs() {
    using enum Activation;
    static const auto check = [](const auto& spec) {
        return std::function<void(const json&)>([spec](const json& keras) { check_config(spec, keras); });
    };
    static const std::map<std::string, std::function<void(const json&)>> specs{
        {"conv2d", check(Conv2D{.filters = 8,
                                .kernel_size = {3, 5},
                                .activation = relu,
                                .strides = {2, 1},
                                .padding = Padding::same,
                                .groups = 2,
                                .use_bias = false,
                                .kernel_initializer = Initializer::he_normal,
                                .bias_initializer = Initializer::constant(0.25),
                                .kernel_regularizer = L1L2{0.5, 0.125},
                                .bias_regularizer = L2{0.375},
                                .kernel_constraint = MaxNorm{1.5, {0, 1, 2}},
                                .bias_constraint = NonNeg{}})},
        {"conv2d_defaults", check(Conv2D{4, 3})},
        {"depthwise_conv2d",
         check(DepthwiseConv2D{.kernel_size = {2, 3}, .activation = gelu, .depth_multiplier = 3, .dilation_rate = 2})},
        {"separable_conv2d", check(SeparableConv2D{.filters = 6,
                                                   .kernel_size = 3,
                                                   .depth_multiplier = 2,
                                                   .pointwise_initializer = Initializer::lecun_uniform})},
        {"conv2d_transpose",
         check(Conv2DTranspose{
             .filters = 5, .kernel_size = 4, .strides = 2, .padding = Padding::same, .output_padding = {1, 1}})},
        {"conv2d_transpose_defaults", check(Conv2DTranspose{5, 4})},
        {"dense",
         check(Dense{
             .units = 7, .activation = softmax, .kernel_regularizer = L1{0.75}, .kernel_constraint = UnitNorm{{0}}})},
        {"max_pooling2d", check(MaxPooling2D{.pool_size = {2, 3}, .strides = {1, 2}, .padding = Padding::same})},
        {"average_pooling2d",
         check(AveragePooling2D{.pool_size = 3, .strides = {3, 3}})}, // Keras writes its default out
        {"global_max_pooling2d", check(GlobalMaxPooling2D{.keepdims = true})},
        {"global_average_pooling2d", check(GlobalAveragePooling2D{})},
        {"up_sampling2d", check(UpSampling2D{.size = {2, 3}, .interpolation = Interpolation::bilinear})},
        {"zero_padding2d", check(ZeroPadding2D{{{1, 2}, {3, 4}}})},
        {"cropping2d", check(Cropping2D{{{0, 1}, {2, 3}}})},
        {"batch_normalization",
         check(BatchNormalization{
             .momentum = 0.75, .epsilon = 0.25, .center = false, .gamma_initializer = Initializer::zeros})},
        {"layer_normalization", check(LayerNormalization{.axis = {-2, -1}, .epsilon = 0.125, .scale = false})},
        {"group_normalization", check(GroupNormalization{.groups = 4, .beta_regularizer = L2{0.25}})},
        {"dropout", check(Dropout{0.25})},
        {"spatial_dropout2d", check(SpatialDropout2D{0.125})},
        {"gaussian_noise", check(GaussianNoise{0.5})},
        {"relu", check(ReLU{6.0, 0.125, 0.25})},
        {"relu_defaults", check(ReLU{})},
        {"leaky_relu", check(LeakyReLU{0.125})},
        {"prelu", check(PReLU{.alpha_initializer = Initializer::constant(0.5), .shared_axes = {1, 2}})},
        {"elu", check(ELU{0.5})},
        {"softmax", check(Softmax{-2})},
        {"activation", check(ActivationLayer{silu})},
        {"reshape", check(Reshape{{4, -1}})},
        {"permute", check(Permute{{2, 1, 3}})},
        {"rescaling", check(Rescaling{0.5, -1})},
        {"concatenate", check(Concatenate{2})},
        {"flatten", check(Flatten{})},
        {"unit_normalization", check(UnitNormalization{})},
        {"add", check(Add{})},
        {"auto_contrast", check(AutoContrast{{0, 2}})},
        {"center_crop", check(CenterCrop{3, 4})},
        {"equalization", check(Equalization{{-1, 1}})},
        {"rand_augment", check(RandAugment{.num_ops = 3, .factor = 0.25, .interpolation = Interpolation::nearest})},
        {"random_brightness", check(RandomBrightness{{-0.5, 0.25}})},
        {"random_color_degeneration", check(RandomColorDegeneration{{0.125, 0.25}})},
        {"random_color_jitter", check(RandomColorJitter{0.25, {0.5, 0.75}, {0.25, 0.5}, 0.125})},
        {"random_contrast", check(RandomContrast{{0.25, 0.5}})},
        {"random_crop", check(RandomCrop{5, 6})},
        {"random_elastic_transform",
         check(RandomElasticTransform{0.5, {0.25, 0.75}, Interpolation::nearest, FillMode::wrap, 0.5})},
        {"random_erasing", check(RandomErasing{{0.5, 1}, {0.125, 0.25}, 0.75})},
        {"random_erasing_defaults", check(RandomErasing{{1, 1}})},
        {"random_flip", check(RandomFlip{FlipMode::vertical})},
        {"random_flip_defaults", check(RandomFlip{})},
        {"random_gaussian_blur", check(RandomGaussianBlur{{0.5, 1}, {3, 5}, {0.5, 2}})},
        {"random_grayscale", check(RandomGrayscale{0.25})},
        {"random_hue", check(RandomHue{{0.25, 0.5}})},
        {"random_invert", check(RandomInvert{{0.5, 0.75}})},
        {"random_perspective",
         check(RandomPerspective{
             .factor = 0.5, .scale = 0.25, .interpolation = Interpolation::nearest, .fill_value = 0.75})},
        {"random_posterization", check(RandomPosterization{{2, 6}})},
        {"random_rotation", check(RandomRotation{.factor = {-0.25, 0.125},
                                                 .fill_mode = FillMode::constant,
                                                 .interpolation = Interpolation::nearest,
                                                 .fill_value = 0.5})},
        {"random_saturation", check(RandomSaturation{{0.25, 0.75}})},
        {"random_sharpness", check(RandomSharpness{{0.25, 0.75}})},
        {"random_shear", check(RandomShear{{0.125, 0.25}, {0, 0.5}, Interpolation::nearest, FillMode::nearest, 0.25})},
        {"random_translation",
         check(RandomTranslation{{-0.25, 0.5}, 0.125, FillMode::wrap, Interpolation::nearest, 0.25})},
        {"random_zoom", check(RandomZoom{0.25, {-0.5, 0.125}, FillMode::nearest, Interpolation::nearest, 0.75})},
        {"random_zoom_defaults", check(RandomZoom{{0.125, 0.25}})},
        {"solarization", check(Solarization{{0.125, 0.25}, {0.25, 0.75}})}};
    return specs;
}

template <class S>
void config_refused(const char* config, const std::string& why) {
    INFO(config);
    CHECK_THROWS_MATCHES(read_spec<S>(json::parse(config)), DataError, says("w: layer" + why));
}

struct OwnInner {
    int depth = 1;
    float width = 0.5F;

    void fields(SpecVisitor& visit) {
        visit("depth", depth);
        double wide = static_cast<double>(width);
        visit("width", wide);
        width = static_cast<float>(wide);
    }
};

/// A user's own, with a field of each kind that no layer of fovea has.
struct OwnSpec {
    std::string text = "a";
    std::uint8_t small = 3;
    std::optional<OwnInner> inner = {};
    std::optional<Activation> activation = {};

    void fields(SpecVisitor& visit) {
        visit("text", text);
        visit("small", small);
        visit("inner", inner);
        visit.if_any("activation", activation);
    }
};

} // namespace

TEST_CASE("spec_json: the configs that Keras gives for the same layers") {
    std::size_t seen = 0;
    for (const reference::Case& record : reference::read("configs.txt")) {
        INFO(record.name);
        REQUIRE(recorded_specs().contains(record.name));
        recorded_specs().at(record.name)(json::parse(record.lines.at("config")));
        ++seen;
    }
    CHECK(seen == recorded_specs().size());
}

TEST_CASE("spec_json: what Keras does not have is written where it is set") {
    CHECK_FALSE(written(Conv2D{1, 1}).contains("kernels"));
    const Conv2D spec{.filters = 1,
                      .kernel_size = 3,
                      .kernels = ConvolutionKernels{ConvolutionKernel::winograd, ConvolutionKernel::direct,
                                                    ConvolutionKernel::depthwise}};
    const json config = written(spec);
    CHECK(config["kernels"] ==
          json{{"forward", "winograd"}, {"backward_input", "direct"}, {"backward_kernel", "depthwise"}});
    CHECK(written(read_spec<Conv2D>(config)) == config);

    CHECK(written(RandomCrop{1, 2}) == json{{"height", 1}, {"width", 2}});
    const RandomCrop crop{.height = 1, .width = 2, .padding = {3, 4}, .fill_mode = FillMode::wrap, .fill_value = 0.5};
    CHECK(written(crop) ==
          json{{"height", 1}, {"width", 2}, {"padding", {3, 4}}, {"fill_mode", "wrap"}, {"fill_value", 0.5}});
    CHECK(written(read_spec<RandomCrop>(written(crop))) == written(crop));
    CHECK(written(RandomRotation{.degrees = 10})["degrees"] == 10);
    CHECK_FALSE(written(RandomRotation{.factor = 0.5}).contains("degrees"));
}

TEST_CASE("spec_json: one number or two, and whole ones as such") {
    CHECK(written(RandomNoise{0.25, {-1, 1}}) == json{{"stddev", 0.25}, {"value_range", {-1, 1}}});
    CHECK(written(RandomPosterization{{2, 8}, {-1, 0.5}}).dump() == R"({"factor":[2,8],"value_range":[-1,0.5]})");
    CHECK(written(RandomHue{{-0.0, 1e300}})["factor"].dump() == "[-0.0,1e+300]");
    CHECK(written(RandomNoise{{0.25, 0.5}})["stddev"] == json{0.25, 0.5});
    CHECK(read_spec<RandomHue>({{"factor", 1}}).factor == Factor(1));
    CHECK(read_spec<RandomHue>({{"factor", {0, 1}}}).factor == Factor(0, 1));
    config_refused<RandomHue>(R"({"factor": "1"})", ": expected a number or a list of them for \"factor\", got \"1\"");
    config_refused<RandomHue>(R"({"factor": [0, null]})", ": expected a list of numbers for \"factor\", got [0,null]");
    CHECK_THROWS_MATCHES(read_spec<RandomHue>({{"factor", {0, 1, 2}}}), ValueError,
                         says("Factor: expected 1 or 2 numbers, got 3"));
    CHECK_THROWS_MATCHES(read_spec<AutoContrast>({{"value_range", 1}}), ValueError,
                         says("Interval: expected 2 numbers, got 1"));
    CHECK_THROWS_MATCHES(written(RandomHue{{0, std::nan("")}}), ValueError, says("layer: factor is nan"));
}

TEST_CASE("spec_json: fields of every kind, empty and not") {
    const json plain = {{"text", "a"}, {"small", 3}, {"inner", nullptr}};
    CHECK(written(OwnSpec{}) == plain);
    CHECK(written(read_spec<OwnSpec>(plain)) == plain);
    const json full = {
        {"text", "ä\n"}, {"small", 255}, {"inner", {{"depth", -7}, {"width", 0.25}}}, {"activation", "gelu"}};
    CHECK(written(OwnSpec{"ä\n", 255, OwnInner{-7, 0.25F}, Activation::gelu}) == full);
    CHECK(written(read_spec<OwnSpec>(full)) == full);
    CHECK_THROWS_MATCHES(read_spec<OwnSpec>({{"text", ""}, {"small", 256}, {"inner", nullptr}}), ValueError,
                         says("small: 256 is out of range"));
    CHECK_THROWS_MATCHES(read_spec<OwnSpec>({{"text", ""}, {"small", 2}, {"inner", {{"depth", 1}}}}), DataError,
                         says("w: layer: \"inner\": the field \"width\" is missing"));
}

TEST_CASE("spec_json: numbers keep all their bits, and those that JSON cannot say are refused") {
    for (const double number : {0.1, 1.0 / 3, 5e-324, 1.7976931348623157e308, -0.0}) {
        const json config = json::parse(written(Rescaling{number}).dump());
        CHECK(std::bit_cast<std::uint64_t>(read_spec<Rescaling>(config).scale) == std::bit_cast<std::uint64_t>(number));
    }
    const double infinity = std::numeric_limits<double>::infinity();
    CHECK_THROWS_MATCHES(written(ReLU{infinity}), ValueError, says("layer: max_value is inf, which JSON cannot say"));
    CHECK_THROWS_MATCHES(written(Dense{.units = 1, .bias_initializer = Initializer::constant(std::nan(""))}),
                         ValueError, says("bias_initializer is nan"));
}

TEST_CASE("spec_json: fields that are missing, unknown or of another kind") {
    config_refused<Flatten>("[]", ": expected an object, got []");
    config_refused<Flatten>(R"({"data_format": null})", ": the field \"data_format\" is unknown");
    config_refused<Dropout>("{}", ": the field \"rate\" is missing");
    config_refused<Dropout>(R"({"rate": "0.5"})", ": expected a number for \"rate\", got \"0.5\"");
    config_refused<GlobalMaxPooling2D>(R"({"keepdims": 1})", ": expected true or false for \"keepdims\", got 1");
    config_refused<Softmax>(R"({"axis": 1.0})", ": expected a whole number for \"axis\", got 1.0");
    config_refused<Softmax>(R"({"axis": 9223372036854775808})", ": expected a whole number below 2^63 for \"axis\"");
    config_refused<Reshape>(R"({"target_shape": 4})", ": expected a list of whole numbers for \"target_shape\"");
    config_refused<Reshape>(R"({"target_shape": [4, null]})", ": expected a whole number for \"target_shape\"");
    config_refused<ActivationLayer>(R"({"activation": null})", ": expected a text for \"activation\", got null");
    config_refused<UpSampling2D>(R"({"size": [2]})", ": expected a height and a width for \"size\", got [2]");
    config_refused<Cropping2D>(R"({"cropping": [[1, 2], [3]]})",
                               ": expected [[top, bottom], [left, right]] for \"cropping\", got [[1,2],[3]]");
    config_refused<Cropping2D>(R"({"cropping": [1, 2]})", ": expected a list of whole numbers for \"cropping\"");
    CHECK_THROWS_MATCHES(read_spec<ActivationLayer>({{"activation", "relu7"}}), ValueError,
                         says("Activation: unknown name \"relu7\"; known are linear, relu"));
}

TEST_CASE("spec_json: initializers, regularizers and constraints that are none") {
    const auto refused = [](const char* field, const char* value, const std::string& why) {
        json config = written(Dense{1});
        config[field] = json::parse(value);
        config_refused<Dense>(config.dump().c_str(), why);
    };
    refused("kernel_initializer", "7", ": \"kernel_initializer\": expected an object, got 7");
    refused("kernel_initializer", R"({"class_name": "Zeros", "config": {}})",
            ": \"kernel_initializer\": \"config\": unknown class_name \"Zeros\"; known is Constant");
    refused("kernel_initializer", R"({"class_name": "Constant", "config": {}})",
            ": \"kernel_initializer\": \"config\": the field \"value\" is missing");
    refused("kernel_regularizer", R"({"class_name": "L3", "config": {}})",
            ": \"kernel_regularizer\": \"config\": unknown");
    refused("kernel_regularizer", R"({"class_name": "L2", "config": {"l2": 1, "l1": 1}})",
            ": \"kernel_regularizer\": \"config\": the field \"l1\" is unknown");
    refused("bias_constraint", R"({"class_name": "Max", "config": {}})", ": \"bias_constraint\": \"config\": unknown");
    refused("bias_constraint", R"({"class_name": "NonNeg"})", ": \"bias_constraint\": the field \"config\" is missing");
    json config = written(Dense{1});
    config["kernel_regularizer"] = json::parse(R"({"class_name": "L2", "config": {"l2": -1}})");
    CHECK_THROWS_MATCHES(read_spec<Dense>(config), ValueError, says("l2 must be a finite number >= 0, got -1"));
}
