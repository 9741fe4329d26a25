"""Tasks of asyncio that sleep up to a second. Fair: the durations of durations.ts, in a TaskGroup."""

import asyncio

awake = 0


async def sleeper(seconds):
    global awake
    await asyncio.sleep(seconds)
    awake += 1


async def batch(tasks, **_):
    global awake
    awake = 0
    async with asyncio.TaskGroup() as group:
        for i in range(tasks):
            group.create_task(sleeper((i * 0.6180339887498949) % 1))
    return awake
