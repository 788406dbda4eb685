#include <cstdlib>
#include <cstring>
#include <mutex>
#include <numeric>

#include <fovea/data/gzip.hpp>
#include <fovea/data/split.hpp>
#include <fovea/image/image_folder.hpp>
#include <fovea/image/save.hpp>
#include <fovea/layers/all.hpp>
#include <fovea/models/sequential.hpp>

#include "catch.hpp"
#include "support/temporary_directory.hpp"

using namespace fovea;

namespace {

/// A folder of pictures of 4 x 6 pixels in one colour each: 10 * class + number.
class PictureFolder {
public:
    explicit PictureFolder(const std::vector<std::string>& classes = {"cat", "dog"}, int pictures = 3) {
        for (std::size_t label = 0; label < classes.size(); ++label)
            for (int i = 0; i < pictures; ++i)
                add(classes[label] + "/" + std::to_string(i) + ".png", 10 * static_cast<int>(label) + i);
    }

    std::filesystem::path add(const std::string& name, int color, Shape shape = {4, 6, 3}) const {
        const Tensor<std::uint8_t> picture(shape, static_cast<std::uint8_t>(color));
        return directory_.write(name, image::encode(picture, *image::format_of_name(name)));
    }
    std::filesystem::path write(const std::string& name, const std::string& text) const {
        return directory_.write(name, text);
    }
    const std::filesystem::path& path() const { return directory_.path(); }

private:
    TemporaryDirectory directory_;
};

/// The first number of each sample as a byte, and the labels.
std::pair<std::vector<int>, std::vector<std::int32_t>> read_all(const Data<float>& data) {
    std::vector<Index> which;
    for (Index i = 0; i < data.size(); ++i) which.push_back(i);
    Tensor<float> x(data.sample_shape().prepend(data.size()));
    Tensor<std::int32_t> labels(Shape{data.size()});
    data.read(which, x, labels, {});
    std::vector<int> colors;
    for (Index i = 0; i < data.size(); ++i) colors.push_back(static_cast<int>(x.row(i)[0] * 255 + 0.5F));
    return {colors, {labels.begin(), labels.end()}};
}

/// Every `step`th picture of a .tar.gz, up to the first that is named like `end`.
void unpack_some(const std::filesystem::path& archive, const TemporaryDirectory& to, int step, const std::string& end) {
    std::vector<std::byte> packed;
    GzipReader tar(image::detail::read_file(archive, packed), "tar");
    std::vector<std::byte> head(512), body;
    for (int files = 0; tar.read(head) == head.size();) {
        const auto* const text = reinterpret_cast<const char*>(head.data());
        const std::string name(text, strnlen(text, 100));
        if (name.starts_with(end)) return;
        const std::size_t size = std::stoul(std::string(text + 124, 11), nullptr, 8);
        body.resize((size + 511) / 512 * 512);
        tar.read(body);
        if (name.ends_with(".jpg") && files++ % step == 0) to.write(name, std::span(body).first(size));
    }
}

} // namespace

TEST_CASE("ImageFolder: a class for each subfolder, all in the order of their names", "[image]") {
    const PictureFolder pictures({"dog", "Zebra", "cat"});
    pictures.add("cat/deeper/a.PNG", 77);
    pictures.write("cat/notes.txt", "no picture");
    pictures.write("cat/.hidden.png", "hidden");
    pictures.write(".git/a.png", "hidden");
    pictures.write("readme.png", "in no class");
    const ImageFolder folder(pictures.path());
    CHECK(folder.class_names() == std::vector<std::string>{"Zebra", "cat", "dog"});
    CHECK(folder.sample_shape() == Shape{4, 6, 3});
    REQUIRE(folder.size() == 10);
    const auto [colors, labels] = read_all(folder);
    CHECK(colors == std::vector<int>{10, 11, 12, 20, 21, 22, 77, 0, 1, 2});
    CHECK(labels == std::vector<std::int32_t>{0, 0, 0, 1, 1, 1, 1, 2, 2, 2});
    CHECK(folder.path(6) == pictures.path() / "cat/deeper/a.PNG");
    CHECK(folder.picture(6) == Tensor<std::uint8_t>(Shape{4, 6, 3}, 77));
    REQUIRE_THROWS_MATCHES(folder.picture(10), ValueError, says("there is no sample 10, only 10"));

    const ImageFolder two(pictures.path(), {.class_names = {"dog", "cat"}});
    CHECK(two.class_names() == std::vector<std::string>{"dog", "cat"});
    CHECK(read_all(two).first == std::vector<int>{0, 1, 2, 20, 21, 22, 77});
}

