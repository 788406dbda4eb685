"""Who takes part, and how each is started; or why not."""
import importlib.util
import os
import sys

from .runner import Contestant, launch

BENCH = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ROOT = os.path.dirname(BENCH)


def fovea(specification, first):
    """From `[LABEL=]PATH[@ISA]`; the column of the first is plain "fovea" unless it has a label."""
    label, _, rest = specification.rpartition("=")
    path, _, isa = rest.partition("@")
    label = label or ("" if first and not isa else isa or os.path.basename(os.path.dirname(path)))
    missing = "" if os.access(path, os.X_OK) else f"not built: {path}"
    return Contestant(f"fovea {label}".strip(), [os.path.abspath(path)], missing=missing,
                      environment={"FOVEA_ISA": isa} if isa else {})


class Contestants:
    """Peers are looked for, and compiled, when they are first asked for."""

    def __init__(self, out, foveas, compiler, isa=None, without=()):
        self.out = out
        self.foveas = [fovea(specification, i == 0) for i, specification in enumerate(foveas)]
        self.compiler = compiler
        self.march = {None: "native", "avx2": "haswell", "avx512": "skylake-avx512"}[isa]
        self.without = without
        self.made = {}  # what has been compiled or exported: why it failed, or nothing

    def python(self, column, script, modules, **members):
        lacking = [module for module in modules if importlib.util.find_spec(module) is None]
        missing = f"not installed: {', '.join(lacking)}" if lacking else ""
        if column in self.without:
            missing = "left out"
        return Contestant(column, [sys.executable, os.path.join(BENCH, "peers", script)], missing=missing, **members)

    def pytorch(self, fused=(True,)):
        return [self.python("PyTorch", "pytorch.py", ["torch", "numpy"],
                            variant=layout + (" fused" if is_fused else ""),
                            options={"layout": layout, "fused": int(is_fused)})
                for layout in ("nchw", "channels_last") for is_fused in fused]

    def keras(self):
        return [self.python("Keras", "keras_peer.py", ["keras", "tensorflow", "numpy"])]

    def onnx_runtime(self, network):
        contestant = self.python("ONNX Runtime", "onnx_runtime.py", ["onnxruntime", "onnx", "numpy"])
        contestant.options = {"model": os.path.join(self.out, "article.onnx")}
        if not contestant.missing and "model" not in self.made:
            done = launch([*contestant.command, "export", "--network", network, "--model", contestant.options["model"]])
            self.made["model"] = f"no model file: {done.errors.strip().splitlines()[-1]}" if done.status != 0 else ""
        contestant.missing = contestant.missing or self.made["model"]
        return [contestant]

    def dlib(self):
        return [self.cpp("dlib", "dlib_article.cpp", ["-ldlib", "-lblas", "-llapack"])]

    def eigen(self):
        return [self.cpp("Eigen im2col", "eigen_im2col.cpp", ["-fopenmp"])]

    def cpp(self, column, source, flags):
        """A peer's program, compiled once a run with -O3 -march=native."""
        program = os.path.join(self.out, os.path.splitext(source)[0])
        if column in self.without:
            return Contestant(column, [program], missing="left out")
        if source not in self.made:
            done = self.compile(os.path.join(BENCH, "peers", source), program, [f"-march={self.march}", *flags])
            self.made[source] = f"not compiled: {first_error(done)}" if done.status != 0 else ""
        return Contestant(column, [program], missing=self.made[source])

    def compile(self, source, output, flags):
        """Like the preset `release`, but for its -march."""
        eigen = next((path for path in (os.environ.get("EIGEN3_INCLUDE_DIR", ""), "/usr/include/eigen3",
                                        "/usr/local/include/eigen3", "/opt/homebrew/include/eigen3")
                      if os.path.isdir(path)), "/usr/include/eigen3")
        command = [self.compiler, "-std=c++20", "-O3", "-DNDEBUG", "-w", f"-I{ROOT}/include", "-isystem", eigen, source,
                   "-o", output, *flags, "-pthread"]
        if "-c" not in flags:
            command.append("-lz")
        return launch(command)


def first_error(outcome):
    lines = outcome.errors.strip().splitlines()
    return next((line.split("error: ")[-1] for line in lines if "error: " in line), lines[-1] if lines else "")
