#!/usr/bin/env python3
"""fovea beside PyTorch, Keras, ONNX Runtime, dlib and plain Eigen, in turn on the same cores. See README.md.

    python3 bench/compare.py --data DIR_WITH_MNIST
"""
import argparse
import dataclasses
import datetime
import importlib.metadata
import json
import os
import sys
import time

from suite import machine, svg, table
from suite.contestants import ROOT, Contestants
from suite.runner import Failed, Runner
from suite.sections import SECTIONS, Context


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, help="folder with MNIST's four .gz files")
    parser.add_argument("--only", metavar="SECTION,...", help=f"of {', '.join(SECTIONS)}")
    parser.add_argument("--fovea", nargs="+", metavar="[LABEL=]PATH[@ISA]",
                        default=[os.path.join(ROOT, "build/release/bench/fovea_bench")],
                        help="programs from programs/fovea_bench.cpp to compare; @ISA sets FOVEA_ISA for one")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--repeat", type=int, default=5, help="processes of each contestant in each row")
    parser.add_argument("--quick", action="store_true", help="a few steps each: shows that all works, measures nothing")
    parser.add_argument("--full-epoch", action="store_true", help="whole epochs instead of 300 steps scaled to one")
    parser.add_argument("--hash-steps", type=int, default=938, help="of the section determinism")
    parser.add_argument("--isa", choices=["avx2", "avx512"], help="keep all to it, where they can be kept")
    parser.add_argument("--without", default="", metavar="PEER,...", help="peers to leave out, such as \"dlib,Keras\"")
    parser.add_argument("--out", default=os.path.join(ROOT, "build/bench"), help="folder for bench.json, .md and .svg")
    parser.add_argument("--cxx", default=os.environ.get("CXX", "c++"), help="compiler of the peers and of `build`")
    chosen = parser.parse_args()
    chosen.only = chosen.only.split(",") if chosen.only else list(SECTIONS)
    for name in chosen.only:
        if name not in SECTIONS:
            parser.error(f"there is no section {name}, only {', '.join(SECTIONS)}")
    for specification in chosen.fovea:
        if "@" in specification.rpartition("=")[0]:
            parser.error(f"--fovea {specification}: @ISA comes behind the path")
    if not os.path.isdir(chosen.data):
        parser.error(f"--data: there is no folder {chosen.data}")
    if chosen.quick:
        chosen.repeat = 1
    chosen.data = os.path.abspath(chosen.data)
    chosen.out = os.path.abspath(chosen.out)
    return chosen


def versions():
    found = {}
    for package in ("torch", "keras", "tensorflow", "tensorflow-cpu", "onnxruntime", "numpy"):
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            pass
    return found


def measure(name, context):
    before, start = machine.cpu_ticks(), time.perf_counter()
    try:
        section = SECTIONS[name](context)
    except Failed as error:
        section = table.Section(name, name, [], notes=[f"failed: {error}"])
    ticks, stolen = (b - a for a, b in zip(before, machine.cpu_ticks()))
    section.seconds = time.perf_counter() - start
    section.stolen = stolen / ticks if ticks else 0
    return section


def write(chosen, about, sections):
    def file(suffix):
        return open(os.path.join(chosen.out, "bench." + suffix), "w", encoding="utf-8")

    with file("json") as out:
        json.dump({**about, "sections": [dataclasses.asdict(section) for section in sections]}, out, indent=1)
    caption = f"{about['machine']['processor']}, {about['machine']['cores']} cores, medians of {chosen.repeat}"
    if chosen.quick:
        caption += " (--quick: these numbers mean nothing)"
    with file("md") as out:
        print(f"# fovea beside its peers\n\n{caption}; {about['when'][:10]}.", file=out)
        print("Cells: median (smallest-largest). " + ", ".join(f"{k} {v}" for k, v in about["peers"].items()), file=out)
        for section in sections:
            print(table.markdown(section), file=out)
    with file("svg") as out:
        out.write(svg.draw(sections, caption))


def main():
    chosen = options()
    os.makedirs(chosen.out, exist_ok=True)
    contestants = Contestants(chosen.out, chosen.fovea, chosen.cxx, chosen.isa, chosen.without.split(","))
    context = Context(Runner(chosen.repeat, chosen.isa), contestants, chosen.data, chosen.threads, chosen.quick,
                      chosen.full_epoch, chosen.hash_steps)
    about = {"when": datetime.datetime.now().isoformat(timespec="seconds"), "options": vars(chosen),
             "machine": machine.describe(chosen.cxx), "peers": versions()}
    sections = []
    for name in chosen.only:
        print(f"{name} ...", file=sys.stderr, flush=True)
        sections.append(measure(name, context))
        write(chosen, about, sections)  # after each, so that an interrupted run has what it has
    for section in sections:
        print(table.plain(section))
    if chosen.quick:
        print("\n--quick: these numbers mean nothing.")
    print(f"\nbench.json, bench.md and bench.svg are in {chosen.out}")


if __name__ == "__main__":
    main()
