#include <array>
#include <limits>
#include <vector>

#include <fovea/data/dataset.hpp>

#include "catch.hpp"

using namespace fovea;

namespace {

constexpr float quiet_nan = std::numeric_limits<float>::quiet_NaN();
constexpr float infinity = std::numeric_limits<float>::infinity();

Dataset small_set() {
    return {Tensor<std::uint8_t>(Shape{3, 1, 2, 1}, {0, 51, 102, 153, 204, 255}), {4, 5, 6}, "somewhere"};
}

/// A source of one number a sample, its own place; sample 7 is broken.
struct Places {
    Index size() const { return 10; }
    Shape sample_shape() const { return {1}; }

protected:
    template <class T>
    static void write(std::span<const Index> which, View<T> x) {
        for (std::size_t i = 0; i < which.size() && !x.empty(); ++i)
            x[static_cast<Index>(i)] = which[i] == 7 ? T{quiet_nan} : static_cast<T>(which[i]);
    }
};

struct PlacesAlone : Places {
    template <class T>
    void read(std::span<const Index> which, View<T> x) const {
        write(which, x);
    }
};

struct PlacesWithLabels : Places {
    template <class T>
    void read(std::span<const Index> which, View<T> x, View<std::int32_t> labels) const {
        write(which, x);
        for (std::size_t i = 0; i < which.size() && !labels.empty(); ++i)
            labels[static_cast<Index>(i)] = static_cast<std::int32_t>(which[i] % 3);
    }
};

struct PlacesWithValues : Places {
    Shape target_shape() const { return {2}; }
    void read(std::span<const Index> which, View<float> x, View<float> values) const {
        write(which, x);
        for (std::size_t i = 0; i < which.size() && !values.empty(); ++i) {
            values(i, 0) = static_cast<float>(2 * which[i]);
            values(i, 1) = which[i] == 8 ? infinity : 0.5F;
        }
    }
};

static_assert(SampleSource<PlacesAlone, float> && SampleSource<PlacesAlone, double>);
static_assert(SampleSource<PlacesWithLabels, float> && SampleSource<PlacesWithValues, float>);
static_assert(!SampleSource<PlacesWithValues, double> && !SampleSource<Places, float>);

template <class T>
Tensor<T> read_x(const Data<T>& data, std::vector<Index> which) {
    Tensor<T> x(data.sample_shape().prepend(static_cast<Index>(which.size())));
    data.read(which, x, {}, {});
    return x;
}

} // namespace

TEST_CASE("Dataset: size, shape of a sample, the first few", "[data]") {
    const Dataset set = small_set();
    CHECK(set.size() == 3);
    CHECK(set.sample_shape() == Shape{1, 2, 1});
    const Dataset two = set.take(2);
    CHECK(two.images == Tensor<std::uint8_t>(Shape{2, 1, 2, 1}, {0, 51, 102, 153}));
    CHECK(two.labels == Tensor<std::int32_t>{4, 5});
    CHECK(two.source == "somewhere");
    CHECK(set.take(3).labels == set.labels);
    CHECK(set.take(0).size() == 0);
    CHECK(Dataset{}.size() == 0);
}

TEST_CASE("Dataset: more samples than there are", "[data]") {
    REQUIRE_THROWS_MATCHES(small_set().take(4), ValueError, says("Dataset: cannot take 4 of 3 samples of somewhere"));
    REQUIRE_THROWS_MATCHES(small_set().take(-1), ValueError, says("Dataset: cannot take -1 of 3 samples"));
}

TEMPLATE_TEST_CASE("Data: a data set's bytes become fractions, labels stay labels", "[data]", float, double) {
    const Dataset set = small_set();
    const Data<TestType> data = set;
    CHECK(data.size() == 3);
    CHECK(data.sample_shape() == Shape{1, 2, 1});
    CHECK(data.has_targets());
    CHECK(data.targets_are_labels());
    CHECK(data.target_shape() == Shape{});

    Tensor<TestType> x(Shape{2, 1, 2, 1});
    Tensor<std::int32_t> labels(Shape{2});
    data.read(std::array<Index, 2>{2, 0}, x, labels, {});
    CHECK(x == Tensor<TestType>(Shape{2, 1, 2, 1}, {TestType(204) / 255, 1, 0, TestType(51) / 255}));
    CHECK(labels == Tensor<std::int32_t>{6, 4});
}

