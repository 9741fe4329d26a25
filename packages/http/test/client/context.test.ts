// Connections outlive the tasks that happen to make them, so nothing of a task's async context may stick to
// them.
import { AsyncLocalStorage } from 'node:async_hooks'
import { channel } from 'node:diagnostics_channel'
import { createTask, currentTask, forEach, run, sleep, use } from 'polvo'
import { expect, test } from 'vitest'
import { afterTest, httpServer } from '../support/servers.ts'
import { bothSpellings, sessionFor } from '../support/spellings.ts'

const storage = new AsyncLocalStorage<string>()

async function greeter() {
  const server = await httpServer((_, response) => {
    response.write('a')
    setTimeout(() => response.end('b'), 10)
  })
  return sessionFor({ baseUrl: server.url, limit: 1 })
}

/** What the storage holds, where undici has something to tell about the requests. */
function spyOnEvents(): (string | undefined)[] {
  const seen: (string | undefined)[] = []
  for (const name of [
    'undici:client:connected',
    'undici:client:sendHeaders',
    'undici:request:headers',
    'undici:request:trailers',
  ]) {
    const note = () => void seen.push(storage.getStore())
    channel(name).subscribe(note)
    afterTest(() => channel(name).unsubscribe(note))
  }
  return seen
}

test("the context of a task is not seen by the events of a connection, its own or another task's", async () => {
  const session = await greeter()
  const seen = spyOnEvents()
  await run(async () => {
    const tasks = ['first', 'second', 'third'].map((name) =>
      storage.run(name, () => createTask(async () => (await session.get('/')).text())),
    )
    for (const task of tasks) expect(await task).toBe('ab')
    await storage.run('fourth', () =>
      use(session.get('/'), async (response) => expect(await response.text()).toBe('ab')),
    )
  })
  expect(seen).toHaveLength(1 + 4 * 3)
  expect(new Set(seen)).toEqual(new Set([undefined]))
})

bothSpellings(
  'code of the user finds its task and its context wherever it runs',
  ['mine one one', 'mine one one', 'mine one one', 'upload one'],
  {
    world: greeter,
    *generator(session, print) {
      const task = storage.run('one', () =>
        createTask({ name: 'mine', asyncContext: 'capture' }, function* () {
          yield* use(session.get('/'), function* (response) {
            yield* forEach(response, function* () {
              const before = storage.getStore()
              yield* sleep(1)
              print(currentTask()?.getName(), before, storage.getStore())
            })
          })
          const after = storage.getStore()
          print(currentTask()?.getName(), after, storage.getStore())
          yield* use(session.post('/', { data: source(print) }), (response) => response.text())
        }),
      )
      yield* task
    },
    async async(session, print) {
      await storage.run('one', () =>
        createTask({ name: 'mine' }, async () => {
          {
            await using response = await session.get('/')
            for await (const _ of response) {
              const before = storage.getStore()
              await sleep(1)
              print(currentTask()?.getName(), before, storage.getStore())
            }
          }
          const after = storage.getStore()
          print(currentTask()?.getName(), after, storage.getStore())
          await using response = await session.post('/', { data: source(print) })
          await response.text()
        }),
      )
    },
  },
)

async function* source(print: (...values: unknown[]) => void) {
  await sleep(1)
  print(currentTask()?.getName(), storage.getStore())
  yield 'x'
}
