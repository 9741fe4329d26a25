import type { AddressInfo } from 'node:net'
import { Application } from '@polvo/http'
import { toExpressHandler } from '@polvo/http/adapters'
import express from 'express'
import { sleep } from 'polvo'

const users = new Application()
users.get('/users/:id<int>', async ({ params }) => {
  await sleep(10)
  return { id: params.id }
})
const adapter = toExpressHandler(users)

const app = express()
app.use('/api', adapter)
app.get('/api/old', (_, response) => void response.send('as ever'))

const server = app.listen(0, '127.0.0.1', async () => {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  for (const path of ['/api/users/7', '/api/old']) console.log(await (await fetch(url + path)).text())
  server.close()
  console.log(await adapter.stop())
})
