/** Memory of connections to a server of polvo: idle ones, and such whose handlers wait. Fair: its handlers are async functions. */
import { Application, serve } from '@polvo/http'
import { run, sleep } from 'polvo'
import { customersOf } from '../http-customers-of.ts'
import type { Sizes } from '../kernel.ts'

let here = 0

async function hello(): Promise<string> {
  here++
  return 'Hello, world!'
}

async function wait(): Promise<string> {
  here++
  await sleep(600_000)
  return 'Hello, world!'
}

export function hold(sizes: Sizes, whenAsleep: (asleep: number) => never): Promise<void> {
  const app = new Application()
  app.get('/', hello)
  app.get('/wait', wait)
  return run(async () => {
    const server = await serve(app, { port: 0, keepAliveTimeout: 600_000, backlog: 4096 })
    await customersOf(server.port, sizes)
    whenAsleep(here)
  })
}
