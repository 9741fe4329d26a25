"""Runs one kernel in this process and prints one line of JSON: python sample.py asyncio|uvloop time|memory KERNEL SIZES.

Fair: the procedure of sample.ts, step by step. All batches run on one loop, which spares asyncio its making.
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
import time

WARM_UP = {"seconds": 0.5, "batches": 3}
MEASURE = {"seconds": 0.5, "batches": 5}
LONG = 3.0


def load(kernel_file):
    path = pathlib.Path(__file__).parent / "kernels" / kernel_file
    spec = importlib.util.spec_from_file_location("kernel", path)
    kernel = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(kernel)
    return kernel


def repeat(run, seconds, batches):
    times = []
    while sum(times) < LONG and (sum(times) < seconds or len(times) < batches):
        times.append(run())
    return times


def time_sample(runner, kernel, sizes):
    operations = sizes["tasks"] * sizes["repeats"]

    def run():
        start = time.perf_counter()
        seen = runner.run(kernel.batch(**sizes))
        seconds = time.perf_counter() - start
        if seen != operations:
            raise RuntimeError(f"The kernel did {seen} operations of {operations}.")
        return seconds

    repeat(run, **WARM_UP)
    cpu = time.process_time()
    batches = [seconds * 1e9 / operations for seconds in repeat(run, **MEASURE)]
    cpu = (time.process_time() - cpu) * 1e9 / (operations * len(batches))
    print(json.dumps({"values": {"wall": statistics.median(batches), "cpu": cpu}, "batches": batches}))


def resident_bytes():
    gc.collect()
    gc.collect()
    statm = pathlib.Path("/proc/self/statm")
    if statm.exists():
        return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return int(subprocess.check_output(["ps", "-o", "rss=", "-p", str(os.getpid())])) * 1024


def memory_sample(runner, kernel, sizes):
    before = resident_bytes()

    def when_asleep(asleep):
        if asleep != sizes["tasks"]:
            raise RuntimeError(f"{asleep} tasks of {sizes['tasks']} are asleep.")
        rss = (resident_bytes() - before) / asleep
        print(json.dumps({"values": {"rss": rss}}), flush=True)
        os._exit(0)

    runner.run(kernel.hold(when_asleep=when_asleep, **sizes))


def loop_factory(name):
    if name == "asyncio":
        return None
    import uvloop

    return uvloop.new_event_loop


if __name__ == "__main__":
    loop, kind, kernel_file, sizes_text = sys.argv[1:]
    sample = {"time": time_sample, "memory": memory_sample}[kind]
    with asyncio.Runner(loop_factory=loop_factory(loop)) as runner:
        sample(runner, load(kernel_file), json.loads(sizes_text))
