#include <array>
#include <string>

#include <fovea/core/random.hpp>
#include <fovea/image/load.hpp>

#include "catch.hpp"
#include "reference/images.hpp"
#include "support/temporary_directory.hpp"

using namespace fovea;

namespace {

using File = std::vector<std::byte>;

/// What decoding says of a file: nothing if it is a picture. Anything but DataError ends the test.
std::string complaint(const File& file) {
    try {
        const Tensor<std::uint8_t> picture = image::decode(file, image::ColorMode::as_is, "photo");
        return picture.size() > 0 ? "" : "no pixels";
    } catch (const DataError& error) {
        return error.what();
    }
}

File with(File file, std::size_t at, const std::vector<int>& bytes) {
    for (const int byte : bytes) file.at(at++) = static_cast<std::byte>(byte);
    return file;
}

/// The checksum of PNG's header made right again.
File with_header_sum(File png) {
    const std::string name = "photo";
    const std::uint32_t sum = image::detail::crc32(image::detail::Bytes(png, name), 12, 29);
    for (std::size_t i = 0; i < 4; ++i) png.at(29 + i) = static_cast<std::byte>(sum >> (24 - 8 * i) & 0xFF);
    return png;
}

std::size_t find(const File& file, const std::vector<int>& bytes) {
    File wanted;
    for (const int byte : bytes) wanted.push_back(static_cast<std::byte>(byte));
    const auto found = std::search(file.begin(), file.end(), wanted.begin(), wanted.end());
    REQUIRE(found != file.end());
    return static_cast<std::size_t>(found - file.begin());
}

} // namespace

TEST_CASE("hostile pictures: files cut short, wherever the cut is", "[image]") {
    for (const reference::RecordedFile& whole : reference::read_images().files) {
        INFO(whole.name);
        REQUIRE(complaint(whole.bytes).empty());
        for (std::size_t size = 0; size < whole.bytes.size(); ++size) {
            const File cut(whole.bytes.begin(), whole.bytes.begin() + static_cast<std::ptrdiff_t>(size));
            INFO(size << " of " << whole.bytes.size());
            // TGA ends in a signature that nobody needs, Netpbm may.
            const bool footer = whole.name.starts_with("tga") && size + 26 >= whole.bytes.size();
            if (!footer) CHECK_THAT(complaint(cut), contains("photo: "));
        }
    }
}

TEST_CASE("hostile pictures: nothing at all, text, a wrong extension", "[image]") {
    CHECK(complaint({}) == "photo: expected a picture, the file is empty");
    const std::string words = "this is a letter and no photograph";
    const auto bytes = std::as_bytes(std::span(words));
    CHECK(complaint(File(bytes.begin(), bytes.end())) ==
          "photo: expected a picture (PNG, JPEG, BMP, TGA, PGM or PPM), the 34 bytes are none");
    const TemporaryDirectory directory;
    const auto path = directory.write("letter.jpg", words);
    REQUIRE_THROWS_MATCHES(image::load(path), DataError, says(path.string() + ": expected a picture"));
    REQUIRE_THROWS_MATCHES(image::load(directory.write("empty.png", "")), DataError, says("the file is empty"));
}

TEST_CASE("hostile pictures: headers of 100,000 x 100,000", "[image]") {
    const reference::RecordedImages recorded = reference::read_images();
    const std::string says_so = "photo: the picture's size is 100000 x 100000, its sides may have at most 65535 pixels";
    const std::vector<int> big{0, 1, 0x86, 0xA0};
    const std::vector<int> little{0xA0, 0x86, 1, 0};
    CHECK(complaint(with_header_sum(with(with(recorded.file("png_RGB").bytes, 16, big), 20, big))) == says_so);
    CHECK(complaint(with(with(recorded.file("bmp_RGB").bytes, 18, little), 22, little)) == says_so);
    const std::string pgm = "P5 100000 100000 255 ";
    const std::string pgm_limit = "P5 99999 99999 255 ";
    const auto file = [](const std::string& s) {
        const auto bytes = std::as_bytes(std::span(s));
        return File(bytes.begin(), bytes.end());
    };
    CHECK_THAT(complaint(file(pgm)), contains("expected a number up to 99999"));
    CHECK_THAT(complaint(file(pgm_limit)), contains("its sides may have at most 65535 pixels"));
}

