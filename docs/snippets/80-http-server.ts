import { Application, ClientSession, HttpNotFound, serve } from '@polvo/http'
import { run, use } from 'polvo'

const users = new Map([[1, { name: 'Ada' }]])

const app = new Application()
app.get('/', () => 'Hello, world!')
app.get('/users/:id<int>', ({ params }) => {
  const user = users.get(params.id)
  if (user === undefined) throw new HttpNotFound(`There is no user ${params.id}.`)
  return user
})
app.post('/users', function* (request) {
  const user = yield* request.json<{ name: string }>()
  users.set(users.size + 1, user)
  return { id: users.size }
})

// A program would end with: runApp(app, { port: 8080 })
await run(() =>
  use(serve(app, { port: 0 }), async (server) => {
    await using session = new ClientSession({ baseUrl: server.url })
    const ask = async (path: string, json?: object) => {
      const response = await session.request(json ? 'POST' : 'GET', path, json && { json })
      console.log(response.status, (await response.text()).trim())
    }
    await ask('/')
    await ask('/users/1')
    await ask('/users', { name: 'Grace' })
    await ask('/users/2')
    await ask('/users/3')
  }),
)
