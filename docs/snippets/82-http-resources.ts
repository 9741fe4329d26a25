import { Application, ClientSession, StateKey, serve } from '@polvo/http'
import { resource, run, sleep, use } from 'polvo'

class Database {
  visits = 0
}
const database = new StateKey<Database>('database')

const app = new Application()
app.resource(database, () =>
  resource<Database>(function* (provide) {
    console.log('the database is open')
    try {
      yield* provide(new Database())
    } finally {
      console.log('the database is closed')
    }
  }),
)
app.onStart((app) => {
  app.createTask(async () => {
    try {
      for (;;) await sleep(1000)
    } finally {
      console.log('the background task has ended')
    }
  })
})
app.get('/', async ({ app }) => {
  await sleep(50)
  return `visit ${++app.state.get(database).visits}`
})

await run(() =>
  use(serve(app, { port: 0 }), async (server) => {
    await using session = new ClientSession({ baseUrl: server.url })
    console.log(await (await session.get('/')).text())
    console.log(await server.stop())
  }),
)
