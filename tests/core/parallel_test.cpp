#include "catch.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <numeric>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <fovea/core/parallel.hpp>

using fovea::Index;
using fovea::parallel_for;
using fovea::ThreadPool;
using fovea::ValueError;

namespace {

/// The library's number of threads, put back at the end of a test.
struct KeepThreads {
    int before = fovea::threads();
    KeepThreads() = default;
    KeepThreads(const KeepThreads&) = delete;
    KeepThreads& operator=(const KeepThreads&) = delete;
    ~KeepThreads() { fovea::set_threads(before); }
};

std::vector<int> counts_after(ThreadPool& pool, Index tasks) {
    std::vector<int> counts(static_cast<std::size_t>(tasks));
    pool.run(tasks, [&](Index i, int) { ++counts[static_cast<std::size_t>(i)]; });
    return counts;
}

} // namespace

TEST_CASE("every task is done once, whatever the number of threads") {
    for (const int threads : {1, 2, 3, 8}) {
        ThreadPool pool(threads);
        CHECK(pool.threads() == threads);
        for (const Index tasks : {0, 1, 2, 7, 1000})
            CHECK(counts_after(pool, tasks) == std::vector<int>(static_cast<std::size_t>(tasks), 1));
    }
}

TEST_CASE("a pool serves many calls in a row") {
    ThreadPool pool(4);
    std::atomic<Index> sum{0};
    for (int call = 0; call < 3000; ++call) pool.run(5, [&](Index i, int) { sum += i; });
    CHECK(sum == 30000);
}

TEST_CASE("workers are numbered, and no two tasks run on the same one at once") {
    ThreadPool pool(4);
    std::vector<std::atomic<int>> busy(4);
    std::atomic<bool> wrong{false};
    pool.run(400, [&](Index, int worker) {
        if (worker < 0 || worker >= 4 || busy[static_cast<std::size_t>(worker)]++ != 0) wrong = true;
        std::this_thread::yield();
        --busy[static_cast<std::size_t>(worker)];
    });
    CHECK_FALSE(wrong);
}

TEST_CASE("tasks run on several threads at once") {
    ThreadPool pool(3);
    std::atomic<int> arrived{0};
    // Each task waits for the other two, so this would never end if one thread did them all.
    pool.run(3, [&](Index, int) {
        ++arrived;
        while (arrived < 3) std::this_thread::yield();
    });
    CHECK(arrived == 3);
}

TEST_CASE("workers that have gone to sleep wake up, as many as there are tasks for") {
    using std::chrono::milliseconds;
    ThreadPool pool(8);
    for (const int tasks : {2, 3, 8, 20}) {
        std::this_thread::sleep_for(milliseconds(5)); // a worker polls for 1 ms
        const int meeting = std::min(tasks, pool.threads());
        std::atomic<int> arrived{0};
        pool.run(tasks, [&](Index, int) {
            ++arrived;
            while (arrived < meeting) std::this_thread::yield();
        });
        CHECK(arrived == tasks);
    }
}

TEST_CASE("the caller sleeps until a long task is done") {
    ThreadPool pool(2);
    const std::thread::id caller = std::this_thread::get_id();
    for (int repeat = 0; repeat < 5; ++repeat) {
        std::atomic<int> arrived{0};
        std::atomic<bool> done{false};
        pool.run(2, [&](Index, int) {
            ++arrived;
            while (arrived < 2) std::this_thread::yield();
            if (std::this_thread::get_id() == caller) return;
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
            done = true;
        });
        CHECK(done);
    }
}

TEST_CASE("no task runs outside of its call, however late its worker") {
    ThreadPool pool(12); // more than the cores, so that workers lose theirs at any point
    std::atomic<int> open{-1};
    std::atomic<bool> wrong{false};
    std::atomic<Index> sum{0};
    Index expected = 0;
    for (int call = 0; call < 5000; ++call) {
        const Index tasks = 2 + call % 5;
        open = call;
        pool.run(tasks, [&, call, tasks](Index i, int) {
            if (open != call || i < 0 || i >= tasks) wrong = true;
            sum += i + 1;
        });
        open = -1;
        expected += tasks * (tasks + 1) / 2;
    }
    CHECK_FALSE(wrong);
    CHECK(sum == expected);
}

TEST_CASE("a single task stays with the caller") {
    const KeepThreads keep;
    fovea::set_threads(3);
    std::vector<std::thread::id> where;
    parallel_for(0, [&](Index, int) { where.push_back({}); });
    parallel_for(1, [&](Index i, int worker) {
        CHECK(i == 0);
        CHECK(worker == 0);
        where.push_back(std::this_thread::get_id());
    });
    CHECK(where == std::vector<std::thread::id>{std::this_thread::get_id()});
}

