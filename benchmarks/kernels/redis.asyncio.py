"""SET and GET with redis-py's asyncio client. Fair: one client, with as many pooled connections as tasks: it has no pipelining of
its own, and a connection serves one command at a time."""

import asyncio
import shutil
import socket
import subprocess

import redis.asyncio

WATCH = 'redis-server "$@" >/dev/null & server=$!; cat; kill -9 $server'
client = None


def start_redis():
    """As redis-server.ts."""
    if shutil.which("redis-server") is None:
        raise RuntimeError("redis-server is not installed (Debian and Ubuntu: apt-get install redis-server)")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    subprocess.Popen(["sh", "-c", WATCH, "sh", *options], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    return port


async def connect(port):
    redis_client = redis.asyncio.Redis(host="127.0.0.1", port=port, decode_responses=True)
    for _ in range(200):
        try:
            await redis_client.ping()
            return redis_client
        except redis.asyncio.ConnectionError:
            await asyncio.sleep(0.02)
    raise RuntimeError("redis-server does not start")


async def work(task, repeats):
    key = f"key:{task}"
    for i in range(0, repeats, 2):
        value = f"value:{i}"
        await client.set(key, value)
        if await client.get(key) != value:
            raise RuntimeError("That is not the value that was set.")
    return repeats


async def batch(watch, tasks, repeats, **_):
    global client
    watch.pause()
    client = client or await connect(start_redis())
    watch.resume()
    return sum(await asyncio.gather(*(work(task, repeats) for task in range(tasks))))
