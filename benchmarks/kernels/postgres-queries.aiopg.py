"""Small queries on aiopg's pool, on asyncio. Fair: a pool of ten that is connected, a cursor for each query as its documentation has it."""

import asyncio
import pathlib
import subprocess
import sys

import aiopg

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
            async with pool.acquire() as connection, connection.cursor() as cursor:
                await cursor.execute("select %s::int as n", (i,))
                (row,) = await cursor.fetchall()
                answers += row[0] == i

    async with aiopg.create_pool(postgres_url(), minsize=connections, maxsize=connections) as pool:
        watch.resume()
        await asyncio.gather(*(ask(pool) for _ in range(tasks)))
        watch.pause()
    return answers
