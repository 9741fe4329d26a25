"""A server of lines with asyncio's streams, on asyncio or uvloop. Fair: the handler of its documentation, with its drain."""

import asyncio


async def echo(reader, writer):
    while line := await reader.readline():
        writer.write(line)
        await writer.drain()
    writer.close()


async def serve(when_listening):
    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    when_listening(server.sockets[0].getsockname()[1])
    async with server:
        await server.serve_forever()
