#pragma once
#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <type_traits>
#include <vector>

#include <fovea/core/cores.hpp>
#include <fovea/core/shape.hpp>

namespace fovea {

namespace detail {

/// Waiting for another thread without taking its core for long.
///
/// A thread polls for a while and then sleeps. The while is longer than the gaps between a step's parallel phases, and than a
/// thread that has less to do waits for the others, for sleep is dear on a busy machine: who wakes up there gets a core only
/// when another's slice of some ms ends. Nor does it yield, as Linux then takes the rest of the slice away. With a busy
/// process on each of 4 cores, training steps of 1.9 ms take 6.0 ms if threads poll for 100 us, 4.8 for 400 us, 4.2 for 1 or
/// 2 ms. But of two trainings on the same 4 cores each holds up the other while it polls: 3.8, 4.1, 4.3 and 5.0 ms.
class alignas(64) Event {
public:
    /// Returns once `ready()` holds. Who makes it hold must do so by sequentially consistent atomics, then call wake.
    template <class Ready>
    void wait(const Ready& ready) {
        if (poll(ready)) return;
        std::unique_lock lock(mutex_);
        sleeping_.fetch_add(1);
        awake_.wait(lock, ready);
        sleeping_.fetch_sub(1);
    }

    /// Ends the sleep of at least `threads` of those that wait, if so many do. Costs one load when nobody sleeps.
    void wake(Index threads) {
        const Index sleeping = sleeping_.load();
        if (sleeping == 0) return;
        { const std::lock_guard lock(mutex_); } // whoever is counted but not asleep yet gets there, or sees ready()
        if (threads >= sleeping) return awake_.notify_all();
        for (Index i = 0; i < threads; ++i) awake_.notify_one();
    }

private:
    static constexpr std::chrono::milliseconds patience{1};

    template <class Ready>
    static bool poll(const Ready& ready) {
        if (ready()) return true;
        const auto end = std::chrono::steady_clock::now() + patience;
        do {
            for (int i = 0; i < 8; ++i) { // between looks at the clock, which cost as much as a few polls
                pause();
                if (ready()) return true;
            }
        } while (std::chrono::steady_clock::now() < end);
        return false;
    }

    static void pause() {
#if defined(__GNUC__) && (defined(__x86_64__) || defined(__i386__))
        __builtin_ia32_pause();
#elif defined(__GNUC__) && defined(__aarch64__)
        asm volatile("yield");
#endif
    }

    std::atomic<Index> sleeping_{0};
    std::mutex mutex_;
    std::condition_variable awake_;
};

} // namespace detail

/// A fixed set of threads that share out numbered tasks. Which thread runs which task is left to chance, so tasks must
/// not depend on it: whatever they sum up goes into a place of its own a task.
///
/// Every task that the pool ever runs has a ticket, a number of its own; a job is an interval of them. A thread takes
/// part in a job only by taking a ticket, so nobody waits for a worker that wakes up late: the others do its tasks.
class ThreadPool {
public:
    /// `threads` counts the caller, so 1 starts none. Throws StateError if the system has no more threads to give.
    explicit ThreadPool(int threads) {
        try {
            for (int worker = 1; worker < threads; ++worker) workers_.emplace_back([this, worker] { serve(worker); });
        } catch (const std::system_error& error) {
            const std::size_t started = workers_.size() + 1;
            stop();
            throw StateError(
                text("ThreadPool: only ", started, " of ", threads, " threads could be started: ", error.what()));
        }
    }

    ~ThreadPool() { stop(); }

    ThreadPool(const ThreadPool&) = delete;
    ThreadPool& operator=(const ThreadPool&) = delete;

    int threads() const { return static_cast<int>(workers_.size()) + 1; }

    /// Calls `task(i, worker)` once for every i in [0, count), with worker in [0, threads()), and waits. Of the
    /// exceptions thrown, that of the lowest task is thrown again. When the pool is busy already (a task within a task,
    /// or another thread's call), the caller does all its tasks itself. Sharing out costs about 1 us while the workers
    /// still poll, and some us once they sleep.
    template <class F>
    void run(Index count, F&& task) {
        std::unique_lock<std::mutex> turn(turn_, std::defer_lock);
        if (workers_.empty() || count <= 1 || inside() || !turn.try_lock()) {
            for (Index i = 0; i < count; ++i) task(i, 0);
            return;
        }
        const auto call = [](const void* context, Index i, int worker) {
            (*static_cast<std::remove_reference_t<F>*>(const_cast<void*>(context)))(i, worker);
        };
        const std::uint64_t begin = end_.load();
        Job job{call, std::addressof(task), begin, begin + static_cast<std::uint64_t>(count)};
        job_.store(&job);
        end_.store(job.end);
        opened_.wake(count - 1);
        work(0);
        finished_.wait([&] { return done_.load() == job.end; });
        if (job.error) std::rethrow_exception(job.error);
    }

private:
    struct Job {
        void (*call)(const void*, Index, int);
        const void* context;
        std::uint64_t begin, end; // its tickets
        std::mutex error_mutex{};
        std::exception_ptr error{};
        Index error_task = 0;
    };

