"""Starting children in a nursery of Trio. Fair: the structure it is known for, and each child suspends once."""

import trio

ended = 0


async def child():
    global ended
    await trio.lowlevel.checkpoint()
    ended += 1


async def batch(tasks, repeats, **_):
    global ended
    ended = 0
    for _ in range(repeats):
        async with trio.open_nursery() as nursery:
            for _ in range(tasks):
                nursery.start_soon(child)
    return ended
