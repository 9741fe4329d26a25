import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { ClientSession } from '@polvo/http'
import { run } from 'polvo'
import { WebSocketServer } from 'ws'

const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
server.on('connection', (peer) => {
  peer.on('message', (text) => {
    if (String(text) === 'bye') peer.close(1001, 'see you')
    else peer.send(`${text}?`)
  })
})
await once(server, 'listening')
const { port } = server.address() as AddressInfo

await run(async () => {
  await using session = new ClientSession()
  await using socket = await session.wsConnect(`ws://127.0.0.1:${port}`, { heartbeat: 30_000 })
  await socket.send('hello')
  console.log(await socket.receive())
  await socket.sendJson({ n: 1 })
  await socket.send('bye')
  for await (const message of socket) console.log(message)
  console.log(socket.closeCode, socket.closeReason)
})
server.close()
