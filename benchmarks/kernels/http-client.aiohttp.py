"""Small GETs with aiohttp's ClientSession. Fair: one session with its 100 connections, a worker for each, and the text is read."""

import asyncio
import pathlib
import subprocess
import sys

import aiohttp

ORIGIN = pathlib.Path(__file__).parent.parent / "http-origin.ts"
state = {}


async def worker(session, url, repeats):
    seen = 0
    for _ in range(repeats):
        async with session.get(url) as response:
            if response.status != 200 or await response.text() != "hello":
                raise RuntimeError(f"The server answered {response.status}.")
            seen += 1
    return seen


def start():
    server = subprocess.Popen([sys.argv[-1], ORIGIN], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    state["server"] = server
    state["url"] = f"http://127.0.0.1:{int(server.stdout.readline())}/"
    state["session"] = aiohttp.ClientSession()


async def batch(watch, tasks, repeats, **_):
    if not state:
        start()
    session, url = state["session"], state["url"]
    return sum(await asyncio.gather(*(worker(session, url, repeats) for _ in range(tasks))))
