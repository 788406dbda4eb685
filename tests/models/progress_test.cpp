#include <limits>
#include <regex>
#include <sstream>
#include <string>
#include <thread>

#include <fovea/models/progress.hpp>

#include "catch.hpp"

using namespace fovea;

namespace {

Logs logs_of(std::initializer_list<std::pair<const char*, double>> entries) {
    Logs logs;
    for (const auto& [name, value] : entries) logs[name] = value;
    return logs;
}

std::string blocks(int count) {
    std::string all;
    for (int i = 0; i < count; ++i) all += "━";
    return all;
}

/// ESC[32m<done>ESC[0m ESC[37m<left>ESC[0m
std::string bar(int done) {
    return (done > 0 ? "\033[32m" + blocks(done) + "\033[0m" : "") + "\033[37m" + blocks(20 - done) + "\033[0m";
}

std::size_t count_of(const std::string& text, const std::string& part) {
    std::size_t count = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
    return count;
}

} // namespace

// Recorded from the Progbar of Keras 3.15.1, whose clock was set by hand; without the backspaces in front and the spaces behind
// by which it wipes out the line before.
TEST_CASE("Progress: the bar, byte by byte as Keras draws it") {
    CHECK(Progress::line(1, 469, 1, 1, logs_of({{"accuracy", 0.2}, {"loss", 1.9667}})) ==
          "\033[1m  1/469\033[0m " + bar(0) + " \033[1m7:48\033[0m 1s/step - accuracy: 0.2000 - loss: 1.9667");
    CHECK(Progress::line(101, 469, 3, 0.02, logs_of({{"accuracy", 0.2}, {"loss", 1.9667}})) ==
          "\033[1m101/469\033[0m " + bar(4) + " \033[1m7s\033[0m 20ms/step - accuracy: 0.2000 - loss: 1.9667");
    CHECK(
        Progress::line(469, 469, 9, 8.0 / 468, logs_of({{"accuracy", 0.9712}, {"loss", 0.0934}, {"val_loss", 6e-4}})) ==
        "\033[1m469/469\033[0m " + bar(20) +
            " \033[1m9s\033[0m 17ms/step - accuracy: 0.9712 - loss: 0.0934 - val_loss: 6.0000e-04");
    CHECK(Progress::line(1, 10, 1, 1, logs_of({{"loss", 0.0}})) ==
          "\033[1m 1/10\033[0m " + bar(2) + " \033[1m9s\033[0m 1s/step - loss: 0.0000e+00");
    CHECK(Progress::line(2, 10, 101, 100, logs_of({{"loss", 5e-4}})) ==
          "\033[1m 2/10\033[0m " + bar(4) + " \033[1m13:20\033[0m 100s/step - loss: 5.0000e-04");
    CHECK(Progress::line(5, 10, 102, 25.25, logs_of({{"loss", 8.6e-4}})) ==
          "\033[1m 5/10\033[0m " + bar(10) + " \033[1m2:06\033[0m 25s/step - loss: 8.6000e-04");
    CHECK(Progress::line(2, 10, 1001, 1000, {}) ==
          "\033[1m 2/10\033[0m " + bar(4) + " \033[1m2:13:20\033[0m 1000s/step");
    CHECK(Progress::line(1, 5, 0.0004, 0.0004, logs_of({{"loss", -2.5}})) ==
          "\033[1m1/5\033[0m " + bar(4) + " \033[1m0s\033[0m 400us/step - loss: -2.5000");
    CHECK(Progress::line(1, 1, 2.6, 2.6, logs_of({{"loss", 2.5}})) ==
          "\033[1m1/1\033[0m " + bar(20) + " \033[1m3s\033[0m 3s/step - loss: 2.5000");
}

TEST_CASE("Progress: the time of a step, as Keras writes it") {
    CHECK(detail::format_step_time(0) == "0s/step");
    CHECK(detail::format_step_time(1) == "1s/step");
    CHECK(detail::format_step_time(0.9) == "900ms/step");
    CHECK(detail::format_step_time(0.0012) == "1ms/step");
    CHECK(detail::format_step_time(0.00099) == "990us/step");
    CHECK(detail::format_step_time(1e-6) == "1us/step");
    CHECK(detail::format_step_time(0.9996) == "1000ms/step");
}

TEST_CASE("Progress: metrics have four decimals, or five digits and an exponent") {
    CHECK(detail::format_metric(0.97125) == "0.9712");
    CHECK(detail::format_metric(-12.5) == "-12.5000");
    CHECK(detail::format_metric(1e-3) == "1.0000e-03");
    CHECK(detail::format_metric(1.1e-3) == "0.0011");
    CHECK(detail::format_metric(-6e-4) == "-6.0000e-04");
    CHECK(detail::format_metric(std::numeric_limits<double>::infinity()) == "inf");
}

TEST_CASE("Progress: on a terminal the line is redrawn in place and closed at the end") {
    std::ostringstream out;
    Progress progress(out, 1, true, 1000);
    for (Index i = 1; i <= 1000; ++i) progress.update(i, logs_of({{"loss", 1.0}}));
    const std::size_t redraws = count_of(out.str(), "\r");
    CHECK(redraws >= 1);
    CHECK(redraws <= 25); // at most every 50 ms, and the loop took far less than a second
    CHECK(out.str().find('\n') == std::string::npos);
    progress.finish(logs_of({{"loss", 0.5}, {"val_loss", 0.25}}));
    CHECK(count_of(out.str(), "\r") == redraws + 1);
    CHECK(count_of(out.str(), "\n") == 1);
    CHECK(std::regex_search(out.str(), std::regex("1000/1000.*/step - loss: 0\\.5000 - val_loss: 0\\.2500[^\n]*\n$")));
}

TEST_CASE("Progress: redirected or with verbose 2 there is one plain line at the end") {
    const std::regex plain("3/3 - 0s - [0-9]+(us|ms)/step - accuracy: 0\\.5000 - loss: 1\\.2500\n");
    for (const auto& [verbose, terminal] : {std::pair(1, false), {2, true}, {2, false}}) {
        INFO("verbose " << verbose << (terminal ? ", a terminal" : ", redirected"));
        std::ostringstream out;
        Progress progress(out, verbose, terminal, 3);
        for (Index i = 1; i <= 3; ++i) progress.update(i, logs_of({{"loss", 7.0}}));
        CHECK(out.str().empty());
        progress.finish(logs_of({{"accuracy", 0.5}, {"loss", 1.25}}));
        INFO(out.str());
        CHECK(std::regex_match(out.str(), plain));
    }
}

TEST_CASE("Progress: steps that were taken before take no time") {
    std::ostringstream out;
    Progress progress(out, 2, false, 1000, 999);
    progress.update(1000, {});
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    progress.finish({});
    CHECK(std::regex_match(out.str(), std::regex("1000/1000 - 0s - [2-9][0-9]ms/step\n"))); // not a thousandth of it
}

TEST_CASE("Progress: verbose 0 is silent") {
    std::ostringstream out;
    Progress progress(out, 0, true, 2);
    progress.update(1, {});
    progress.update(2, {});
    progress.finish({});
    CHECK(out.str().empty());
}
