import { Application, ClientSession, serve } from '@polvo/http'
import { moveOnAfter, run, shield, sleep, use } from 'polvo'

const app = new Application()
app.get('/report', function* () {
  try {
    yield* sleep(60_000)
    return 'the report'
  } finally {
    console.log('the handler has been cancelled')
  }
})
app.post('/order', async () => {
  await shield(async () => {
    await sleep(150)
    console.log('the order is saved all the same')
  })
  return 'done'
})

await run(() =>
  use(serve(app, { port: 0 }), async (server) => {
    await using session = new ClientSession({ baseUrl: server.url })
    await moveOnAfter(50, () => session.get('/report'))
    await moveOnAfter(50, () => session.post('/order'))
    await sleep(300)
  }),
)
