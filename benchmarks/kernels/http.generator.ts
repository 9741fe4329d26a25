/** A web server of polvo, with handlers that are generator functions. Fair: they are as in docs/http.md. */
import { Application, type HttpRequest, serve as serveApp } from '@polvo/http'
import { type Coroutine, run } from 'polvo'

function* text(): Coroutine<string> {
  return 'Hello, world!'
}

function* json(): Coroutine<object> {
  return { message: 'Hello, world!', tags: ['a', 'b'], count: 3 }
}

function* hello({ params }: HttpRequest<{ name: string }>): Coroutine<string> {
  return `Hello, ${params.name}!`
}

export function serve(whenListening: (port: number) => void): Promise<unknown> {
  const app = new Application()
  app.get('/', text)
  app.get('/json', json)
  app.get('/hello/:name', hello)
  return run(function* () {
    const server = yield* serveApp(app, { port: 0 })
    whenListening(server.port)
    yield* server.serveForever()
  })
}