TEST_CASE("ImageFolder: pictures of other sizes are resized, or refused", "[image]") {
    const PictureFolder pictures;
    const auto odd = pictures.add("dog/odd.png", 50, {9, 5, 3});
    const ImageFolder resized(pictures.path(), {.image_size = {3, 2}});
    CHECK(resized.sample_shape() == Shape{3, 2, 3});
    CHECK(read_all(resized).first == std::vector<int>{0, 1, 2, 10, 11, 12, 50});
    const ImageFolder padded(pictures.path(), {.image_size = {4, 8}, .resize = {.pad_to_aspect_ratio = true}});
    CHECK(read_all(padded).first == std::vector<int>{0, 0, 0, 0, 0, 0, 0}); // the first column is a bar

    const ImageFolder strict(pictures.path());
    REQUIRE_THROWS_MATCHES(
        read_all(strict), DataError,
        says(odd.string() + ": the picture is (9, 5, 3), the first one (4, 6, 3); image_size makes"));
}

TEST_CASE("ImageFolder: colours", "[image]") {
    const PictureFolder pictures;
    CHECK(ImageFolder(pictures.path(), {.color_mode = image::ColorMode::grayscale}).sample_shape() == Shape{4, 6, 1});
    CHECK(ImageFolder(pictures.path(), {.image_size = {2, 2}, .color_mode = image::ColorMode::rgba}).sample_shape() ==
          Shape{2, 2, 4});
    CHECK(ImageFolder(pictures.path(), {.color_mode = image::ColorMode::as_is}).sample_shape() == Shape{4, 6, 3});
    const auto grey = pictures.add("dog/grey.png", 50, {4, 6, 1});
    CHECK(read_all(ImageFolder(pictures.path())).first.back() == 50);
    const ImageFolder mixed(pictures.path(), {.image_size = {4, 6}, .color_mode = image::ColorMode::as_is});
    REQUIRE_THROWS_MATCHES(read_all(mixed), DataError, says(grey.string() + ": the picture is (4, 6, 1)"));
}

TEST_CASE("ImageFolder: folders that are none", "[image]") {
    const TemporaryDirectory empty;
    const std::string missing = (empty.path() / "missing").string();
    REQUIRE_THROWS_MATCHES(ImageFolder(missing), DataError, says("ImageFolder: there is no directory " + missing));
    REQUIRE_THROWS_MATCHES(ImageFolder(empty.path()), DataError,
                           says("has no subfolder, expected one for each of two"));

    const PictureFolder one({"cat"});
    REQUIRE_THROWS_MATCHES(ImageFolder(one.path()), DataError,
                           says("has the one subfolder cat, expected one for each"));
    REQUIRE_THROWS_MATCHES(ImageFolder(one.path() / "cat/0.png"), DataError, says("0.png is not a directory"));
    REQUIRE_THROWS_MATCHES(ImageFolder(one.path(), {.class_names = {"cat", "cow"}}), DataError,
                           says("there is no directory " + (one.path() / "cow").string()));
    one.write("dog/notes.txt", "no picture");
    REQUIRE_THROWS_MATCHES(ImageFolder(one.path()), DataError, says("the class dog is empty: there are no pictures"));
}

TEST_CASE("ImageFolder: a file that cannot be read is named and refused", "[image]") {
    const PictureFolder pictures;
    const auto broken = pictures.write("cat/1.png", "no picture");
    const ImageFolder folder(pictures.path());
    CHECK(folder.size() == 6);
    REQUIRE_THROWS_MATCHES(read_all(folder), DataError, says(broken.string() + ": expected a picture"));

    const auto first = pictures.write("cat/0.png", "");
    REQUIRE_THROWS_MATCHES(ImageFolder(pictures.path()), DataError, says(first.string() + ": expected a picture, the"));
}

TEST_CASE("ImageFolder: files that cannot be read are skipped and named", "[image]") {
    const PictureFolder pictures;
    pictures.write("cat/0.png", "");
    pictures.write("dog/1.png", "no picture");
    const Index cache = GENERATE(0, 1 << 20);
    const ImageFolder folder(pictures.path(), {.unreadable = Unreadable::skip, .cache_bytes = cache});
    CHECK(read_all(folder) == std::pair{std::vector<int>{1, 2, 10, 12}, std::vector<std::int32_t>{0, 0, 1, 1}});
    REQUIRE(folder.skipped().size() == 2);
    CHECK(folder.skipped()[0].file == "cat/0.png");
    CHECK(folder.skipped()[1].file == "dog/1.png");
    CHECK_THAT(folder.skipped()[1].reason, contains("1.png: expected a picture (PNG, JPEG"));

    for (const char* const name : {"dog/0.png", "dog/2.png"}) pictures.write(name, "");
    REQUIRE_THROWS_MATCHES(ImageFolder(pictures.path(), {.unreadable = Unreadable::skip}), DataError,
                           says("the class dog is empty: none of its pictures can be read"));
}

