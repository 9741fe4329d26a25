"""Ping-pong of two tasks of Trio over two memory channels. Fair: without a buffer, as polvo's."""

import trio


async def answer(pings, pong, repeats):
    for _ in range(repeats):
        await pong.send(await pings.receive() + 1)


async def batch(repeats, **_):
    ping, pings = trio.open_memory_channel(0)
    pong, pongs = trio.open_memory_channel(0)
    messages = 0
    async with trio.open_nursery() as nursery:
        nursery.start_soon(answer, pings, pong, repeats)
        for _ in range(repeats):
            await ping.send(messages + 1)
            messages = await pongs.receive()
    return messages
