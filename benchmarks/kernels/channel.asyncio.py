"""Ping-pong of two tasks of asyncio over two queues. Fair: it has no channels; a queue of one comes closest."""

import asyncio


async def answer(pings, pongs, repeats):
    for _ in range(repeats):
        await pongs.put(await pings.get() + 1)


async def batch(repeats, **_):
    pings, pongs = asyncio.Queue(1), asyncio.Queue(1)
    answering = asyncio.create_task(answer(pings, pongs, repeats))
    messages = 0
    for _ in range(repeats):
        await pings.put(messages + 1)
        messages = await pongs.get()
    await answering
    return messages