TEST_CASE("of several exceptions, that of the lowest task comes out, and the pool goes on") {
    for (const int threads : {1, 4}) {
        ThreadPool pool(threads);
        for (int repeat = 0; repeat < 50; ++repeat) {
            const auto fail = [](Index i, int) {
                if (i % 10 == 3) throw std::runtime_error("task " + std::to_string(i));
            };
            CHECK_THROWS_WITH(pool.run(100, fail), "task 3");
        }
        CHECK(counts_after(pool, 10) == std::vector<int>(10, 1));
    }
}

TEST_CASE("the exception of the lowest task comes out even if it is thrown last") {
    ThreadPool pool(2);
    std::atomic<bool> other_throws{false};
    const auto fail = [&](Index i, int) {
        if (i == 1) other_throws = true;
        while (!other_throws) std::this_thread::yield();
        if (i == 0) std::this_thread::sleep_for(std::chrono::milliseconds(50));
        throw std::runtime_error("task " + std::to_string(i));
    };
    CHECK_THROWS_WITH(pool.run(2, fail), "task 0");
}

TEST_CASE("a task may share out tasks of its own") {
    ThreadPool pool(4);
    std::vector<int> counts(64);
    pool.run(8,
             [&](Index i, int) { pool.run(8, [&](Index j, int) { ++counts[static_cast<std::size_t>(8 * i + j)]; }); });
    CHECK(counts == std::vector<int>(64, 1));
    CHECK_THROWS_WITH(
        pool.run(8, [&](Index, int) { pool.run(3, [](Index, int) { throw std::runtime_error("inner"); }); }), "inner");
    CHECK(counts_after(pool, 10) == std::vector<int>(10, 1));
}

TEST_CASE("several threads may use one pool at once") {
    ThreadPool pool(3);
    std::vector<std::vector<int>> counts(4, std::vector<int>(100));
    std::vector<std::thread> callers;
    for (std::size_t caller = 0; caller < counts.size(); ++caller)
        callers.emplace_back([&, caller] {
            for (int repeat = 0; repeat < 50; ++repeat)
                pool.run(100, [&](Index i, int) { ++counts[caller][static_cast<std::size_t>(i)]; });
        });
    for (std::thread& caller : callers) caller.join();
    CHECK(counts == std::vector<std::vector<int>>(4, std::vector<int>(100, 50)));
}

TEST_CASE("set_threads changes how many threads the library uses") {
    const KeepThreads keep;
    for (const int threads : {1, 3, 2}) {
        fovea::set_threads(threads);
        CHECK(fovea::threads() == threads);
        std::vector<int> counts(50);
        parallel_for(50, [&](Index i, int) { ++counts[static_cast<std::size_t>(i)]; });
        CHECK(counts == std::vector<int>(50, 1));
    }
}

TEST_CASE("set_threads may be called while the pool is at work") {
    const KeepThreads keep;
    fovea::set_threads(3);
    std::vector<int> counts(20);
    parallel_for(20, [&](Index i, int) {
        if (i == 5) fovea::set_threads(2);
        ++counts[static_cast<std::size_t>(i)];
    });
    CHECK(counts == std::vector<int>(20, 1));
    CHECK(fovea::threads() == 2);
}

TEST_CASE("numbers of threads out of range are refused") {
    CHECK_THROWS_MATCHES(fovea::set_threads(0), ValueError,
                         says("set_threads: expected a number of threads from 1 to 1024, got \"0\""));
    CHECK_THROWS_MATCHES(fovea::set_threads(-3), ValueError, says("got \"-3\""));
    CHECK_THROWS_MATCHES(fovea::set_threads(1025), ValueError, says("got \"1025\""));
}

TEST_CASE("FOVEA_THREADS must be a whole number in range") {
    const auto checked = [](const char* setting) { return fovea::detail::checked_threads(setting, "FOVEA_THREADS"); };
    CHECK(checked("1") == 1);
    CHECK(checked("12") == 12);
    CHECK(checked("1024") == 1024);
    for (const char* wrong : {"", "0", "-1", "1025", "four", "4x", "2.5", "99999999999999999999", "0x4"})
        CHECK_THROWS_MATCHES(
            checked(wrong), ValueError,
            says(std::string("FOVEA_THREADS: expected a number of threads from 1 to 1024, got \"") + wrong + "\""));
}
