#include <chrono>
#include <string>
#include <thread>

#ifndef _WIN32
#include <fcntl.h>
#include <unistd.h>
#endif

#include <fovea/image/terminal_progress.hpp>

#include "catch.hpp"

using namespace fovea;

#ifndef _WIN32

namespace {

/// What goes to stderr until the end of the scope goes to a terminal, or to a pipe, which can be read.
class Redirected {
public:
    explicit Redirected(bool to_terminal) {
        int ends[2] = {-1, -1};
        if (to_terminal) {
            ends[0] = posix_openpt(O_RDWR | O_NOCTTY);
            REQUIRE(ends[0] >= 0);
            REQUIRE(grantpt(ends[0]) == 0);
            REQUIRE(unlockpt(ends[0]) == 0);
            ends[1] = open(ptsname(ends[0]), O_RDWR | O_NOCTTY);
        } else {
            REQUIRE(pipe(ends) == 0);
        }
        REQUIRE(ends[1] >= 0);
        fcntl(ends[0], F_SETFL, O_NONBLOCK);
        read_ = ends[0];
        before_ = dup(STDERR_FILENO);
        dup2(ends[1], STDERR_FILENO);
        close(ends[1]);
    }
    ~Redirected() {
        dup2(before_, STDERR_FILENO);
        close(before_);
        close(read_);
    }
    Redirected(const Redirected&) = delete;
    Redirected& operator=(const Redirected&) = delete;

    /// What has come since the last time.
    std::string text() const {
        char buffer[1000];
        const ssize_t size = read(read_, buffer, sizeof buffer);
        return {buffer, static_cast<std::size_t>(size > 0 ? size : 0)};
    }

private:
    int read_ = -1;
    int before_ = -1;
};

} // namespace

TEST_CASE("terminal_progress: a line from the first second on, in a terminal", "[image]") {
    const Redirected terminal(true);
    const ImageProgress slow = image::detail::terminal_progress("Photos");
    const ImageProgress quick = image::detail::terminal_progress("Quick");
    REQUIRE(slow);
    slow(1, 0);
    quick(10, 10); // over before anybody gets impatient
    CHECK(terminal.text().empty());
    std::this_thread::sleep_for(std::chrono::milliseconds(1010));
    slow(1024, 0);
    CHECK(terminal.text() == "\rPhotos: 1024 pictures");
    slow(1025, 0); // not again so soon
    CHECK(terminal.text().empty());
    std::this_thread::sleep_for(std::chrono::milliseconds(110));
    slow(2000, 3000);
    CHECK(terminal.text() == "\rPhotos: 2000 of 3000 pictures");
    slow(3000, 3000);
    CHECK(terminal.text() == "\rPhotos: 3000 of 3000 pictures\r\n"); // the terminal makes \r\n of \n
    slow(3000, 3000);
    CHECK(terminal.text().empty());
}

TEST_CASE("terminal_progress: none where stderr is no terminal", "[image]") {
    const Redirected pipe(false);
    CHECK_FALSE(image::detail::terminal_progress("Photos"));
}

#endif