TEMPLATE_TEST_CASE("Data: every byte is divided by 255 exactly", "[data]", float, double) {
    Tensor<std::uint8_t> bytes(Shape{256, 1});
    for (Index i = 0; i < 256; ++i) bytes[i] = static_cast<std::uint8_t>(i);
    const Data<TestType> data = bytes;
    for (Index i = 0; i < 256; ++i) CHECK(read_x(data, {i})[0] == static_cast<TestType>(i) / TestType{255});
}

TEST_CASE("Data: arrays of several kinds", "[data]") {
    const Tensor<float> x{{1, 2}, {3, 4}, {5, 6}};
    const auto last = [](const Data<float>& data) { return read_x(data, {2}); };
    const Tensor<float> expected{{5, 6}};

    CHECK(last(x) == expected);
    CHECK(last(x.view()) == expected);
    CHECK(last(x.cast<double>()) == expected);
    CHECK_FALSE(Data<float>(x).has_targets());
    CHECK(read_x<double>(x, {2}) == Tensor<double>{{5, 6}});

    // A vector is an array of scalars.
    const std::vector<double> numbers{1.5, 2.5};
    CHECK(Data<float>(numbers).sample_shape() == Shape{});
    CHECK(read_x<float>(numbers, {1, 0}) == Tensor<float>{2.5F, 1.5F});
}

TEST_CASE("Data: labels of several kinds", "[data]") {
    const Tensor<float> x(Shape{3, 2});
    const auto labels_of = [](const Data<float>& data) {
        CHECK(data.targets_are_labels());
        CHECK(data.target_shape() == Shape{});
        Tensor<std::int32_t> labels(Shape{3});
        data.read(std::array<Index, 3>{2, 1, 0}, {}, labels, {});
        return labels;
    };
    const Tensor<std::int32_t> expected{200, 8, 7};
    const std::vector<std::int32_t> vector{7, 8, 200};
    CHECK(labels_of({x, vector}) == expected);
    CHECK(labels_of({x, std::span(vector)}) == expected);
    CHECK(labels_of({x, Tensor<std::int32_t>{7, 8, 200}}) == expected);
    CHECK(labels_of({x, Tensor<std::uint8_t>{7, 8, 200}}) == expected);
}

TEST_CASE("Data: values as targets", "[data]") {
    const Tensor<float> x(Shape{2, 2});
    const Tensor<double> y{{1, 2, 3}, {4, 5, 6}};
    const Data<float> data{x, y};
    CHECK(data.has_targets());
    CHECK_FALSE(data.targets_are_labels());
    CHECK(data.target_shape() == Shape{3});
    Tensor<float> values(Shape{2, 3});
    data.read(std::array<Index, 2>{1, 1}, {}, {}, values);
    CHECK(values == Tensor<float>{{4, 5, 6}, {4, 5, 6}});
}

TEST_CASE("Data: labels a position", "[data]") {
    const Tensor<float> x(Shape{2, 3});
    const Tensor<std::int32_t> y{{1, 2, 3}, {4, 5, 6}};
    const Data<float> data{x, y};
    CHECK(data.target_shape() == Shape{3});
    Tensor<std::int32_t> labels(Shape{1, 3});
    data.read(std::array<Index, 1>{1}, {}, labels, {});
    CHECK(labels == Tensor<std::int32_t>{{4, 5, 6}});
}

TEST_CASE("Data: a different number of images and targets", "[data]") {
    const Tensor<std::uint8_t> x(Shape{100, 28, 28, 1});
    REQUIRE_THROWS_MATCHES(Data<float>(x, Tensor<std::int32_t>(Shape{99})), ShapeError,
                           says("Data: 100 images but 99 labels"));
    REQUIRE_THROWS_MATCHES(Data<float>(x, Tensor<float>(Shape{101, 3})), ShapeError,
                           says("Data: 100 images but 101 values"));
    REQUIRE_THROWS_MATCHES(Data<float>(Tensor<float>(Shape{})), ShapeError, says("Data: x needs a first axis"));
}

TEST_CASE("Data: an empty one is no mistake yet", "[data]") {
    const Dataset none;
    CHECK(Data<float>(none).size() == 0);
    CHECK(Data<float>(Tensor<float>(Shape{0, 28, 28, 1}), std::vector<std::int32_t>{}).size() == 0);
}

