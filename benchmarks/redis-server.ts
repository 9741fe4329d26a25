/**
 * A redis-server for one sample, in a process of its own, on a free port. It ends with the sample, however that ends: a shell
 * between the two waits for the end of its input.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'

const WATCH = 'redis-server "$@" >/dev/null & server=$!; cat; kill -9 $server'

/** Returns its port, once it takes connections. */
export async function startRedis(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  const options = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']
  const shell = spawn('sh', ['-c', WATCH, 'sh', ...options], { stdio: ['pipe', 'ignore', 'inherit'] })
  shell.unref()
  for (let attempt = 0; attempt < 200; attempt++) {
    const socket = connect(port, '127.0.0.1')
    const isUp = await new Promise((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    })
    socket.destroy()
    if (isUp) return port
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error(
    'redis-server does not start; is it installed? (Debian and Ubuntu: apt-get install redis-server)',
  )
}
