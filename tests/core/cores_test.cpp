#include "catch.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <utility>

#include <fovea/core/cores.hpp>

using fovea::detail::LinuxCores;
using fovea::detail::parse_cpu_list;
using fovea::detail::quota_cores;

namespace {

/// A Linux of the files given; any other is not there.
auto machine(std::map<std::string, std::string> files) {
    return LinuxCores([files = std::move(files)](const std::string& path) {
        const auto found = files.find(path);
        return found == files.end() ? std::string() : found->second;
    });
}

std::string topology(int cpu, const char* file) {
    return "/sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/topology/" + file;
}

/// 2 cores of 2 threads each: CPUs 0 and 2, 1 and 3.
std::map<std::string, std::string> two_cores(const char* file = "core_cpus_list") {
    return {{topology(0, file), "0,2\n"},
            {topology(1, file), "1,3\n"},
            {topology(2, file), "0,2\n"},
            {topology(3, file), "1,3\n"}};
}

std::map<std::string, std::string> with(std::map<std::string, std::string> files,
                                        const std::map<std::string, std::string>& more) {
    files.insert(more.begin(), more.end());
    return files;
}

} // namespace

TEST_CASE("a list of CPUs is numbers and ranges") {
    CHECK(parse_cpu_list("0\n") == std::set<int>{0});
    CHECK(parse_cpu_list("0-3") == std::set<int>{0, 1, 2, 3});
    CHECK(parse_cpu_list("0-1,8,10-11\n") == std::set<int>{0, 1, 8, 10, 11});
    CHECK(parse_cpu_list("5-5") == std::set<int>{5});
    CHECK(parse_cpu_list("65535") == std::set<int>{65535});
}

TEST_CASE("what is no list of CPUs has none") {
    for (const char* list : {"", "\n", ",", "a", ",1", "1,,2", "-", "1-", "-1", "3-1", "0-1-2", "1 2", "0x1", "+1",
                             "0-65536", "0-999999999999", "99999999999999999999999", "0-3 ", "0;1"}) {
        CAPTURE(list);
        CHECK(parse_cpu_list(list).empty());
    }
    CHECK(parse_cpu_list(std::string(100000, '7')).empty());
}

TEST_CASE("a share of time is rounded up to cores") {
    CHECK(quota_cores("100000\n", "100000\n") == 1);
    CHECK(quota_cores("100001", "100000") == 2);
    CHECK(quota_cores("1000", "100000") == 1);
    CHECK(quota_cores("350000", "100000\n") == 4);
    CHECK(quota_cores("400000", "50000") == 8);
}

TEST_CASE("what is no share of time is no limit") {
    CHECK(quota_cores("max", "100000") == 0);
    CHECK(quota_cores("-1", "100000") == 0);
    CHECK(quota_cores("0", "100000") == 0);
    CHECK(quota_cores("100000", "0") == 0);
    CHECK(quota_cores("100000", "") == 0);
    CHECK(quota_cores("", "") == 0);
    CHECK(quota_cores("1e5", "100000") == 0);
    CHECK(quota_cores("100000", "-100000") == 0);
    CHECK(quota_cores("99999999999999999999", "100000") == 0);
    CHECK(quota_cores("4611686018427387904", "1") == 1 << 30);
}

TEST_CASE("the threads of a core count once") {
    for (const char* file : {"core_cpus_list", "thread_siblings_list"}) {
        const auto cores = machine(two_cores(file));
        CHECK(cores.count({0, 1, 2, 3}) == 2);
        CHECK(cores.count({0, 2}) == 1);
        CHECK(cores.count({0, 1}) == 2);
        CHECK(cores.count({3}) == 1);
        CHECK(cores.count({2, 3}) == 2);
    }
}

TEST_CASE("CPUs of which the system says nothing sensible are cores") {
    CHECK(machine({}).count({0, 1, 5}) == 3);
    CHECK(machine({{topology(0, "core_cpus_list"), "garbage"}, {topology(1, "core_cpus_list"), "7\n"}}).count({0, 1}) ==
          2);
    CHECK(machine({}).count({}) == 1);
}

