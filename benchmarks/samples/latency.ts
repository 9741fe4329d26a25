/**
 * How long a TCP echo takes to answer while tasks keep its process busy. The server is plain node:net in the process of the
 * tasks; the client has one of its own (`echo-client.ts`), and what it measures has nothing of ours in it.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { BusyKernel, Sample, Sizes } from '../kernel.ts'

const client = fileURLToPath(new URL('../echo-client.ts', import.meta.url))

export async function latencySample({ keepBusy }: BusyKernel, sizes: Sizes): Promise<Sample> {
  const server = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return new Promise((resolve, reject) => {
    const whenBusy = () => {
      const program = fork(client, [String(port), String(sizes.repeats)])
      program.once('message', (values) => resolve({ values: values as Sample['values'] }))
      program.once('error', reject)
    }
    keepBusy(sizes, whenBusy).catch(reject)
  })
}
