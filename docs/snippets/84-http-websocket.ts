import { Application, eventStream, type WebSocketConnection } from '@polvo/http'
import { testClient } from '@polvo/http/testing'
import { forEach, run, sleep, use } from 'polvo'

const guests = new Set<WebSocketConnection>()

const app = new Application()
app.websocket('/chat/:name', function* (socket, { params }) {
  guests.add(socket)
  try {
    yield* forEach(socket, function* (message) {
      for (const guest of guests) yield* guest.send(`${params.name}: ${message}`)
    })
  } finally {
    guests.delete(socket)
  }
})
app.get('/countdown', () =>
  eventStream(function* (events) {
    for (const data of [3, 2, 1]) {
      yield* events.send({ event: 'count', data })
      yield* sleep(5)
    }
  }),
)

await run(() =>
  use(testClient(app), async (client) => {
    const ada = await client.wsConnect('/chat/ada')
    const bob = await client.wsConnect('/chat/bob')
    await bob.send('hello')
    console.log(await ada.receive())
    await ada.close()
    await bob.close()
    console.log((await (await client.get('/countdown')).text()).replaceAll('\n', ' '))
  }),
)
