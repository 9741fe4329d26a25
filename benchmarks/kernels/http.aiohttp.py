"""A web server of aiohttp, on uvloop. Fair: handlers as in its guide, without an access log."""

import asyncio
import json

from aiohttp import web


def compact(value):
    return json.dumps(value, separators=(",", ":"))


async def text(request):
    return web.Response(text="Hello, world!")


async def as_json(request):
    return web.json_response({"message": "Hello, world!", "tags": ["a", "b"], "count": 3}, dumps=compact)


async def hello(request):
    return web.Response(text=f"Hello, {request.match_info['name']}!")


async def serve(when_listening):
    app = web.Application()
    app.add_routes([web.get("/", text), web.get("/json", as_json), web.get("/hello/{name}", hello)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    when_listening(runner.addresses[0][1])
    await asyncio.Event().wait()
