/** The embedded servers, in a process of their own so that they do not share the client's thread. */
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { type Awaitable, type Coroutine, call, fromEvent, resource, timeout, type Usable } from 'polvo'

/** The addresses of the sites. */
export interface Sites {
  readonly LOCAL: string
  readonly DELAY: string
  readonly ERROR: string
}

export type Question = 'what have you seen?'

/** What a proxy saw of one request. */
export interface Witness {
  /** How long it held the request, in milliseconds. */
  readonly heldMs: number
  /** How many requests it had in flight when this one arrived, itself included. */
  readonly inFlight: number
}

export interface Witnesses {
  readonly DELAY: readonly Witness[]
}

const START_MS = 20_000

export class ServerProcess {
  readonly sites: Sites
  readonly #child: ChildProcess

  constructor(child: ChildProcess, sites: Sites) {
    this.#child = child
    this.sites = sites
  }

  /** What the DELAY proxy has seen, request by request. */
  witnesses(): Awaitable<readonly Witness[]> {
    return call(askWitnesses, this.#child)
  }
}

function* askWitnesses(child: ChildProcess): Coroutine<readonly Witness[]> {
  child.send('what have you seen?' satisfies Question)
  const [{ DELAY }] = yield* fromEvent<[Witnesses]>(child, 'message')
  return DELAY
}

/** The server process as a resource: it runs as long as the body. */
export function serverProcess(): Usable<ServerProcess> {
  return resource<ServerProcess>(function* (provide) {
    const child = fork(fileURLToPath(new URL('process.ts', import.meta.url)), {
      execArgv: ['--conditions=polvo-source'],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    const ended = new Promise((resolve) => child.once('exit', resolve))
    try {
      const [sites] = yield* timeout(START_MS, () => fromEvent<[Sites]>(child, 'message'))
      yield* provide(new ServerProcess(child, sites))
    } finally {
      if (child.connected) child.disconnect()
      yield* call(() => ended)
    }
  })
}
