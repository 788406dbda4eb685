#pragma once
#include <cstdlib>
#include <filesystem>
#include <string>

#include <fovea/data/mnist.hpp>
#include <fovea/data/synthetic_digits.hpp>

namespace fovea::mnist {

/// Where `find` looks, in this order. An empty path is left out.
struct Search {
    std::filesystem::path directory;     ///< asked for by the user, say as --data
    std::filesystem::path fovea_data;    ///< asked for by the user as the environment's FOVEA_DATA
    std::filesystem::path cache;         ///< where a download goes
    std::filesystem::path fashion_mnist; ///< other images in MNIST's format

    /// FOVEA_DATA, the user's cache folder, and where Debian's package dataset-fashion-mnist puts its files.
    static Search usual(const std::filesystem::path& directory = {}) {
        return {directory, environment("FOVEA_DATA"), usual_cache(), "/usr/share/datasets/fashion-mnist"};
    }

    /// %LOCALAPPDATA%\fovea\mnist on Windows, otherwise ${XDG_CACHE_HOME:-$HOME/.cache}/fovea/mnist; empty without a home.
    static std::filesystem::path usual_cache() {
#ifdef _WIN32
        const std::filesystem::path cache = environment("LOCALAPPDATA");
#else
        std::filesystem::path cache = environment("XDG_CACHE_HOME");
        if (const auto home = environment("HOME"); cache.empty() && !home.empty()) cache = home / ".cache";
#endif
        return cache.empty() ? cache : cache / "fovea" / "mnist";
    }

private:
    static std::filesystem::path environment(const char* name) {
        const char* const value = std::getenv(name);
        return value ? value : "";
    }
};

/// `const auto [train, test, source] = mnist::find();`
struct Found {
    Dataset train;
    Dataset test;
    std::string source; ///< a sentence on what this is, for the user to see; begins with "WARNING: " if it is not MNIST
};

/// The first data set of the search; without any, 60,000 and 10,000 digits that the library draws itself. What the user asked for
/// is taken or complained about (DataError), never passed over; so is a complete but damaged set elsewhere.
inline Found find(const Search& search = Search::usual()) {
    const auto found = [](Splits splits, const std::string& source) {
        return Found{std::move(splits.train), std::move(splits.test), source};
    };
    const auto asked_for = [&](const std::filesystem::path& directory, const std::string& asked) {
        try {
            return found(load(directory), text("Data: ", directory.string(), " (", asked, ")"));
        } catch (const DataError& error) {
            throw DataError(asked + " is " + directory.string() + ", but " + error.what());
        }
    };
    if (!search.directory.empty()) return asked_for(search.directory, "--data");
    if (!search.fovea_data.empty()) return asked_for(search.fovea_data, "FOVEA_DATA");
    if (!search.cache.empty() && detail::has_all_files(search.cache))
        return found(load(search.cache), "Data: MNIST in " + search.cache.string());

    const std::string warning = "WARNING: no MNIST found; training on ";
    // Debian's files are packed, which a program without zlib cannot help.
    if (!search.fashion_mnist.empty() && detail::has_all_files(search.fashion_mnist) && idx::gzip_unpacker)
        return found(load(search.fashion_mnist),
                     warning + "Fashion-MNIST in " + search.fashion_mnist.string() + " instead");
    constexpr Index train = 60000;
    constexpr Index test = 10000;
    return found({synthetic_digits(train, 0), synthetic_digits(test, 0, train)},
                 warning + "digits drawn by fovea itself instead");
}

/// As above with the usual search, or the one directory asked for.
inline Found find(const std::filesystem::path& directory) { return find(Search::usual(directory)); }

} // namespace fovea::mnist
