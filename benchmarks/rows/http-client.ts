/** HTTP requests. The server runs in a process of its own; the CPU is that of the client's process alone. */
import { CONTROL, NATIVE, polvo, type Row, row } from '../row.ts'

const kernel = 'http-client.undici.ts'

export const httpClientRows: readonly Row[] = [
  row(
    {
      name: 'http-client',
      title: '10,000 small GETs on 100 connections; ns of the client per request',
      metrics: ['cpu', 'wall'],
      hasNode22: false,
    },
    { tasks: 100, repeats: 100, depth: 0 },
    [
      polvo('generator', '`ClientSession`, generators'),
      polvo('async', '`ClientSession`, async functions'),
      { id: NATIVE, label: '`undici.request`', tool: 'undici', kernel },
      { id: CONTROL, label: '`undici.request`, again', tool: 'undici', kernel },
      { id: 'fetch', label: 'global `fetch`', tool: 'native' },
      { id: 'aiohttp', label: 'aiohttp on uvloop', tool: 'aiohttp', kernel: 'http-client.aiohttp.py' },
    ],
  ),
]