    static bool& inside() {
        thread_local bool value = false;
        return value;
    }

    void stop() {
        stopping_.store(true);
        opened_.wake(threads());
        for (std::thread& worker : workers_) worker.join();
        workers_.clear();
    }

    /// Takes the next ticket and returns its job; none if there is no open ticket.
    ///
    /// job_ is read before the ticket is surely ours. If the exchange succeeds it was free until then, so its job was
    /// not finished and no later one opened; and end_, read before job_, was already that job's. A ticket is never
    /// given out again, so nobody mistakes a new job's for an old one's.
    Job* take(std::uint64_t& ticket) {
        ticket = next_.load();
        while (ticket < end_.load()) {
            Job* const job = job_.load();
            if (next_.compare_exchange_weak(ticket, ticket + 1)) return job;
        }
        return nullptr;
    }

    void work(int worker) {
        inside() = true;
        std::uint64_t ticket = 0;
        while (Job* const job = take(ticket)) {
            const auto i = static_cast<Index>(ticket - job->begin);
            try {
                job->call(job->context, i, worker);
            } catch (...) {
                const std::lock_guard lock(job->error_mutex);
                if (!job->error || i < job->error_task) {
                    job->error = std::current_exception();
                    job->error_task = i;
                }
            }
            const std::uint64_t end = job->end; // the job is gone once all its tasks are counted
            if (done_.fetch_add(1) + 1 == end && worker != 0) finished_.wake(1);
        }
        inside() = false;
    }

    void serve(int worker) {
        while (!stopping_.load()) {
            opened_.wait([this] { return next_.load() < end_.load() || stopping_.load(); });
            work(worker);
        }
    }

    std::mutex turn_;
    std::atomic<bool> stopping_{false};
    // On cache lines of their own: polled by some threads while others write their neighbours.
    alignas(64) std::atomic<std::uint64_t> next_{0}; // the first ticket not taken
    alignas(64) std::atomic<std::uint64_t> end_{0};  // the first not given out
    std::atomic<Job*> job_{nullptr};
    alignas(64) std::atomic<std::uint64_t> done_{0}; // tasks finished
    detail::Event opened_;
    detail::Event finished_;
    std::vector<std::thread> workers_;
};

namespace detail {

inline constexpr int most_threads = 1024;

inline int checked_threads(const std::string& number, const char* source) {
    std::size_t used = 0;
    int threads = 0;
    try {
        threads = std::stoi(number, &used);
    } catch (const std::exception&) {
    }
    require<ValueError>(used == number.size() && threads >= 1 && threads <= most_threads, source,
                        ": expected a number of threads from 1 to ", most_threads, ", got \"", number, "\"");
    return threads;
}

inline std::shared_ptr<ThreadPool>& pool_slot() {
    static std::shared_ptr<ThreadPool> pool;
    return pool;
}

inline std::mutex& pool_mutex() {
    static std::mutex mutex;
    return mutex;
}

/// The library's pool; the first use makes it, with FOVEA_THREADS threads or one a physical core.
inline std::shared_ptr<ThreadPool> pool() {
    const std::lock_guard lock(pool_mutex());
    auto& slot = pool_slot();
    if (!slot) {
        const char* setting = std::getenv("FOVEA_THREADS");
        slot = std::make_shared<ThreadPool>(setting ? checked_threads(setting, "FOVEA_THREADS")
                                                    : std::min(most_threads, available_cores()));
    }
    return slot;
}

} // namespace detail

/// How many threads train and predict from now on. Results do not depend on it. Throws ValueError outside 1 to 1024.
inline void set_threads(int threads) {
    auto pool = std::make_shared<ThreadPool>(detail::checked_threads(std::to_string(threads), "set_threads"));
    const std::lock_guard lock(detail::pool_mutex());
    detail::pool_slot().swap(pool);
}

inline int threads() { return detail::pool()->threads(); }

/// `task(i, worker)` for every i in [0, count) on the library's threads; see ThreadPool::run.
template <class F>
void parallel_for(Index count, F&& task) {
    if (count > 1) return detail::pool()->run(count, task);
    if (count == 1) task(Index{0}, 0);
}

} // namespace fovea
