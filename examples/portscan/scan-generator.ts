/** Which ports of a host are open, in the generator spelling: `node scan-generator.ts [HOST [PORTS]]`. Scan your own only. */
import { asCompleted, type Coroutine, limit, moveOnAfter, rethrowCancelled, taskGroup, use } from 'polvo'
import { main, openConnection } from 'polvo/node'
import { portsFrom } from './ports.ts'

const AT_ONCE = 200
const PATIENCE_MS = 1000

interface Finding {
  readonly port: number
  readonly state: 'open' | 'closed' | 'silent'
}

function* probe(host: string, port: number): Coroutine<Finding> {
  try {
    const connect = () => use(openConnection(host, port), () => true)
    const isOpen = yield* moveOnAfter(PATIENCE_MS, connect)
    return { port, state: isOpen ? 'open' : 'silent' }
  } catch (error) {
    rethrowCancelled(error)
    return { port, state: 'closed' }
  }
}

function* scan(host = '127.0.0.1', ports = '1-1024'): Coroutine<void> {
  const chosen = portsFrom(ports)
  const count = { open: 0, closed: 0, silent: 0 }
  const limited = limit(AT_ONCE)
  yield* taskGroup(function* (group): Coroutine<void> {
    const probes = chosen.map((port) => group.createTask(() => limited(probe, host, port)))
    for (const next of asCompleted(probes)) {
      const { port, state } = yield* next
      count[state]++
      if (state === 'open') console.log(`${port} is open`)
    }
  })
  console.log(`${count.open} open, ${count.closed} closed, ${count.silent} silent`)
}

await main(() => scan(...process.argv.slice(2)))
