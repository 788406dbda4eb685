#include <sstream>

#include <fovea/data/split.hpp>
#include <fovea/image/describe.hpp>
#include <fovea/image/save.hpp>

#include "catch.hpp"
#include "support/temporary_directory.hpp"

using namespace fovea;

namespace {

/// Pictures in one colour each, of different sizes and formats.
class MixedFolder {
public:
    MixedFolder() {
        add("cat/0.png", 0, {4, 6, 3});
        add("cat/1.bmp", 0, {4, 6, 3}); // the same pixels in another file
        add("cat/2.png", 255, {4, 6, 1});
        add("dog/0.png", 255, {4, 6, 3}); // white in RGB, as the grey one is
        add("dog/1.png", 51, {2, 6, 3});
        directory_.write("dog/2.png", "no picture");
    }
    void add(const std::string& name, int color, Shape shape) const {
        directory_.write(name, image::encode(Tensor<std::uint8_t>(shape, static_cast<std::uint8_t>(color)),
                                             *image::format_of_name(name)));
    }
    const std::filesystem::path& path() const { return directory_.path(); }

private:
    TemporaryDirectory directory_;
};

} // namespace

TEST_CASE("describe: a folder's files as they are, before they are resized", "[image]") {
    const MixedFolder files;
    const ImageFolder folder(files.path(), {.image_size = {3, 3}});
    const DataReport report = describe(folder);
    CHECK(report.samples == 6);
    CHECK(report.sample_shape == Shape{3, 3, 3});
    REQUIRE(report.sizes.size() == 2);
    CHECK(report.sizes[0].height == 4);
    CHECK(report.sizes[0].pictures == 4);
    CHECK(report.sizes[1].height == 2);
    CHECK(report.sizes[1].width == 6);
    REQUIRE(report.channels.size() == 3);
    CHECK(report.channels[2].count == 4 * 24 + 12);
    CHECK(report.channels[2].mean == Catch::Approx((2 * 24 + 12 * 0.2) / 108)); // by pixels, not by pictures
    REQUIRE(report.classes.size() == 2);
    CHECK(report.classes[1].name == "dog");
    CHECK(report.classes[1].samples == 3);
    REQUIRE(report.duplicates.size() == 2);
    CHECK(report.duplicates[0].names == std::vector<std::string>{"cat/0.png", "cat/1.bmp"});
    CHECK_FALSE(report.duplicates[0].across_classes);
    CHECK(report.duplicates[1].names == std::vector<std::string>{"cat/2.png", "dog/0.png"});
    CHECK(report.duplicates[1].across_classes);
    REQUIRE(report.unreadable.size() == 1);
    CHECK(report.unreadable[0].name == "dog/2.png");
    CHECK_THAT(report.unreadable[0].reason, contains("expected a picture (PNG, JPEG"));
}

TEST_CASE("describe: pictures that the folder would refuse, and those it has left out", "[image]") {
    const MixedFolder files;
    const DataReport refused = describe(ImageFolder(files.path()));
    REQUIRE(refused.unreadable.size() == 2);
    CHECK(refused.unreadable[0].name == "dog/1.png");
    CHECK_THAT(refused.unreadable[0].reason, contains("the picture is (2, 6, 3), the first one (4, 6, 3); image_size"));
    CHECK(refused.sizes.size() == 2);
    const DataReport skipped = describe(ImageFolder(files.path(), {.unreadable = Unreadable::skip}));
    CHECK(skipped.samples == 6);
    CHECK(skipped.unreadable.size() == 2);
    CHECK(skipped.classes.at(1).samples == 1);
    CHECK(skipped.sizes.size() == 1);
}

TEST_CASE("describe: part of a folder, and progress", "[image]") {
    const MixedFolder files;
    const ImageFolder folder(files.path(), {.image_size = {3, 3}});
    const auto [train, validation] = split(folder, {.validation_split = 0.5, .seed = 1});
    const DataReport parts[] = {describe(train), describe(validation)};
    CHECK(parts[0].samples + parts[1].samples == 6);
    CHECK(parts[0].unreadable.size() + parts[1].unreadable.size() == 1);
    CHECK(parts[0].classes.at(0).name == "cat"); // the folder's names come along
    CHECK(parts[0].sample_shape == Shape{3, 3, 3});
    std::vector<std::pair<Index, Index>> seen;
    describe(folder, {.progress = [&](Index done, Index total) { seen.emplace_back(done, total); }});
    CHECK(seen == std::vector<std::pair<Index, Index>>{{6, 6}});
    CHECK(describe(folder, {.class_names = {"Katze", "Hund"}}).classes.at(1).name == "Hund");
}

TEST_CASE("describe: a folder's report is the same from every number of threads", "[image]") {
    const TemporaryDirectory directory;
    for (int i = 0; i < 300; ++i) {
        Tensor<std::uint8_t> picture(Shape{3 + i % 5, 4, 3}, static_cast<std::uint8_t>(i % 250));
        picture[0] = static_cast<std::uint8_t>(3 * i % 256);
        directory.write("class" + std::to_string(i % 3) + "/" + std::to_string(i) + ".png",
                        image::encode(picture, image::Format::png));
    }
    const ImageFolder folder(directory.path(), {.image_size = {4, 4}});
    const int before = threads();
    std::vector<std::string> pages;
    std::vector<double> squares;
    for (const int number : {1, 7}) {
        set_threads(number);
        const DataReport report = describe(folder);
        std::ostringstream out;
        out << report;
        pages.push_back(out.str());
        squares.push_back(report.channels[0].squares);
    }
    set_threads(before);
    CHECK(pages[0] == pages[1]);
    CHECK(squares[0] == squares[1]);
}
