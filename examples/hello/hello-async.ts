/** "Hello, name", as in the introductions of aiohttp and Sanic, in the async spelling: `node hello-async.ts [PORT]` */

import { Application, type HttpRequest, runApp } from '@polvo/http'
import { sleep } from 'polvo'

const app = new Application()

async function hello(request: HttpRequest<{ name?: string }>): Promise<string> {
  const { name = 'Anonymous' } = request.params
  return `Hello, ${name}`
}

/** Takes its time, as a query would. A client that hangs up cancels it. */
async function slowly(request: HttpRequest<{ name: string }>): Promise<string> {
  await sleep(500)
  return `Hello at last, ${request.params.name}`
}

app.get('/', hello)
app.get('/slowly/:name', slowly)
app.get('/:name', hello)

await runApp(app, { port: Number(process.argv[2] ?? 8080) })
