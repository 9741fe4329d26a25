"""Cancelling some of the tasks that wait for one event. Fair: those that withdraw.generator.ts cancels, of an Event."""

import asyncio

event = asyncio.Event()
line = []


async def batch(tasks, waiters, watch, **_):
    watch.pause()
    if not line:
        line.extend(asyncio.create_task(event.wait()) for _ in range(waiters))
        await asyncio.sleep(0)
    places = [i * 7919 % waiters for i in range(tasks)]
    leaving = [line[place] for place in places]
    watch.resume()
    for task in leaving:
        task.cancel()
    await asyncio.wait(leaving)
    watch.pause()
    for place in places:
        line[place] = asyncio.create_task(event.wait())
    await asyncio.sleep(0)
    return sum(task.cancelled() for task in leaving)