TEST_CASE("Data: numbers that are not finite are refused where they are", "[data]") {
    Tensor<float> x(Shape{20, 4});
    const float bad = GENERATE(values({quiet_nan, -quiet_nan, infinity, -infinity}));
    const std::string name = bad > 0 ? "inf" : bad < 0 ? "-inf" : "nan";
    x(17, GENERATE(0, 3)) = bad;
    const std::string message = "Data: sample 17 holds a value that is not finite (" + name + ")";
    REQUIRE_THROWS_MATCHES(read_x<float>(x, {3, 17}), NumericError, says(message));
    REQUIRE_THROWS_MATCHES(read_x<double>(x, {17, 3}), NumericError, says(message));
    REQUIRE_THROWS_MATCHES(read_x<float>(x.cast<double>(), {17}), NumericError, says(message));
    CHECK(read_x<float>(x, {16, 18}) == Tensor<float>(Shape{2, 4}));

    const Tensor<float> fine(Shape{20, 2});
    Tensor<float> values(Shape{1, 4});
    REQUIRE_THROWS_MATCHES(Data<float>(fine, x).read(std::array<Index, 1>{17}, {}, {}, values), NumericError,
                           says("Data: sample 17 has a target that is not finite (" + name + ")"));
}

TEST_CASE("Data: the largest and smallest numbers are finite, doubles beyond float are not", "[data]") {
    using Limits = std::numeric_limits<float>;
    const Tensor<float> x{{Limits::max(), Limits::lowest(), Limits::denorm_min(), -0.0F}};
    CHECK(read_x<float>(x, {0}) == x);
    REQUIRE_THROWS_MATCHES(read_x<float>(Tensor<double>{{0, 1e300}}, {0}), NumericError, says("not finite (inf)"));
}

TEST_CASE("Data: samples that there are not, views that do not fit", "[data]") {
    const Dataset set = small_set();
    const Data<float> data = set;
    Tensor<float> x(Shape{2, 1, 2, 1});
    const Index sample = GENERATE(-1, 3);
    REQUIRE_THROWS_MATCHES(data.read(std::array<Index, 2>{0, sample}, x, {}, {}), ValueError,
                           says("Data: there is no sample " + std::to_string(sample) + ", only 3"));
    REQUIRE_THROWS_MATCHES(
        data.read(std::array<Index, 1>{0}, x, {}, {}), ShapeError,
        says("Data: 1 samples (1, 2, 1) with targets () cannot be read into x (2, 1, 2, 1), labels (0,), values (0,)"));
}

TEST_CASE("Data: a program's own source", "[data]") {
    const std::array<Index, 2> which{3, 5};
    Tensor<float> x(Shape{2, 1});
    SECTION("without targets") {
        const PlacesAlone source;
        const Data<float> data = source;
        CHECK(data.size() == 10);
        CHECK(data.sample_shape() == Shape{1});
        CHECK_FALSE(data.has_targets());
        data.read(which, x, {}, {});
    }
    SECTION("with labels") {
        const PlacesWithLabels source;
        const Data<float> data = source;
        CHECK(data.targets_are_labels());
        CHECK(data.target_shape() == Shape{});
        Tensor<std::int32_t> labels(Shape{2});
        data.read(which, x, labels, {});
        CHECK(labels == Tensor<std::int32_t>{0, 2});
    }
    SECTION("with values") {
        const PlacesWithValues source;
        const Data<float> data = source;
        CHECK(data.has_targets());
        CHECK_FALSE(data.targets_are_labels());
        CHECK(data.target_shape() == Shape{2});
        Tensor<float> values(Shape{2, 2});
        data.read(which, x, {}, values);
        CHECK(values == Tensor<float>{{6, 0.5F}, {10, 0.5F}});
        REQUIRE_THROWS_MATCHES(data.read(std::array<Index, 1>{8}, {}, {}, values.slice(0, 1)), NumericError,
                               says("Data: sample 8 has a target that is not finite (inf)"));
    }
    CHECK(x == Tensor<float>(Shape{2, 1}, {3, 5}));
}

TEST_CASE("Data: what a program's own source gives is checked too", "[data]") {
    const PlacesAlone source;
    REQUIRE_THROWS_MATCHES(read_x<float>(source, {1, 7}), NumericError,
                           says("Data: sample 7 holds a value that is not finite (nan)"));
}