TEST_CASE("ImageFolder: decoded pictures are kept, as many as may be", "[image]") {
    const PictureFolder pictures;
    const Index sample = 4 * 6 * 3;
    const ImageFolder folder(pictures.path(), {.cache_bytes = 4 * sample + 1});
    const auto before = read_all(folder);
    for (int i = 0; i < 3; ++i) pictures.add("cat/" + std::to_string(i) + ".png", 90 + i);
    for (int i = 0; i < 3; ++i) pictures.add("dog/" + std::to_string(i) + ".png", 95 + i);
    CHECK(before.first == std::vector<int>{0, 1, 2, 10, 11, 12});
    CHECK(read_all(folder).first == std::vector<int>{0, 1, 2, 10, 96, 97});
    CHECK(folder.picture(0)[0] == 0);
    const ImageFolder copy = folder; // NOLINT: what is tested is that copies share the cache
    CHECK(read_all(copy).first == std::vector<int>{0, 1, 2, 10, 96, 97});
}

TEST_CASE("ImageFolder: labels alone, and all threads at once", "[image]") {
    const PictureFolder pictures({"a", "b", "c"}, 20);
    const ImageFolder folder(pictures.path(), {.cache_bytes = 1000});
    const auto expected = read_all(folder);
    CHECK(labels_of(folder) == expected.second);
    std::mutex mutex;
    int wrong = 0;
    ThreadPool(7).run(50, [&](Index, int) {
        const bool same = read_all(folder) == expected;
        const std::lock_guard lock(mutex);
        wrong += !same;
    });
    CHECK(wrong == 0);
}

TEST_CASE("ImageFolder: progress", "[image]") {
    const PictureFolder pictures;
    std::vector<std::pair<Index, Index>> seen;
    const ImageFolder folder(
        pictures.path(),
        {.unreadable = Unreadable::skip, .progress = [&](Index done, Index total) { seen.emplace_back(done, total); }});
    REQUIRE(seen.size() >= 2);
    CHECK(seen.front() == std::pair<Index, Index>{6, 6}); // listed
    CHECK(seen.back() == std::pair<Index, Index>{6, 6});  // decoded
}

TEST_CASE("ImageFolder: trains a network, with the same weights from every number of threads", "[image]") {
    const PictureFolder pictures({"a", "b"}, 12);
    const ImageFolder folder(pictures.path(), {.image_size = {4, 4}});
    const auto [train, validation] = split(folder, {.validation_split = 0.25, .seed = 5});
    const int before = threads();
    std::vector<std::uint64_t> hashes;
    for (const int number : {1, 7}) {
        set_threads(number);
        Sequential model{Input{4, 4, 3}, Flatten{}, Dense{.units = 2, .activation = Activation::softmax}};
        model.compile({.optimizer = Adam{}, .loss = Loss::sparse_categorical_crossentropy});
        model.fit(train, {.epochs = 2, .batch_size = 5, .validation_data = validation, .verbose = 0});
        hashes.push_back(model.weights_hash());
    }
    set_threads(before);
    CHECK(hashes[0] == hashes[1]);
}

TEST_CASE("list_csv: pictures by a table", "[image]") {
    const PictureFolder pictures;
    const auto table =
        pictures.write("table.csv", "file,label\r\ncat/2.png, wild\r\n\n\"dog/0.png\",tame\ncat/0.png,tame\n");
    const ImageFolder folder(list_csv(table));
    CHECK(folder.class_names() == std::vector<std::string>{"tame", "wild"});
    CHECK(read_all(folder) == std::pair{std::vector<int>{2, 10, 0}, std::vector<std::int32_t>{1, 0, 0}});
    REQUIRE_THROWS_MATCHES(list_csv(pictures.path() / "no.csv"), DataError, says("no.csv: the file cannot be opened"));
    REQUIRE_THROWS_MATCHES(list_csv(pictures.write("bad.csv", "a.png,x\nb.png\n")), DataError,
                           says("bad.csv:2: expected file,class, got \"b.png\""));
    REQUIRE_THROWS_MATCHES(list_csv(pictures.write("bad.csv", "a.png,x\nb.png,x\n")), DataError,
                           says("expected two or more classes, found 1"));
}

TEST_CASE("ImageFolder: CIFAR-10's pictures", "[image]") {
    const char* const data = std::getenv("FOVEA_DATA");
    const std::filesystem::path archive = std::filesystem::path(data ? data : "") / "cifar10-images.tar.gz";
    if (data == nullptr || !std::filesystem::exists(archive)) {
        WARN("skipped: FOVEA_DATA has no cifar10-images.tar.gz");
        return;
    }
    const TemporaryDirectory directory;
    unpack_some(archive, directory, 10, "test/cat/");
    const ImageFolder folder(directory.path() / "test");
    CHECK(folder.class_names() == std::vector<std::string>{"airplane", "automobile", "bird"});
    CHECK(class_counts(folder) == std::vector<Index>{100, 100, 100});
    CHECK(folder.sample_shape() == Shape{32, 32, 3});
    std::vector<Index> which(300);
    std::iota(which.begin(), which.end(), Index{0});
    Tensor<float> x(Shape{300, 32, 32, 3});
    Data<float>(folder).read(which, x, {}, {});
    const double mean = std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size());
    CHECK(mean == Catch::Approx(0.49579).margin(0.0002)); // with Pillow, of the same pictures
}
