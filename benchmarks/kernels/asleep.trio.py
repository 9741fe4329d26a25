"""Memory of Trio tasks that sleep. Fair: they belong to a nursery, as all its tasks do."""

import trio

asleep = 0


async def sleeper():
    global asleep
    asleep += 1
    await trio.sleep(3600)


async def hold(tasks, when_asleep, **_):
    async with trio.open_nursery() as nursery:
        for _ in range(tasks):
            nursery.start_soon(sleeper)
        await trio.sleep(0.1)
        when_asleep(asleep)
