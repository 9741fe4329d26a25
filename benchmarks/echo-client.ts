/** The client of the echo: `node echo-client.ts PORT TIMES`. One small message at a time; its parent gets the percentiles. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { quantile, sorted } from './statistics.ts'

const WARM_UP = 200

const [port, times] = process.argv.slice(2).map(Number) as [number, number]
const socket = connect({ port, host: '127.0.0.1', noDelay: true })
await once(socket, 'connect')

async function ask(): Promise<number> {
  const start = performance.now()
  socket.write('ping')
  await once(socket, 'data')
  return (performance.now() - start) * 1e6
}

for (let i = 0; i < WARM_UP; i++) await ask()
const answers: number[] = []
for (let i = 0; i < times; i++) answers.push(await ask())
const inOrder = sorted(answers)
process.send?.({ p50: quantile(inOrder, 0.5), p99: quantile(inOrder, 0.99) })
socket.destroy()
