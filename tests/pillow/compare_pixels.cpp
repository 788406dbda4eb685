/// compare_pixels FOLDER: each picture there, as fovea decodes it, beside the file NAME.pixels, which has what Pillow makes of it (see
/// compare_pixels.py). Prints for each kind of file, its name up to the first dash, how many numbers differ by how much. Fails unless
/// those of PNG are the same, and those of JPEG within 2: they are the same with libjpeg-turbo, but it is not the only library.
#include <array>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <map>

#include <fovea/image/file.hpp>
#include <fovea/image/load.hpp>

using namespace fovea;

namespace {

struct Differences {
    Index pictures = 0;
    Index numbers = 0;
    std::array<Index, 256> by{}; ///< how many numbers differ by 0, 1, 2 ...

    int largest() const {
        int most = 255;
        while (most > 0 && by[static_cast<std::size_t>(most)] == 0) --most;
        return most;
    }
    Index beyond(std::size_t tolerance) const {
        Index count = 0;
        for (std::size_t i = tolerance + 1; i < by.size(); ++i) count += by[i];
        return count;
    }
};

void compare(const std::filesystem::path& file, Differences& found) {
    const Tensor<std::uint8_t> picture = image::load(file);
    std::vector<std::byte> buffer;
    const auto expected = image::detail::read_file(file.string() + ".pixels", buffer);
    require<DataError>(static_cast<Index>(expected.size()) == picture.size(), file.string(), ": decoded ",
                       picture.shape(), ", Pillow has ", expected.size(), " numbers");
    ++found.pictures;
    found.numbers += picture.size();
    for (std::size_t i = 0; i < expected.size(); ++i)
        ++found.by[static_cast<std::size_t>(std::abs(picture[static_cast<Index>(i)] - static_cast<int>(expected[i])))];
}

} // namespace

int main(int argc, char** argv) try {
    require<ValueError>(argc == 2, "expected a folder");
    std::map<std::string, Differences> kinds;
    for (const auto& entry : std::filesystem::directory_iterator(argv[1])) {
        if (!image::format_of_name(entry.path())) continue;
        const std::string name = entry.path().filename().string();
        compare(entry.path(), kinds[name.substr(0, name.find('-'))]);
    }
    bool right = !kinds.empty();
    for (const auto& [kind, found] : kinds) {
        const bool exact = !kind.starts_with("jpeg");
        const Index wrong = found.beyond(exact ? 0 : 2);
        std::printf("%-18s %4td pictures, %8td numbers: largest difference %d, %td beyond %d\n", kind.c_str(),
                    found.pictures, found.numbers, found.largest(), wrong, exact ? 0 : 2);
        right = right && wrong == 0;
    }
    return right ? 0 : 1;
} catch (const std::exception& error) {
    std::cerr << "compare_pixels: " << error.what() << '\n';
    return 1;
}
