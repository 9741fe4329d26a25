/** Memory of connections to a server of polvo: idle ones, and such whose handlers wait. Fair: its handlers are generator functions. */
import { Application, serve } from '@polvo/http'
import { type Coroutine, from, run, sleep } from 'polvo'
import { customersOf } from '../http-customers-of.ts'
import type { Sizes } from '../kernel.ts'

let here = 0

function* hello(): Coroutine<string> {
  here++
  return 'Hello, world!'
}

function* wait(): Coroutine<string> {
  here++
  yield* sleep(600_000)
  return 'Hello, world!'
}

export function hold(sizes: Sizes, whenAsleep: (asleep: number) => never): Promise<void> {
  const app = new Application()
  app.get('/', hello)
  app.get('/wait', wait)
  return run(function* () {
    const server = yield* serve(app, { port: 0, keepAliveTimeout: 600_000, backlog: 4096 })
    yield* from(customersOf(server.port, sizes))
    whenAsleep(here)
  })
}
