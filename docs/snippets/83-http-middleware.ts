import { Application, HttpUnauthorized, StateKey, text } from '@polvo/http'
import { testClient } from '@polvo/http/testing'
import { run, use } from 'polvo'

const user = new StateKey<string>('user')

const admin = new Application({ name: 'admin' })
admin.use(function* (request, next) {
  const name = request.header('x-user')
  if (name === undefined) throw new HttpUnauthorized('Who are you?')
  request.state.set(user, name)
  return yield* next()
})
admin.get('/jobs/:id<int>', ({ state, params }) => `job ${params.id} of ${state.get(user)}`, { name: 'job' })

const app = new Application()
app.use(async (_, next) => {
  const response = await next()
  return response.setHeader('x-served-by', 'polvo')
})
app.onError(401, (error) => text(`No: ${error.message}`, { status: 401 }))
app.mount('/admin', admin)

await run(() =>
  use(testClient(app), async (client) => {
    const path = app.urlFor('admin.job', { id: 7 })
    for (const headers of [{}, { 'x-user': 'ada' }]) {
      const response = await client.get(path, { headers })
      console.log(path, response.status, await response.text(), response.headers.get('x-served-by'))
    }
  }),
)
