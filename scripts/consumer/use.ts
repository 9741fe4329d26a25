/** A program of somebody who has installed the packages: every entry point, both spellings. */
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { ClientSession } from '@polvo/http'
import { createPool, type QueryResult, sql } from '@polvo/postgres'
import { ConnectionError, createClient } from '@polvo/redis'
import { ProcessPoolExecutor, ThreadPoolExecutor, toThread } from '@polvo/threads'
import { type Coroutine, createTask, gather, run, sleep, taskGroup, timeout, use } from 'polvo'
import { Operation } from 'polvo/lowlevel'
import { main } from 'polvo/node'
import { faultProxy, runVirtual } from 'polvo/testing'

function* double(n: number): Coroutine<number> {
  yield* sleep(1)
  return 2 * n
}

const answer: number = await run(function* () {
  const task = createTask(double, 20)
  const [two] = yield* gather(double(1))
  return (yield* task) + two
})
assert.equal(answer, 42)

const hour = 60 * 60 * 1000
assert.equal(await runVirtual(async () => await timeout(2 * hour, () => sleep(hour, 'slept'))), 'slept')
assert.equal(typeof Operation, 'function')

const found = sql<{ name: string }>`select name from users where id = ${7}`
assert.equal(found.text, 'select name from users where id = $1')
await run(async () => {
  await using pool = createPool('postgres://127.0.0.1:1/nowhere')
  const asked: PromiseLike<QueryResult<{ name: string }>> = pool.query(found)
  await assert.rejects(async () => await asked, { code: 'POLVO_POSTGRES_CONNECTION' })
})

await run(async () => {
  await using client = createClient({ url: 'redis://127.0.0.1:1', reconnectWithin: 0 })
  const asked: PromiseLike<string | null> = client.get('name')
  await assert.rejects(async () => await asked, ConnectionError)
  const both: PromiseLike<[number, string | null]> = client.multi((tx) => [tx.incr('n'), tx.get('name')])
  await assert.rejects(async () => await both, { code: 'POLVO_REDIS_CONNECTION', mayHaveRun: false })
})

const server = createServer((_, response) => response.end('hello')).listen(0, '127.0.0.1')
await new Promise((resolve) => server.once('listening', resolve))
const { port } = server.address() as { port: number }
const proxy = await faultProxy({ target: { port }, protocol: 'http', faults: [] })

const text = await main(async () => {
  await using session = new ClientSession({ baseUrl: proxy.url })
  const texts: string[] = []
  await taskGroup(async (group) => {
    group.createTask(async () => {
      texts.push(await use(session.get('/'), (response) => response.text()))
    })
  })
  return texts.join()
})
assert.equal(text, 'hello')
await proxy.close()
server.close()

for (const Pool of [ThreadPoolExecutor, ProcessPoolExecutor]) {
  await run(async () => {
    await using pool = new Pool({ maxWorkers: 1 })
    const work = pool.module<typeof import('./work.ts')>(new URL('./work.ts', import.meta.url))
    const shout: string = await work.shout('hello')
    assert.equal(shout, 'HELLO!')
    assert.equal(await work.later(21), 42)
  })
}
assert.equal(await run(() => toThread((n: number) => n + 1, 41)), 42)
console.log('Every entry point was imported and used.')
