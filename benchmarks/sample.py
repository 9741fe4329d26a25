"""Samples one kernel and prints one line of JSON: python sample.py asyncio|uvloop|trio time|memory|serving|requests|startup KERNEL SIZES NODE.

Fair: the procedure of samples/, step by step, but that a small part of the work warms up: CPython specialises a function
after a few calls, and compiles nothing. All batches of asyncio run on one loop, which spares it its making.
"""

import asyncio
import gc
import importlib.util
import json
import os
import pathlib
import statistics
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).parent
KERNELS = HERE / "kernels"
MEASURE = {"seconds": 0.4, "batches": 3}
LONG = 1.0
STARTS = 9


def load(kernel_file):
    spec = importlib.util.spec_from_file_location("kernel", KERNELS / kernel_file)
    kernel = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(kernel)
    return kernel


class Stopwatch:
    """Runs from the beginning of a batch, but for what a kernel takes out."""

    def __init__(self):
        self.seconds = 0.0
        self.since = time.perf_counter()

    def pause(self):
        if self.since is not None:
            self.seconds += time.perf_counter() - self.since
        self.since = None

    def resume(self):
        self.since = time.perf_counter()


def repeat(run, seconds, batches):
    times = []
    start = time.perf_counter()
    while (spent := time.perf_counter() - start) < LONG and (spent < seconds or len(times) < batches):
        times.append(run())
    return times


def time_sample(run_main, kernel, sizes):
    def run(sizes):
        operations = sizes["tasks"] * sizes["repeats"]
        watch = Stopwatch()
        seen = run_main(kernel.batch(watch=watch, **sizes))
        watch.pause()
        if seen != operations:
            raise RuntimeError(f"The kernel did {seen} operations of {operations}.")
        return watch.seconds * 1e9 / operations

    run({**sizes, "tasks": min(sizes["tasks"], 10_000), "repeats": max(1, sizes["repeats"] // 10)})
    cpu = time.process_time()
    batches = repeat(lambda: run(sizes), **MEASURE)
    operations = sizes["tasks"] * sizes["repeats"] * len(batches)
    cpu = (time.process_time() - cpu) * 1e9 / operations
    finish({"values": {"wall": statistics.median(batches), "cpu": cpu}, "batches": batches})


def resident_bytes():
    gc.collect()
    gc.collect()
    statm = pathlib.Path("/proc/self/statm")
    if statm.exists():
        return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return int(subprocess.check_output(["ps", "-o", "rss=", "-p", str(os.getpid())])) * 1024


def memory_sample(run_main, kernel, sizes):
    before = resident_bytes()

    def when_asleep(asleep):
        if asleep != sizes["tasks"]:
            raise RuntimeError(f"{asleep} tasks of {sizes['tasks']} are asleep.")
        finish({"values": {"rss": (resident_bytes() - before) / asleep}})

    run_main(kernel.hold(when_asleep=when_asleep, **sizes))


def serving_sample(run_main, kernel, sizes):
    operations = sizes["tasks"] * sizes["repeats"]
    load = ["lines-client.ts", sizes["tasks"], sizes["repeats"]]
    under_load(run_main, kernel, load, operations)


def requests_sample(run_main, kernel, sizes):
    load = ["http-load.ts", sizes["tasks"], sizes["path"], sizes["answer"]]
    under_load(run_main, kernel, load, None)


def under_load(run_main, kernel, load, expected):
    """The load comes from the client of samples/serving.ts. A thread listens to it, which sleeps while the server is measured."""
    program, *arguments = load

    def measure(port):
        client = subprocess.Popen(
            [node, HERE / program, *map(str, [port, *arguments, os.getpid()])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        if client.stdout.readline() != "begin\n":
            os._exit(1)
        cpu, start = time.process_time(), time.perf_counter()
        client.stdin.write("go\n")
        client.stdin.flush()
        said = client.stdout.readline()
        cpu, wall = time.process_time() - cpu, time.perf_counter() - start
        operations = int(said.removeprefix("end "))
        if expected not in (None, operations):
            os._exit(1)
        finish({"values": {"cpu": cpu * 1e9 / operations, "wall": wall * 1e9 / operations}})

    def when_listening(port):
        threading.Thread(target=measure, args=[port], daemon=True).start()

    run_main(kernel.serve(when_listening))


def startup_sample(program):
    def start():
        begin = time.perf_counter()
        if not subprocess.check_output([sys.executable, str(program)]):
            raise RuntimeError("The program printed nothing.")
        return (time.perf_counter() - begin) * 1e9

    start()
    batches = [start() for _ in range(STARTS)]
    finish({"values": {"wall": statistics.median(batches)}, "batches": batches})


def finish(sample):
    """Print the sample and end the process, with all that still waits in it."""
    print(json.dumps(sample), flush=True)
    os._exit(0)


def run_on_trio(coroutine):
    import trio

    async def main():
        return await coroutine

    return trio.run(main)


def loop_factory(name):
    if name == "asyncio":
        return None
    import uvloop

    return uvloop.new_event_loop


if __name__ == "__main__":
    loop, kind, kernel_file, sizes_text, node = sys.argv[1:]
    if kind == "startup":
        startup_sample(KERNELS / kernel_file)
    sample = {"time": time_sample, "memory": memory_sample, "serving": serving_sample, "requests": requests_sample}[kind]
    kernel, sizes = load(kernel_file), json.loads(sizes_text)
    if loop == "trio":
        sample(run_on_trio, kernel, sizes)
    else:
        with asyncio.Runner(loop_factory=loop_factory(loop)) as runner:
            sample(runner.run, kernel, sizes)
