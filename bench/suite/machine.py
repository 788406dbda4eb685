"""What a table of times is worth nothing without: the machine."""
import os
import platform
import subprocess


def processor():
    try:
        with open("/proc/cpuinfo") as file:
            lines = dict(line.split(":", 1) for line in file if ":" in line)
        return {key.strip(): value.strip() for key, value in lines.items()}
    except OSError:
        return {}


def available_cores():
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def cpu_ticks():
    """(all, stolen) ticks of all CPUs since the start; zeros where that is not known."""
    try:
        with open("/proc/stat") as file:
            ticks = [int(number) for number in file.readline().split()[1:9]]
        return sum(ticks), ticks[7]
    except (OSError, IndexError):
        return 0, 0


def first_line(command):
    try:
        return subprocess.run(command, capture_output=True, text=True).stdout.splitlines()[0]
    except (OSError, IndexError):
        return "not there"


def describe(compiler):
    return {"processor": processor().get("model name", platform.processor()), "cores": available_cores(),
            "system": platform.platform(), "compiler": first_line([compiler, "--version"]),
            "python": platform.python_version()}
