"""Arming and cancelling timers of the loop. Fair: each has another duration, as timers of requests do."""

import asyncio


def never():
    raise RuntimeError("A cancelled timer fired.")


async def batch(repeats, **_):
    loop = asyncio.get_running_loop()
    cancelled = 0
    for i in range(repeats):
        handle = loop.call_later(1 + (i % 1000) / 1000, never)
        handle.cancel()
        cancelled += handle.cancelled()
    return cancelled
