"""Runs the programs of all contestants in turn, a fresh process each, and keeps what they print."""
import dataclasses
import json
import os
import subprocess
import sys
import tempfile
import threading
import time


@dataclasses.dataclass
class Contestant:
    column: str  # of the table: "fovea", "PyTorch"
    command: list  # program and what comes ahead of the command's name
    variant: str = ""  # of several in one column the best is shown, and named
    options: dict = dataclasses.field(default_factory=dict)
    environment: dict = dataclasses.field(default_factory=dict)
    missing: str = ""  # why it cannot run


@dataclasses.dataclass
class Outcome:
    status: int
    lines: list  # what it printed, one object a line
    errors: str
    first_line_s: float  # from the start of the process to its first line
    wall_s: float
    cpu_s: float
    peak_mb: float  # of it or of one of its children, whichever is the largest

    def value(self, name):
        return self.lines[-1][name]


def launch(arguments, environment=None, stdin=None, timeout=3600):
    """One process from start to end."""
    with tempfile.TemporaryFile("w+") as errors, open(stdin or os.devnull) as source:
        start = time.perf_counter()
        process = subprocess.Popen(arguments, env=environment, stdout=subprocess.PIPE, stderr=errors, stdin=source,
                                   text=True)
        watchdog = threading.Timer(timeout, process.kill)
        watchdog.start()
        lines, first = [], 0.0
        for line in process.stdout:
            first = first or time.perf_counter() - start
            if line.startswith("{"):
                lines.append(json.loads(line))
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        watchdog.cancel()
        process.stdout.close()
        process.returncode = os.waitstatus_to_exitcode(status)
        errors.seek(0)
        unit = 1 if sys.platform == "darwin" else 1024
        return Outcome(process.returncode, lines, errors.read(), first, wall, usage.ru_utime + usage.ru_stime,
                       usage.ru_maxrss * unit / 1e6)


class Failed(Exception):
    pass


@dataclasses.dataclass
class Cell:
    """What is known of one contestant in one row."""
    row: str
    column: str
    unit: str = ""
    variant: str = ""
    threads: int = 0
    values: list = dataclasses.field(default_factory=list)  # one a repetition
    text: str = ""  # stands for values where there are none


# What keeps each library to one instruction set. ONNX Runtime has no such switch.
ISA_ENVIRONMENT = {
    "avx2": {"FOVEA_ISA": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2", "ATEN_CPU_CAPABILITY": "avx2",
             "MKL_ENABLE_INSTRUCTIONS": "AVX2", "OPENBLAS_CORETYPE": "Haswell"},
    "avx512": {"FOVEA_ISA": "avx512"},
}


class Runner:
    def __init__(self, repeat, isa=None, timeout=3600, log=sys.stderr):
        self.repeat = repeat
        self.isa = isa
        self.timeout = timeout
        self.log = log

    def environment(self, contestant, threads):
        number = str(threads)
        return {**os.environ, "OMP_NUM_THREADS": number, "OPENBLAS_NUM_THREADS": number, "MKL_NUM_THREADS": number,
                "FOVEA_THREADS": number, "TF_CPP_MIN_LOG_LEVEL": "3", **ISA_ENVIRONMENT.get(self.isa, {}),
                **contestant.environment}

    def start(self, contestant, command, options, threads, stdin=None):
        """One fresh process. Throws Failed with its last words."""
        arguments = [*contestant.command, command]
        for name, value in {**options, **contestant.options, "threads": threads}.items():
            arguments += [f"--{name}", str(value)]
        outcome = launch(arguments, self.environment(contestant, threads), stdin, self.timeout)
        if outcome.status != 0 or not outcome.lines:
            words = outcome.errors.strip().splitlines() or [f"ended with status {outcome.status}"]
            raise Failed(words[-1])
        return outcome

    def measure(self, row, contestants, command, options, threads, unit, value, stdin=None):
        """One row, the contestants in turn: A B C A B C ... `value(outcome)` is a number, or {row: number}."""
        cells, failed = {}, {}

        def cell(contestant, name):
            key = (name, contestant.column, contestant.variant)
            return cells.setdefault(key, Cell(name, contestant.column, unit, contestant.variant, threads))

        for repetition in range(self.repeat):
            for contestant in contestants:
                if contestant.missing:
                    cell(contestant, row).text = contestant.missing
                    continue
                who = " ".join(filter(None, [contestant.column, contestant.variant]))
                if who in failed:
                    continue
                try:
                    outcome = self.start(contestant, command, options, threads, stdin)
                except (Failed, OSError) as error:
                    failed[who] = f"failed: {error}"
                    cell(contestant, row).text = failed[who]
                    print(f"  {row}: {who} {failed[who]}", file=self.log, flush=True)
                    continue
                result = value(outcome)
                for name, number in (result if isinstance(result, dict) else {row: result}).items():
                    cell(contestant, name).values.append(number)
                shown = "" if isinstance(result, dict) else f" {result:.4g} {unit}"
                print(f"  {row} [{repetition + 1}/{self.repeat}] {who}:{shown} ({outcome.wall_s:.1f} s)",
                      file=self.log, flush=True)
        return list(cells.values())
