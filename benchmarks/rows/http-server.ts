/** Web servers, asked by wrk from another core. CPU time is what counts: requests per second are as many as that allows. */
import { count, native, polvo, type Row, row } from '../row.ts'

const CONNECTIONS = 64
const HELD = 4_000

export const httpServerRows: readonly Row[] = [
  answering('text', 'text', '/', 'Hello, world!'),
  answering('json', 'JSON', '/json', '{"message":"Hello, world!","tags":["a","b"],"count":3}'),
  answering('name', 'text with a parameter of the path', '/hello/world', 'Hello, world!'),
  held('http-idle', 'connections that are kept alive; bytes per connection', '/'),
  held('http-waiting', 'requests whose handlers wait; bytes per request', '/wait'),
]

function answering(name: string, what: string, path: string, answer: string): Row {
  return row(
    {
      name: `http-${name}`,
      title: `a web server answers with ${what}, on ${CONNECTIONS} connections; CPU ns of the server per request`,
      kind: 'requests',
      hasNode22: false,
    },
    { tasks: CONNECTIONS, repeats: 1, depth: 0, path, answer },
    [
      polvo('generator', 'generators', { kernel: 'http.generator.ts' }),
      polvo('async', 'async functions', { kernel: 'http.async.ts' }),
      ...native('http', 'node:http'),
      { id: 'fastify', label: 'Fastify', tool: 'fastify', kernel: 'http.fastify.ts' },
      { id: 'hono', label: 'Hono on its server for Node', tool: 'hono', kernel: 'http.hono.ts' },
      { id: 'express', label: 'Express', tool: 'express', kernel: 'http.express.ts' },
      { id: 'aiohttp', label: 'aiohttp on uvloop', tool: 'aiohttp', kernel: 'http.aiohttp.py' },
      { id: 'uvicorn', label: 'Starlette on uvicorn', tool: 'uvicorn', kernel: 'http.uvicorn.py' },
    ],
  )
}

function held(name: string, title: string, path: string): Row {
  return row(
    { name, title: `${count(HELD)} ${title}`, kind: 'memory', hasNode22: false },
    { tasks: HELD, repeats: 1, depth: 0, path },
    [
      polvo('generator', 'generators', { kernel: 'http-held.generator.ts' }),
      polvo('async', 'async functions', { kernel: 'http-held.async.ts' }),
      ...native('http-held', 'node:http'),
    ],
  )
}
