// Runs a fuzz target without libFuzzer: over the files that it is given, and over a million changes of them by a seed.
// fuzz_images [--rounds N] FILE...
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int main(int argc, char** argv) {
    std::vector<std::vector<std::uint8_t>> files;
    long rounds = 1'000'000;
    for (int i = 1; i < argc; ++i) {
        if (std::string(argv[i]) == "--rounds" && i + 1 < argc) {
            rounds = std::atol(argv[++i]);
            continue;
        }
        std::ifstream in(argv[i], std::ios::binary);
        files.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
        LLVMFuzzerTestOneInput(files.back().data(), files.back().size());
    }
    std::mt19937 random(1);
    for (long round = 0; round < rounds && !files.empty(); ++round) {
        std::vector<std::uint8_t> file = files[random() % files.size()];
        if (random() % 4 == 0) file.resize(random() % (file.size() + 1));
        for (auto changes = random() % 8; changes > 0 && !file.empty(); --changes)
            file[random() % file.size()] = static_cast<std::uint8_t>(random());
        LLVMFuzzerTestOneInput(file.data(), file.size());
    }
    std::printf("%zu files and %ld changes of them: no finding\n", files.size(), rounds);
}
