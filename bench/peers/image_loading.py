"""How fast PyTorch and Keras read pictures from a folder; the peers of programs/image_loader.cpp, with its options:

    python bench/peers/image_loading.py pytorch --data FOLDER[,FOLDER] --threads 4 --batch 64 --passes 3
    python bench/peers/image_loading.py keras   --data FOLDER[,FOLDER] --threads 4 --batch 64 --passes 3

A line of JSON a pass: pictures a second, by the clock and by the time of all cores, and memory: the peak of resident memory so far, or with PyTorch what all its processes have at the
end of the pass, with shared pages counted once. PyTorch reads with torchvision's ImageFolder and a DataLoader of as many worker
processes, Keras with image_dataset_from_directory and a pool of as many threads. Both make float32 of pictures in RGB, shuffled.
"""
import os
import resource
import sys
import time

from common import emit, run


def folders(options):
    return options.text("data").split(",")


def timed(number, go_through, processes, memory):
    """Calls go_through(), which returns how many pictures that were; processes() and memory() are called behind it."""
    before = {process: cpu_seconds(process) for process in processes()}
    start = time.perf_counter()
    images = go_through()
    seconds = time.perf_counter() - start
    cpu = sum(cpu_seconds(process) - before.get(process, 0) for process in processes())
    emit(**{"pass": number, "images": images, "images_per_s": images / seconds, "images_per_cpu_s": images / cpu,
            "peak_mib": memory()})


def cpu_seconds(process):
    """Of all its threads."""
    with open(f"/proc/{process}/stat") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_of(process):
    """In MiB; what is shared by n processes counts as one n-th of it."""
    with open(f"/proc/{process}/smaps_rollup") as maps:
        return sum(int(line.split()[1]) for line in maps if line.startswith("Pss:")) / 1024


def pytorch(options):
    sys.path.remove(os.path.dirname(os.path.abspath(__file__)))  # torchvision looks for a module pytorch
    import torch
    from torch.utils.data import ConcatDataset, DataLoader
    from torchvision import transforms
    from torchvision.datasets import ImageFolder

    torch.set_num_threads(1)  # of the process that only collects
    data = ConcatDataset([ImageFolder(folder, transforms.ToTensor()) for folder in folders(options)])
    loader = DataLoader(data, batch_size=options.number("batch"), shuffle=True, num_workers=options.number("threads"),
                        persistent_workers=True)
    def processes():
        workers = loader._iterator._workers if loader._iterator else []
        return ["self"] + [worker.pid for worker in workers]

    for number in range(options.number("passes")):
        timed(number, lambda: sum(len(labels) for _, labels in loader), processes,
              lambda: sum(map(memory_of, processes())))


def keras(options):
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    os.environ["CUDA_VISIBLE_DEVICES"] = ""
    import contextlib
    import io

    import keras as k
    import tensorflow as tf

    threads = options.number("threads")
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)
    settings = tf.data.Options()
    settings.threading.private_threadpool_size = threads
    sets = []
    for folder in folders(options):
        with contextlib.redirect_stdout(io.StringIO()):
            data = k.utils.image_dataset_from_directory(folder, image_size=(32, 32), shuffle=True, seed=1,
                                                        batch_size=options.number("batch"))
        sets.append(data.with_options(settings))
    for number in range(options.number("passes")):
        timed(number, lambda: sum(len(labels) for data in sets for _, labels in data), lambda: ["self"],
              lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


if __name__ == "__main__":
    run({"pytorch": pytorch, "keras": keras})