TEST_CASE("Data: several inputs and targets, each of its own kind", "[data]") {
    const Dataset set = small_set();
    const Tensor<double> numbers{{1, 2}, {3, 4}, {5, 6}};
    const Tensor<float> values{{10, 20, 30}, {40, 50, 60}, {70, 80, 90}};
    const std::vector<std::int32_t> more_labels{7, 8, 9};
    Data<float> data = set;
    CHECK(data.inputs() == 1);
    CHECK(data.targets() == 1);
    CHECK(&data.add_input(numbers).add_target(values) == &data);
    data.add_target(more_labels);
    CHECK(data.size() == 3);
    REQUIRE(data.parts() == 4);
    REQUIRE(data.inputs() == 2);
    REQUIRE(data.targets() == 3);
    CHECK(data.input(0).sample_shape() == Shape{1, 2, 1});
    CHECK(data.input(1).sample_shape() == Shape{2});
    CHECK(data.target(0).targets_are_labels());
    CHECK_FALSE(data.target(1).targets_are_labels());
    CHECK(data.target(1).target_shape() == Shape{3});
    CHECK(data.target(2).targets_are_labels());
    CHECK_FALSE(data.part(1).has_targets());
    CHECK_FALSE(data.part(2).has_samples());

    const std::array<Index, 2> which{2, 0};
    Tensor<float> x(Shape{2, 2});
    data.input(1).read(which, x, {}, {});
    CHECK(x == Tensor<float>{{5, 6}, {1, 2}});
    Tensor<float> y(Shape{2, 3});
    data.target(1).read(which, {}, {}, y);
    CHECK(y == Tensor<float>{{70, 80, 90}, {10, 20, 30}});
    Tensor<std::int32_t> labels(Shape{2});
    data.target(0).read(which, {}, labels, {});
    CHECK(labels == Tensor<std::int32_t>{6, 4});
    data.target(2).read(which, {}, labels, {});
    CHECK(labels == Tensor<std::int32_t>{9, 7});

    // A copy has them too, and goes its own way.
    Data<float> copy = data;
    copy.add_input(numbers);
    CHECK(copy.inputs() == 3);
    CHECK(data.inputs() == 2);
    CHECK(read_x(copy.input(1), {1}) == Tensor<float>{{3, 4}});
}

TEST_CASE("Data: targets added to samples that came without", "[data]") {
    const Tensor<float> x{{1}, {2}};
    const Data<float> data = Data<float>(x).add_target(std::vector<std::int32_t>{4, 5});
    CHECK_FALSE(data.has_targets()); // the first part has none
    REQUIRE(data.targets() == 1);
    CHECK(data.target(0).target_shape() == Shape{});
    CHECK(data.input(0).sample_shape() == Shape{1});
}

TEST_CASE("Data: an input without samples is an input", "[data]") {
    const Tensor<float> none(Shape{0, 2});
    const Data<float> data = Data<float>(none).add_input(none).add_target(none);
    CHECK(data.inputs() == 2);
    CHECK(data.targets() == 1);
    CHECK(data.size() == 0);
}

TEST_CASE("Data: inputs and targets that are not as many, or not finite", "[data]") {
    const Tensor<float> x(Shape{3, 2});
    Data<float> data = x;
    CHECK_THROWS_MATCHES(data.add_input(Tensor<float>(Shape{2, 2})), ShapeError,
                         says("Data: 3 samples, but 2 of one more input"));
    CHECK_THROWS_MATCHES(data.add_input(Tensor<float>(Shape{})), ShapeError, says("Data: x needs a first axis"));
    CHECK_THROWS_MATCHES(data.add_target(std::vector<std::int32_t>(4)), ShapeError,
                         says("Data: 3 images but 4 labels"));
    CHECK_THROWS_MATCHES(data.add_target(Tensor<float>(Shape{2, 1})), ShapeError, says("Data: 3 images but 2 values"));
    CHECK(data.parts() == 1);
    CHECK_THROWS_MATCHES(data.input(1), ValueError, says("Data: there is no input 1, only 1"));
    CHECK_THROWS_MATCHES(data.target(0), ValueError, says("Data: there is no target 0, only 0"));
    const Tensor<float> broken{{1}, {quiet_nan}, {infinity}};
    data.add_input(broken).add_target(broken);
    CHECK_THROWS_MATCHES(read_x(data.input(1), {0, 1}), NumericError,
                         says("Data: sample 1 holds a value that is not finite (nan)"));
    Tensor<float> y(Shape{1, 1});
    CHECK_THROWS_MATCHES(data.target(0).read(std::array<Index, 1>{2}, {}, {}, y), NumericError,
                         says("Data: sample 2 has a target that is not finite (inf)"));
}

TEST_CASE("Data: further inputs beside a program's own source", "[data]") {
    const PlacesWithLabels source;
    const Tensor<float> more(Shape{10, 3}, 0.5F);
    const Data<float> data = Data<float>(source).add_input(more);
    CHECK(data.inputs() == 2);
    CHECK(data.targets() == 1);
    CHECK(read_x(data.input(0), {4}) == Tensor<float>(Shape{1, 1}, 4.0F));
    CHECK(read_x(data.input(1), {4}) == Tensor<float>{{0.5F, 0.5F, 0.5F}});
}