TEST_CASE("hostile pictures: more pixels than the bytes can hold", "[image]") {
    const reference::RecordedImages recorded = reference::read_images();
    SECTION("sides that are allowed, an area that is not") {
        const std::vector<int> side{0, 0, 0xFF, 0xFF};
        CHECK_THAT(complaint(with_header_sum(with(with(recorded.file("png_RGB").bytes, 16, side), 20, side))),
                   contains("65535 x 65535 with 3 bytes a pixel, at most 268435456 bytes are read"));
    }
    SECTION("PNG") {
        const std::vector<int> side{0, 0, 0x20, 0};
        CHECK_THAT(complaint(with_header_sum(with(with(recorded.file("png_L").bytes, 16, side), 20, side))),
                   contains("the header says 8192 x 8192 pixels, which cannot be in "));
    }
    SECTION("JPEG") {
        const File& jpeg = recorded.file("jpeg_L").bytes;
        const std::size_t frame = find(jpeg, {0xFF, 0xC0});
        CHECK_THAT(complaint(with(jpeg, frame + 5, {0x20, 0, 0x20, 0})),
                   contains("the header says 8192 x 8192 pixels, which cannot be in "));
    }
    SECTION("BMP, TGA") {
        CHECK_THAT(complaint(with(recorded.file("bmp_L").bytes, 18, {0, 1})), contains("the picture is cut short"));
        CHECK_THAT(complaint(with(recorded.file("tga_L").bytes, 12, {0, 1})), contains("the picture is cut short"));
        CHECK_THAT(complaint(with(recorded.file("tga_runs").bytes, 12, {0, 1})), contains("the picture is cut short"));
    }
    SECTION("no pixels") {
        CHECK_THAT(complaint(with(recorded.file("bmp_L").bytes, 18, {0, 0, 0, 0})), contains("5 x 0"));
        CHECK_THAT(complaint(with(recorded.file("tga_L").bytes, 12, {0, 0})), contains("has no pixels"));
    }
}

TEST_CASE("hostile pictures: a changed byte of a PNG is found", "[image]") {
    const reference::RecordedImages recorded = reference::read_images();
    const File& png = recorded.file("png_RGB").bytes;
    for (std::size_t at = 0; at < png.size(); ++at) {
        INFO(at);
        CHECK_FALSE(complaint(with(png, at, {static_cast<int>(png[at]) ^ 0x10})).empty());
    }
}

TEST_CASE("hostile pictures: JPEG's Huffman tables that hold more than they may", "[image]") {
    const reference::RecordedImages recorded = reference::read_images();
    const File& jpeg = recorded.file("jpeg_444").bytes;
    const std::size_t table = find(jpeg, {0xFF, 0xC4}) + 4;
    CHECK_THAT(complaint(with(jpeg, table + 16, {255})),
               contains("photo: the JPEG is damaged, a Huffman table is wrong"));
    CHECK_THAT(complaint(with(jpeg, table, {0x44})), contains("a Huffman table is wrong"));
    // Three codes of one bit, though all their symbols are there.
    File three(20);
    const std::string name = "photo";
    REQUIRE_NOTHROW(image::detail::check_huffman_tables(image::detail::Bytes(with(three, 1, {2, 0}), name), 0, 19));
    REQUIRE_THROWS_MATCHES(image::detail::check_huffman_tables(image::detail::Bytes(with(three, 1, {3}), name), 0, 20),
                           DataError, says("a Huffman table is wrong near byte 0"));
}

TEST_CASE("hostile pictures: random bytes behind a signature, and pictures with random bytes in them", "[image]") {
    const reference::RecordedImages recorded = reference::read_images();
    const std::array<std::vector<int>, 6> signatures{{{0x89, 'P', 'N', 'G', 13, 10, 26, 10},
                                                      {0xFF, 0xD8, 0xFF},
                                                      {'B', 'M'},
                                                      {'P', '5', ' ', '9', ' ', '9', ' ', '9'},
                                                      {'P', '3', ' '},
                                                      {0, 0, 10}}};
    const random::Stream stream{2024};
    std::uint64_t next = 0;
    const auto below = [&](std::size_t bound) {
        return static_cast<std::size_t>(stream.below(next++, static_cast<std::uint32_t>(bound)));
    };
    int pictures = 0;
    for (int round = 0; round < 3000; ++round) {
        File file;
        if (round % 3 == 0) {
            file.resize(20 + below(400));
            for (std::byte& byte : file) byte = static_cast<std::byte>(below(256));
            file = with(file, 0, signatures[below(signatures.size())]);
        } else {
            file = recorded.files[below(recorded.files.size())].bytes;
            for (std::size_t changes = 1 + below(4); changes > 0; --changes)
                file[below(file.size())] = static_cast<std::byte>(below(256));
        }
        INFO("round " << round);
        const std::string said = complaint(file);
        pictures += said.empty();
        if (!said.empty()) REQUIRE_THAT(said, contains("photo: "));
    }
    CHECK(pictures > 100); // a changed pixel is still a picture
}
