"""Tasks of Trio that sleep up to a second. Fair: the durations of durations.ts, in a nursery."""

import trio

awake = 0


async def sleeper(seconds):
    global awake
    await trio.sleep(seconds)
    awake += 1


async def batch(tasks, **_):
    global awake
    awake = 0
    async with trio.open_nursery() as nursery:
        for i in range(tasks):
            nursery.start_soon(sleeper, (i * 0.6180339887498949) % 1)
    return awake
