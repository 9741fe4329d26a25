/** A web server of polvo, with handlers that are async functions. Fair: they are as in docs/http.md. */
import { Application, type HttpRequest, serve as serveApp } from '@polvo/http'
import { run } from 'polvo'

async function text(): Promise<string> {
  return 'Hello, world!'
}

async function json(): Promise<object> {
  return { message: 'Hello, world!', tags: ['a', 'b'], count: 3 }
}

async function hello({ params }: HttpRequest<{ name: string }>): Promise<string> {
  return `Hello, ${params.name}!`
}

export function serve(whenListening: (port: number) => void): Promise<unknown> {
  const app = new Application()
  app.get('/', text)
  app.get('/json', json)
  app.get('/hello/:name', hello)
  return run(async () => {
    const server = await serveApp(app, { port: 0 })
    whenListening(server.port)
    await server.serveForever()
  })
}
