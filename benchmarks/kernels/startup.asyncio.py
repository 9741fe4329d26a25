"""The smallest program of asyncio. Fair: one line of output, as all have."""

import asyncio


async def noop():
    return "done"


print(asyncio.run(noop()))
