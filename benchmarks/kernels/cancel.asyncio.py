"""Cancelling tasks of asyncio that wait. Fair: each waits for a future of its own, and wait() joins them."""

import asyncio

cleaned = 0


async def blocked(forever):
    global cleaned
    try:
        await forever
    finally:
        cleaned += 1


async def batch(tasks, watch, **_):
    global cleaned
    watch.pause()
    cleaned = 0
    loop = asyncio.get_running_loop()
    everything = [loop.create_task(blocked(loop.create_future())) for _ in range(tasks)]
    await asyncio.sleep(0)
    watch.resume()
    for task in everything:
        task.cancel()
    await asyncio.wait(everything)
    watch.pause()
    return cleaned
