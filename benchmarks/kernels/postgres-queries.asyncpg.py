"""Small queries on asyncpg's pool, on uvloop. Fair: a pool of ten that is connected, and its own cache of prepared statements."""

import asyncio
import pathlib
import subprocess
import sys

import asyncpg

KEEPER = pathlib.Path(__file__).parent.parent / "postgres-keeper.ts"
servers = []


def postgres_url():
    if not servers:
        command = [sys.argv[-1], str(KEEPER)]
        keeper = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        servers.append((keeper, keeper.stdout.readline().strip()))
    return servers[0][1]


async def batch(tasks, repeats, watch, connections=10, **_):
    watch.pause()
    answers = 0

    async def ask(pool):
        nonlocal answers
        for i in range(repeats):
            (row,) = await pool.fetch("select $1::int as n", i)
            answers += row["n"] == i

    async with asyncpg.create_pool(postgres_url(), min_size=connections, max_size=connections) as pool:
        watch.resume()
        await asyncio.gather(*(ask(pool) for _ in range(tasks)))
        watch.pause()
    return answers
