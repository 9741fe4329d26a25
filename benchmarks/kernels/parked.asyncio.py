"""Memory of asyncio tasks that wait on the same queue. Fair: the tasks are kept in a list, as the documentation asks for."""

import asyncio

takers = []
waiting = 0


async def taker(queue):
    global waiting
    waiting += 1
    return await queue.get()


async def hold(tasks, when_asleep, **_):
    queue = asyncio.Queue()
    for _ in range(tasks):
        takers.append(asyncio.create_task(taker(queue)))
    await asyncio.sleep(0.1)
    when_asleep(waiting)
