"""Awaiting a coroutine that never suspends. Fair: plain async functions, which the loop never hears of."""


async def one(i):
    return 1 if i >= 0 else 0


async def batch(repeats, **_):
    calls = 0
    for i in range(repeats):
        calls += await one(i)
    return calls
