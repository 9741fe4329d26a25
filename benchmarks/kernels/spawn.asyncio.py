"""Starting children in an asyncio.TaskGroup. Fair: the structure that taskGroup() has, and each child suspends once."""

import asyncio

ended = 0


async def child():
    global ended
    await asyncio.sleep(0)
    ended += 1


async def batch(tasks, repeats, **_):
    global ended
    ended = 0
    for _ in range(repeats):
        async with asyncio.TaskGroup() as group:
            for _ in range(tasks):
                group.create_task(child())
    return ended
