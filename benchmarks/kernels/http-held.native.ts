/** Memory of connections to node:http: idle ones, and such that wait for an answer. Fair: whoever waits sleeps in an async function. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { customersOf } from '../http-customers-of.ts'
import type { Sizes } from '../kernel.ts'

let here = 0

export async function hold(sizes: Sizes, whenAsleep: (asleep: number) => never): Promise<void> {
  const server = createServer(async ({ url }, response) => {
    here++
    if (url === '/wait') await sleep(600_000)
    response.writeHead(200, ['content-type', 'text/plain; charset=utf-8', 'content-length', '13'])
    response.end('Hello, world!')
  })
  server.keepAliveTimeout = 600_000
  await once(server.listen(0, '127.0.0.1', 4096), 'listening')
  await customersOf((server.address() as AddressInfo).port, sizes)
  whenAsleep(here)
}
