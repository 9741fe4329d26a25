"""Memory of asyncio tasks that sleep. Fair: the tasks are kept in a list, as the documentation asks for."""

import asyncio

sleepers = []
asleep = 0


async def sleeper():
    global asleep
    asleep += 1
    await asyncio.sleep(3600)


async def hold(tasks, when_asleep, **_):
    for _ in range(tasks):
        sleepers.append(asyncio.create_task(sleeper()))
    await asyncio.sleep(0.1)
    when_asleep(asleep)