TEST_CASE("the share of time of a cgroup of version 2 limits the cores, its parents' too") {
    const std::string root = "/sys/fs/cgroup";
    const auto files = with(two_cores(), {{"/proc/self/cgroup", "0::/a/b\n"}});
    const auto limited = [&](const std::map<std::string, std::string>& more) { return machine(with(files, more)); };
    const std::set<int> all{0, 1, 2, 3};
    CHECK(limited({}).quota() == 0);
    CHECK(limited({{root + "/a/b/cpu.max", "max 100000\n"}}).count(all) == 2);
    CHECK(limited({{root + "/a/b/cpu.max", "50000 100000\n"}}).count(all) == 1);
    CHECK(limited({{root + "/a/b/cpu.max", "300000 100000\n"}}).count(all) == 2);
    CHECK(limited({{root + "/a/cpu.max", "100000 100000\n"}, {root + "/a/b/cpu.max", "max 100000\n"}}).count(all) == 1);
    CHECK(limited({{root + "/a/cpu.max", "400000 100000\n"}, {root + "/a/b/cpu.max", "300000 100000\n"}}).quota() == 3);
    CHECK(limited({{root + "/cpu.max", "100000 100000\n"}}).quota() == 1);
    CHECK(limited({{root + "/c/cpu.max", "100000 100000\n"}}).quota() == 0);
    for (const char* wrong : {"", "\n", "max", "100000", " ", "x y z", "100000 100000 100000", "-5 100000"})
        CHECK(limited({{root + "/a/b/cpu.max", wrong}}).quota() == 0);
}

TEST_CASE("in a container's own root the group is found too") {
    CHECK(machine({{"/proc/self/cgroup", "0::/\n"}, {"/sys/fs/cgroup/cpu.max", "150000 100000\n"}}).quota() == 2);
    CHECK(machine({{"/proc/self/cgroup", "0::/../x\n"}, {"/sys/fs/cgroup/cpu.max", "150000 100000\n"}}).quota() == 2);
}

TEST_CASE("the share of time of a cgroup of version 1 limits the cores") {
    for (const std::string mount : {"cpu", "cpu,cpuacct"}) {
        const std::string group = "/sys/fs/cgroup/" + mount;
        std::map<std::string, std::string> files{{"/proc/self/cgroup", "5:cpuset:/\n4:cpu,cpuacct:/docker/1f\n0::/\n"},
                                                 {group + "/cpu.cfs_quota_us", "250000\n"},
                                                 {group + "/cpu.cfs_period_us", "100000\n"}};
        CHECK(machine(files).quota() == 3);
        files[group + "/docker/1f/cpu.cfs_quota_us"] = "50000\n";
        CHECK(machine(files).quota() == 3);
        files[group + "/docker/1f/cpu.cfs_period_us"] = "100000\n";
        CHECK(machine(files).quota() == 1);
        files[group + "/docker/1f/cpu.cfs_quota_us"] = files[group + "/cpu.cfs_quota_us"] = "-1\n";
        CHECK(machine(files).quota() == 0);
    }
}

TEST_CASE("a cgroup file that is none limits nothing") {
    for (const char* wrong :
         {"", "\n", ":::", "0:", "0::", "0", "cpu", "1:cpu", "0::a/b", "::::\n\n:cpu:", "4:cpuset,xcpu:/\n"})
        CHECK(machine({{"/proc/self/cgroup", wrong}}).count({0, 1}) == 2);
}

TEST_CASE("this machine has a core, and no more than it has threads") {
    CHECK(fovea::available_cores() >= 1);
    CHECK(fovea::available_cores() <= std::max(1, static_cast<int>(std::thread::hardware_concurrency())));
}

TEST_CASE("a file that is not there reads as empty") {
    CHECK(fovea::detail::read_system_file("/no/such/file").empty());
    CHECK(fovea::detail::read_system_file("/").empty());
}
