"""A web server of Starlette on uvicorn, with uvloop and httptools. Fair: endpoints as in its guide, without an access log."""

import asyncio
import json
import socket

import uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route


class CompactResponse(JSONResponse):
    def render(self, content):
        return json.dumps(content, separators=(",", ":")).encode()


async def text(request):
    return PlainTextResponse("Hello, world!")


async def as_json(request):
    return CompactResponse({"message": "Hello, world!", "tags": ["a", "b"], "count": 3})


async def hello(request):
    return PlainTextResponse(f"Hello, {request.path_params['name']}!")


async def serve(when_listening):
    app = Starlette(routes=[Route("/", text), Route("/json", as_json), Route("/hello/{name}", hello)])
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    server = uvicorn.Server(uvicorn.Config(app, http="httptools", access_log=False, log_level="warning"))
    server.install_signal_handlers = lambda: None
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        await asyncio.sleep(0.01)
    when_listening(listener.getsockname()[1])
    await serving
