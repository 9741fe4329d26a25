"""Ping-pong of two tasks of asyncio over two queues. Fair: unbounded, so that put_nowait() will do."""

import asyncio


async def answer(pings, pongs, repeats):
    for _ in range(repeats):
        pongs.put_nowait(await pings.get() + 1)


async def batch(repeats, **_):
    pings, pongs = asyncio.Queue(), asyncio.Queue()
    answering = asyncio.create_task(answer(pings, pongs, repeats))
    messages = 0
    for _ in range(repeats):
        pings.put_nowait(messages + 1)
        messages = await pongs.get()
    await answering
    return messages
