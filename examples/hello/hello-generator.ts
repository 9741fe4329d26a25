/** "Hello, name", as in the introductions of aiohttp and Sanic, in the generator spelling: `node hello-generator.ts [PORT]` */

import { Application, type HttpRequest, runApp } from '@polvo/http'
import { type Coroutine, sleep } from 'polvo'

const app = new Application()

function* hello(request: HttpRequest<{ name?: string }>): Coroutine<string> {
  const { name = 'Anonymous' } = request.params
  return `Hello, ${name}`
}

/** Takes its time, as a query would. A client that hangs up cancels it. */
function* slowly(request: HttpRequest<{ name: string }>): Coroutine<string> {
  yield* sleep(500)
  return `Hello at last, ${request.params.name}`
}

app.get('/', hello)
app.get('/slowly/:name', slowly)
app.get('/:name', hello)

await runApp(app, { port: Number(process.argv[2] ?? 8080) })
