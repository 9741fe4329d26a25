// Server-sent events.
import { sleep } from 'polvo'
import { expect, test } from 'vitest'
import { eventStream } from '../../src/index.ts'
import { appWith, ask, RawClient, serving, until } from './support/serving.ts'

test('events are written as EventSource reads them', async () => {
  const app = appWith((app) =>
    app.get('/', () =>
      eventStream(function* (events) {
        yield* events.send('two\nlines')
        yield* events.send({ event: 'made', id: '7', retry: 1000, data: { a: 1 } })
        yield* events.comment('nothing')
      }),
    ),
  )
  await serving(app, async ({ url }) => {
    const response = await fetch(url)
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    expect(response.headers.get('cache-control')).toBe('no-cache')
    expect(await response.text()).toBe(
      'data: two\ndata: lines\n\nevent: made\nid: 7\nretry: 1000\ndata: {"a":1}\n\n: nothing\n\n',
    )
  })
})

test('a client that comes back says what it has seen', async () => {
  const app = appWith((app) =>
    app.get('/', () => eventStream(async (events) => await events.send(events.lastEventId))),
  )
  await serving(app, async ({ url }) => {
    expect(await ask(url, { headers: { 'last-event-id': '41' } })).toEqual([200, 'data: 41\n\n'])
  })
})

test('what would break out of a field is refused', async () => {
  const app = appWith((app) =>
    app.get('/', () => eventStream((events) => events.send({ event: 'a\ndata: b', data: '' }))),
  )
  await serving(app, async ({ url, reports }) => {
    await expect(fetch(url).then((response) => response.text())).rejects.toThrow()
    expect(reports.join()).toContain('one line of text')
  })
})

test('a silent stream says that it is alive, and its function ends with the client', async () => {
  const log: string[] = []
  const app = appWith((app) =>
    app.get('/', () =>
      eventStream(
        async () => {
          try {
            await sleep(60_000)
          } finally {
            log.push('over')
          }
        },
        { keepAlive: 10 },
      ),
    ),
  )
  await serving(app, async (served) => {
    const client = (await RawClient.to(served)).get('/')
    await client.untilReceived(':\n\n')
    client.hangUp()
    await until(() => log.length === 1)
    await until(() => served.server.requests === 0)
  })
})
