#pragma once
#include <algorithm>
#include <charconv>
#include <cstddef>
#include <fstream>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#if defined(__linux__)
#include <sched.h>
#elif defined(__APPLE__)
#include <sys/sysctl.h>
#endif

namespace fovea {
namespace detail {

/// The whole of `text` as a number from 0 to 2^62, or -1.
inline long long whole_number(std::string_view text) {
    long long value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = error == std::errc() && end == text.data() + text.size();
    return whole && value >= 0 && value <= (1LL << 62) ? value : -1;
}

/// What stands before the first `mark`, which is taken off `text` with it; all of it if there is none.
inline std::string_view take_until(std::string_view& text, char mark) {
    const std::string_view part = text.substr(0, text.find(mark));
    text.remove_prefix(std::min(text.size(), part.size() + 1));
    return part;
}

/// A set of CPUs as Linux writes it, "0-3,8\n" -> {0, 1, 2, 3, 8}. Empty for anything else.
inline std::set<int> parse_cpu_list(std::string_view list) {
    constexpr long long most = 65536; // bounds the work on a nonsensical range; Linux stops at 8192
    std::set<int> cpus;
    list = take_until(list, '\n');
    while (!list.empty()) {
        std::string_view range = take_until(list, ',');
        const bool single = range.find('-') == std::string_view::npos;
        const long long first = whole_number(take_until(range, '-'));
        const long long last = single ? first : whole_number(range);
        if (first < 0 || last < first || last >= most) return {};
        for (long long cpu = first; cpu <= last; ++cpu) cpus.insert(cpus.end(), static_cast<int>(cpu));
    }
    return cpus;
}

/// How many cores' worth of time `quota` microseconds in each `period` are, rounded up. 0 = no limit: "max", "-1" or
/// nonsense.
inline int quota_cores(std::string_view quota, std::string_view period) {
    const long long used = whole_number(take_until(quota, '\n'));
    const long long whole = whole_number(take_until(period, '\n'));
    if (used <= 0 || whole <= 0) return 0;
    return static_cast<int>(std::min(used / whole + (used % whole != 0), 1LL << 30));
}

/// The files of Linux below, as text by path; an empty text is a file that is not there. Tests bring their own.
template <class Read>
class LinuxCores {
public:
    explicit LinuxCores(Read read) : read_(std::move(read)) {}

    /// How many cores a process can keep busy that may run on `cpus`: threads of one core count once, and a cgroup's
    /// share of time, which bounds a container, counts in whole cores. At least 1.
    [[gnu::cold]] int count(const std::set<int>& cpus) const {
        const int cores = physical(cpus);
        const int limit = quota();
        return std::max(1, limit > 0 ? std::min(cores, limit) : cores);
    }

    [[gnu::cold]] int physical(const std::set<int>& cpus) const {
        std::set<int> counted;
        int cores = 0;
        for (const int cpu : cpus) {
            if (counted.count(cpu) > 0) continue;
            const std::string topology = "/sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/topology/";
            std::set<int> threads = parse_cpu_list(read_(topology + "core_cpus_list"));
            if (threads.empty()) threads = parse_cpu_list(read_(topology + "thread_siblings_list")); // before Linux 5.6
            if (threads.count(cpu) > 0) counted.merge(threads);
            ++cores;
        }
        return cores;
    }

    /// The tightest limit on the way from the process's cgroup to the root, of version 1 or 2; 0 if there is none. A
    /// container may see its own cgroup as the root but the host's path: what that lacks, the root has.
    [[gnu::cold]] int quota() const {
        int tightest = 0;
        const auto limit = [&](int cores) {
            if (cores > 0 && (tightest == 0 || cores < tightest)) tightest = cores;
        };
        const std::string groups = read_("/proc/self/cgroup");
        for (std::string_view lines = groups; !lines.empty();) {
            std::string_view line = take_until(lines, '\n'); // 4:cpu,cpuacct:/path, or of version 2 0::/path
            const std::string_view number = take_until(line, ':');
            const std::string controllers(take_until(line, ':'));
            const bool version_2 = number == "0" && controllers.empty();
            if (!version_2 && ("," + controllers + ",").find(",cpu,") == std::string::npos) continue;
            for (std::string path(line == "/" ? "" : line);; path.resize(path.rfind('/'))) {
                if (version_2)
                    limit(quota_2("/sys/fs/cgroup" + path));
                else // mounted under its controllers' names, and often under each name alone
                    for (const std::string& mount : {controllers, std::string("cpu")})
                        limit(quota_1("/sys/fs/cgroup/" + mount + path));
                if (path.find('/') == std::string::npos) break;
            }
        }
        return tightest;
    }

private:
    int quota_1(const std::string& group) const {
        return quota_cores(read_(group + "/cpu.cfs_quota_us"), read_(group + "/cpu.cfs_period_us"));
    }

    int quota_2(const std::string& group) const {
        const std::string text = read_(group + "/cpu.max"); // "150000 100000"
        std::string_view period = text;
        const std::string_view quota = take_until(period, ' ');
        return quota_cores(quota, period);
    }

    Read read_;
};

/// The beginning of a file, as much as any of those above is long; empty if it cannot be read.
inline std::string read_system_file(const std::string& path) {
    std::string text(1 << 14, '\0');
    std::ifstream file(path, std::ios::binary);
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(std::max<std::streamsize>(0, file.gcount())));
    return text;
}

#if defined(__linux__)
/// The CPUs that this thread may run on; empty if Linux does not say.
inline std::set<int> allowed_cpus() {
    std::vector<cpu_set_t> sets(16); // 16,384 CPUs; the call fails for less than the kernel was built for
    const std::size_t bytes = sets.size() * sizeof(cpu_set_t);
    std::set<int> cpus;
    if (sched_getaffinity(0, bytes, sets.data()) != 0) return cpus;
    for (std::size_t cpu = 0; cpu < 8 * bytes; ++cpu)
        if (CPU_ISSET_S(cpu, bytes, sets.data())) cpus.insert(cpus.end(), static_cast<int>(cpu));
    return cpus;
}
#endif

} // namespace detail

/// The physical cores that this process may use, at least 1. Two threads of one core share its arithmetic units, so
/// that dense arithmetic gains nothing from the second. Where the system does not tell, every thread counts as a core.
inline int available_cores() {
#if defined(__linux__)
    if (const std::set<int> cpus = detail::allowed_cpus(); !cpus.empty())
        return detail::LinuxCores(detail::read_system_file).count(cpus);
#elif defined(__APPLE__)
    int cores = 0;
    std::size_t size = sizeof(cores);
    if (sysctlbyname("hw.physicalcpu", &cores, &size, nullptr, 0) == 0 && cores > 0) return cores;
#endif
    return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

} // namespace fovea
