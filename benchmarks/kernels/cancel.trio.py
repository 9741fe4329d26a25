"""Cancelling tasks of Trio that wait. Fair: one cancel scope has all of them, and the nursery joins them."""

import trio
import trio.testing

cleaned = 0


async def blocked():
    global cleaned
    try:
        await trio.sleep_forever()
    finally:
        cleaned += 1


async def batch(tasks, watch, **_):
    global cleaned
    watch.pause()
    cleaned = 0
    async with trio.open_nursery() as nursery:
        for _ in range(tasks):
            nursery.start_soon(blocked)
        await trio.testing.wait_all_tasks_blocked()
        watch.resume()
        nursery.cancel_scope.cancel()
    watch.pause()
    return cleaned
