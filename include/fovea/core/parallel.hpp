#pragma once
#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#ifdef __linux__
#include <sched.h>
#endif

#include <fovea/core/shape.hpp>

namespace fovea {

/// A fixed set of threads that share out numbered tasks. Which thread runs which task is left to chance, so tasks must
/// not depend on it: whatever they sum up goes into a place of its own a task.
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

    /// Calls `task(i, worker)` once for every i in [0, count), with worker in [0, threads()), and waits. Of the exceptions thrown,
    /// that of the lowest task is thrown again. When the pool is busy already (a task within a task, or another
    /// thread's call), the caller does all its tasks itself.
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
        Job job{call, std::addressof(task), count};
        open(job);
        work(job, 0);
        close();
        if (job.error) std::rethrow_exception(job.error);
    }

private:
    void stop() {
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
            generation_.fetch_add(1);
        }
        wake_.notify_all();
        for (std::thread& worker : workers_) worker.join();
        workers_.clear();
    }

    struct Job {
        void (*call)(const void*, Index, int);
        const void* context;
        Index count;
        std::atomic<Index> next{0};
        std::mutex error_mutex{};
        std::exception_ptr error{};
        Index error_task = 0;
    };

    /// Polls before going to sleep: about 50 us. A step forks and joins every few hundred us, while a thread that spun for
    /// ever would take the core from whoever else wants it.
    static constexpr int spins = 2000;

    static bool& inside() {
        thread_local bool value = false;
        return value;
    }

    static void pause() {
#if defined(__x86_64__) && defined(__GNUC__)
        __builtin_ia32_pause();
#endif
    }

    void open(Job& job) {
        {
            const std::lock_guard lock(mutex_);
            job_ = &job;
            generation_.fetch_add(1);
        }
        wake_.notify_all();
    }

    /// From here on no worker can join; waits for those that have.
    void close() {
        {
            const std::lock_guard lock(mutex_);
            job_ = nullptr;
        }
        for (int i = 0; i < spins && active_.load() > 0; ++i) pause();
        std::unique_lock lock(mutex_);
        idle_.wait(lock, [this] { return active_.load() == 0; });
    }

    static void work(Job& job, int worker) {
        inside() = true;
        for (Index i; (i = job.next.fetch_add(1)) < job.count;) {
            try {
                job.call(job.context, i, worker);
            } catch (...) {
                const std::lock_guard lock(job.error_mutex);
                if (!job.error || i < job.error_task) {
                    job.error = std::current_exception();
                    job.error_task = i;
                }
            }
        }
        inside() = false;
    }

    void serve(int worker) {
        std::uint64_t seen = 0;
        for (;;) {
            for (int i = 0; i < spins && generation_.load() == seen; ++i) pause();
            std::unique_lock lock(mutex_);
            wake_.wait(lock, [&] { return generation_.load() != seen; });
            seen = generation_.load();
            if (stopping_) return;
            if (job_ == nullptr) continue;
            Job& job = *job_;
            active_.fetch_add(1);
            lock.unlock();
            work(job, worker);
            lock.lock();
            if (active_.fetch_sub(1) == 1) idle_.notify_one();
        }
    }

    std::mutex turn_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::condition_variable idle_;
    Job* job_ = nullptr;
    std::atomic<std::uint64_t> generation_{0};
    std::atomic<int> active_{0};
    bool stopping_ = false;
    std::vector<std::thread> workers_;
};

/// The cores that this process may use.
inline int available_cores() {
#ifdef __linux__
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof(set), &set) == 0) return std::max(1, CPU_COUNT(&set));
#endif
    return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

namespace detail {

inline int checked_threads(const std::string& number, const char* source) {
    std::size_t used = 0;
    int threads = 0;
    try {
        threads = std::stoi(number, &used);
    } catch (const std::exception&) {
    }
    require<ValueError>(used == number.size() && threads >= 1 && threads <= 1024, source,
                        ": expected a number of threads from 1 to 1024, got \"", number, "\"");
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

/// The library's pool; the first use makes it, with FOVEA_THREADS threads or one a core.
inline std::shared_ptr<ThreadPool> pool() {
    const std::lock_guard lock(pool_mutex());
    auto& slot = pool_slot();
    if (!slot) {
        const char* setting = std::getenv("FOVEA_THREADS");
        slot = std::make_shared<ThreadPool>(setting ? checked_threads(setting, "FOVEA_THREADS") : available_cores());
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
    detail::pool()->run(count, task);
}

} // namespace fovea
