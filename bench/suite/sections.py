"""What is measured: one function a section, which returns what table.Section shows."""
import dataclasses
import os
import subprocess
from statistics import median

from . import machine
from .contestants import BENCH, ROOT, Contestants, first_error
from .networks import ARTICLE, RESNET18, VARIATIONS, VGG
from .runner import Cell, Contestant, Failed, Runner
from .table import Section, geometric_mean, is_fovea

IMAGES_AN_EPOCH = 60_000
FRAMEWORKS = ("PyTorch", "Keras")


@dataclasses.dataclass
class Context:
    runner: Runner
    contestants: Contestants
    data: str
    threads: list
    quick: bool
    full_epoch: bool
    hash_steps: int

    def steps(self, many):
        return max(2, many // 50) if self.quick else many

    def seconds(self, many):
        return many / 50 if self.quick else many

    def fewest_and_most_threads(self):
        return list(dict.fromkeys([self.threads[0], self.threads[0 if self.quick else -1]]))


def threads_text(threads):
    return f"{threads} thread" + ("s" if threads > 1 else "")


def training(network, data, steps, warmup, batch=64):
    return {"network": network, "data": data, "batch": batch, "steps": steps, "warmup": warmup}


def article(c):
    """The article's network on MNIST."""
    steps = 0 if c.full_epoch else c.steps(300)
    cells = []
    for threads in c.threads:
        everybody = [*c.contestants.foveas, *c.contestants.pytorch(fused=(False, True)), *c.contestants.keras(),
                     *c.contestants.dlib(), *c.contestants.eigen()]
        name = threads_text(threads)
        cells += c.runner.measure(f"step, {name}", everybody, "train", training(ARTICLE, c.data, steps, c.steps(100)),
                                  threads, "ms", lambda outcome: outcome.value("ms_per_step"))
    epochs = [dataclasses.replace(cell, row=cell.row.replace("step", "epoch"), unit="s",
                                  values=[ms * IMAGES_AN_EPOCH / 64 / 1e3 for ms in cell.values]) for cell in cells]
    how = "a whole epoch" if steps == 0 else f"{steps} steps, scaled to an epoch"
    section = Section("article", f"The article's network, batch 64, Adam: {how}", epochs + cells, FRAMEWORKS)
    first, *others = [column for column in section.columns() if is_fovea(column)]
    for row in [row for row in section.rows() if row.startswith("epoch")]:
        times = {column: section.best(row, column).values for column in (first, *others)}
        section.notes += [f"{column} / {first}: {median(times[column]) / median(times[first]):.3f} ({row})"
                          for column in others if times[first] and times[column]]
    return section


def inference(c):
    return [*c.contestants.foveas, *c.contestants.onnx_runtime(ARTICLE), *c.contestants.pytorch(),
            *c.contestants.keras(), *c.contestants.dlib(), *c.contestants.eigen()]


def inference_variants(contestants):
    """The optimizer makes no difference here."""
    for contestant in contestants:
        contestant.variant = contestant.variant.replace(" fused", "")
    return contestants


def latency(c):
    cells = c.runner.measure("batch 1, 1 thread", inference_variants(inference(c)), "infer",
                             {"network": ARTICLE, "batch": 1, "seconds": c.seconds(5)}, 1, "us",
                             lambda outcome: outcome.value("us"))
    return Section("latency", "The article's network, inference of one image (median of each process's calls)", cells,
                   ("ONNX Runtime",))


def throughput(c):
    cells = []
    for threads in c.threads:
        cells += c.runner.measure(f"batch 256, {threads_text(threads)}", inference_variants(inference(c)), "infer",
                                  {"network": ARTICLE, "batch": 256, "seconds": c.seconds(5)}, threads, "images/s",
                                  lambda outcome: outcome.value("images_per_s"))
    return Section("throughput", "The article's network, inference of 256 images", cells, ("ONNX Runtime",),
                   higher_is_better=True)


def variations(c):
    cells = []
    for threads in c.fewest_and_most_threads():
        for name, network in VARIATIONS.items():
            everybody = [*c.contestants.foveas, *c.contestants.pytorch(), *c.contestants.keras()]
            cells += c.runner.measure(f"{name}, {threads_text(threads)}", everybody, "train",
                                      training(network, c.data, c.steps(200), c.steps(50)), threads, "ms",
                                      lambda outcome: outcome.value("ms_per_step"))
    return worst_noted(Section("variations", "One thing changed in the article's network: a training step at batch 64",
                               cells, FRAMEWORKS))


def worst_noted(section):
    for column in filter(is_fovea, section.columns()):
        ratios = {row: section.ratio(row, column) for row in section.rows() if section.ratio(row, column)}
        if ratios:
            row = max(ratios, key=ratios.get)
            section.notes.append(f"{column}: worst ratio {ratios[row]:.3f} ({row})")
    return section


def larger_network(c, name, title, network, foveas):
    cells = []
    for threads in c.fewest_and_most_threads():
        cells += c.runner.measure(f"step, {threads_text(threads)}",
                                  [*foveas, *c.contestants.pytorch(), *c.contestants.keras()], "train",
                                  training(network, "noise", c.steps(10), c.steps(3)), threads, "ms",
                                  lambda outcome: outcome.value("ms_per_step"))
    return Section(name, title, cells, FRAMEWORKS)


def vgg(c):
    return larger_network(c, "vgg", "CIFAR VGG (2x64, 2x128, 2x256 with BatchNormalization), batch 64, images of noise",
                          VGG, c.contestants.foveas)


def resnet18(c):
    return larger_network(c, "resnet18", "ResNet-18 for CIFAR, batch 64, images of noise", RESNET18, c.contestants.foveas)


def convolutions(c):
    """40 shapes, three passes each."""
    def times(outcome):
        return {f"{line['shape']} {line['pass']}": line["us"] for line in outcome.lines}

    inputs = inference_variants([*c.contestants.foveas, *c.contestants.pytorch()])
    cells = c.runner.measure("all shapes", inputs, "convolutions", {"seconds": c.seconds(0.2)}, 1, "us", times,
                             stdin=os.path.join(BENCH, "convolutions.csv"))
    section = Section("convolutions", "40 convolutions, each pass alone, 1 thread", cells, ("PyTorch",), details=True)
    for column in filter(is_fovea, section.columns()):
        for name in ("forward", "backward_data", "backward_weights"):
            ratios = {row.split()[0]: section.ratio(row, column) for row in section.rows() if row.endswith(" " + name)}
            ratios = {shape: ratio for shape, ratio in ratios.items() if ratio}
            if not ratios:
                section.notes.append(f"{column}, {name}: nothing to compare")
                continue
            worst, best = max(ratios, key=ratios.get), min(ratios, key=ratios.get)
            section.notes.append(
                f"{column} / PyTorch, {name}: geometric mean {geometric_mean(ratios.values()):.3f} of {len(ratios)} "
                f"shapes, worst {ratios[worst]:.2f} ({worst}), best {ratios[best]:.2f} ({best})")
    return section


def memory(c):
    everybody = [*c.contestants.foveas, *c.contestants.pytorch(), *c.contestants.keras(), *c.contestants.dlib(),
                 *c.contestants.eigen()]
    cells = c.runner.measure(f"training on MNIST, {threads_text(c.threads[-1])}", everybody, "train",
                             training(ARTICLE, c.data, c.steps(200), 2), c.threads[-1], "MB",
                             lambda outcome: outcome.peak_mb)
    return Section("memory", "Peak resident memory", cells, FRAMEWORKS)


def startup(c):
    cells = c.runner.measure("first prediction", inference_variants(inference(c)), "first_prediction",
                             {"network": ARTICLE}, c.threads[-1], "ms", lambda outcome: outcome.first_line_s * 1e3)
    return Section("startup", "From the start of the process to the first prediction of the article's network", cells,
                   ("ONNX Runtime",),
                   notes=["ONNX Runtime reads the network from a file, the others build it. Imports are part of it."])


def build(c):
    """Time, memory and size of a program that trains: with nothing but headers, and linked with fovea::compiled."""
    section = Section("build", "Building the example mnist_cnn: -O3 and no -march, as a user would", [])
    compiled = ["-DFOVEA_COMPILED", "-ffunction-sections", "-fdata-sections"]
    for column, flags, libraries, link in (("fovea", [], [], []),
                                           ("fovea::compiled", compiled, ["cmake/compiled/float.cpp"], ["-Wl,--gc-sections"])):
        section.cells += build_once(c, column, flags, libraries, link)
    return section


def build_once(c, column, flags, libraries, link):
    supports = [f"examples/support/{name}.cpp" for name in ("mnist_options", "resumable", "command_line")]
    sources = ["examples/mnist_cnn.cpp", *supports, *libraries]
    objects = [os.path.join(c.contestants.out, os.path.basename(source) + ".o") for source in sources]
    program = os.path.join(c.contestants.out, "mnist_cnn")
    seconds = Cell("compiling mnist_cnn.cpp", column, "s")
    peak_memory = Cell("memory of the compiler", column, "MB")
    size = Cell("binary, stripped", column, "MB")
    try:
        for _ in range(c.runner.repeat):
            outcome = compile_source(c, sources[0], objects[0], flags)
            seconds.values.append(outcome.wall_s)
            peak_memory.values.append(outcome.peak_mb)
        for source, output in zip(sources[1:], objects[1:]):
            compile_source(c, source, output, [*flags, "-O2"] if source in libraries else flags) # as CMakeLists.txt has it
        subprocess.run([c.contestants.compiler, *objects, "-o", program, *link, "-lz", "-pthread"], check=True, capture_output=True)
        subprocess.run(["strip", program], check=True, capture_output=True)
        size.values.append(os.path.getsize(program) / 1e6)
    except (Failed, OSError, subprocess.CalledProcessError) as error:
        size.text = f"failed: {error}"
    return [seconds, peak_memory, size]


def compile_source(c, source, output, flags):
    outcome = c.contestants.compile(os.path.join(ROOT, source), output, ["-c", *flags])
    if outcome.status != 0:
        raise Failed(f"{source}: {first_error(outcome)}")
    return outcome


def scaling(c):
    """fovea's steps beside a loop of multiply-adds in registers, which shows how many cores are really free."""
    section = Section("scaling", "Speed on several threads, as a multiple of that on one", [])
    for contestant in c.contestants.foveas:
        if contestant.missing:
            section.cells += [Cell(f"{threads_text(t)} / {c.threads[0]}", contestant.column, text=contestant.missing)
                              for t in c.threads[1:]]
            continue
        options = training(ARTICLE, c.data, c.steps(300), c.steps(100))
        steps, loop = {t: [] for t in c.threads}, {t: [] for t in c.threads}
        for _ in range(c.runner.repeat):
            for t in c.threads:
                steps[t].append(c.runner.start(contestant, "train", options, t).value("ms_per_step"))
                loop[t].append(c.runner.start(contestant, "peak", {"seconds": c.seconds(1)}, t).value("gflops"))
        first = c.threads[0]
        for t in c.threads[1:]:
            row = f"{threads_text(t)} / {first}"
            section.cells += [
                Cell(row, contestant.column, threads=t, values=[a / b for a, b in zip(steps[first], steps[t])]),
                Cell(row, f"multiply-adds ({contestant.column}'s turns)", threads=t,
                     values=[b / a for a, b in zip(loop[first], loop[t])])]
    return section


def contention(c):
    """What a busy loop on every core does to training; multiply-adds show what the loss of CPU explains."""
    threads = c.threads[-1]
    rival = next((contestant for contestant in c.contestants.foveas if not contestant.missing), None)
    section = Section("contention", f"A competing busy loop on every core, {threads_text(threads)}", [])
    if rival is None:
        section.notes.append("needs a program of fovea, which has the busy loop")
        return section
    multiply_adds = Contestant("multiply-adds", rival.command)
    for contestant in [*c.contestants.foveas, multiply_adds, c.contestants.pytorch()[-1], *c.contestants.keras()]:
        name = " ".join(filter(None, [contestant.column, contestant.variant]))
        if contestant.missing:
            section.cells.append(Cell("growth", name, text=contestant.missing))
            continue
        if contestant is multiply_adds:
            command, options, key = "work", {"gflops": c.steps(400)}, "seconds"
        else:
            command, key = "train", "ms_per_step"
            options = training(ARTICLE, c.data, c.steps(300), c.steps(50))
        alone, loaded, share = [], [], []
        for _ in range(c.runner.repeat):
            alone.append(c.runner.start(contestant, command, options, threads))
            busy = subprocess.Popen([*rival.command, "busy", "--threads", str(machine.available_cores())])
            try:
                loaded.append(c.runner.start(contestant, command, options, threads))
            finally:
                busy.kill()
                busy.wait()
        section.cells += [
            Cell("growth", name, "times", threads=threads,
                 values=[b.value(key) / a.value(key) for a, b in zip(alone, loaded)]),
            Cell("cores' worth of CPU time, alone", name, threads=threads, values=[cores(a) for a in alone]),
            Cell("cores' worth of CPU time, under load", name, threads=threads, values=[cores(b) for b in loaded])]
    section.notes.append("multiply-adds: a fixed amount of work on the same threads, which loses nothing but CPU time.")
    return section


def cores(outcome):
    return outcome.cpu_s / outcome.wall_s


def determinism(c):
    """The hash of the weights, which must not depend on threads, compiler or instruction set."""
    steps = c.hash_steps if not c.quick else min(c.hash_steps, 10)
    section = Section("determinism", f"The weights' hash behind {steps} steps", [])
    hashes = set()
    options = {"network": ARTICLE, "data": c.data, "batch": 64, "steps": steps}
    for contestant in c.contestants.foveas:
        if contestant.missing:
            section.cells.append(Cell("1, 2, 3, 4, 7 threads", contestant.column, text=contestant.missing))
            continue
        available = c.runner.start(contestant, "instruction_sets", {}, 1).value("available").split()
        for isa in [contestant.environment["FOVEA_ISA"]] if contestant.environment else available:
            forced = dataclasses.replace(contestant, environment={"FOVEA_ISA": isa})
            outcomes = [c.runner.start(forced, "hash", options, t) for t in (1, 2, 3, 4, 7)]
            if any(outcome.value("isa") != isa for outcome in outcomes):
                raise Failed(f"{contestant.column}: FOVEA_ISA={isa} was not heeded")
            found = list(dict.fromkeys(outcome.value("hash") for outcome in outcomes))
            hashes |= set(found)
            section.cells.append(Cell(f"{isa}, 1, 2, 3, 4, 7 threads", contestant.column,
                                      text=("" if len(found) == 1 else "DIFFERENT: ") + " ".join(found)))
    verdicts = {0: "nothing to compare", 1: "one hash everywhere"}
    section.notes.append(verdicts.get(len(hashes), f"{len(hashes)} DIFFERENT hashes"))
    return section


def peak(c):
    section = Section("peak", "Multiply-adds in registers: what the cores can do at most", [])
    contestant = next((contestant for contestant in c.contestants.foveas if not contestant.missing), None)
    if contestant is None:
        section.notes.append("needs a program of fovea")
        return section
    for t in c.threads:
        section.cells += c.runner.measure(
            threads_text(t), [dataclasses.replace(contestant, column="peak")], "peak", {"seconds": c.seconds(1)}, t,
            "GFLOP/s", lambda outcome: {f"{line['isa']}, {threads_text(t)}": line["gflops"] for line in outcome.lines})
    return section


SECTIONS = {f.__name__: f for f in (peak, article, latency, throughput, variations, vgg, resnet18, convolutions, memory,
                                    startup, build, scaling, contention, determinism)}
