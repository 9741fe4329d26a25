/** A chat in the browser, over websockets: `node server.ts [PORT]` */
import { join } from 'node:path'
import { Application, runApp } from '@polvo/http'
import { Room } from './room.ts'

const room = new Room()
const app = new Application()

app.static('/', join(import.meta.dirname, 'page'))
app.websocket('/room', (socket, { query }) => {
  const name = query.get('name')?.trim().slice(0, 40) || 'Somebody'
  return room.welcome(name, socket)
})

await runApp(app, { port: Number(process.argv[2] ?? 8080) })
