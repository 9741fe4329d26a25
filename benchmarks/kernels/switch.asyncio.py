"""Switching between tasks of asyncio, on its own loop or on uvloop. Fair: sleep(0) is asyncio's bare yield."""

import asyncio


async def worker(repeats):
    passes = 0
    for _ in range(repeats):
        await asyncio.sleep(0)
        passes += 1
    return passes


async def batch(tasks, repeats, **_):
    return sum(await asyncio.gather(*[worker(repeats) for _ in range(tasks)]))
