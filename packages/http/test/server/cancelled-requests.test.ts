// Ten thousand requests whose handlers are cancelled at random, by everybody who can. Nothing is left at the end.
import { once } from 'node:events'
import net, { type Socket } from 'node:net'
import process from 'node:process'
import { allTasks, call, currentTask, run, Semaphore, sleep, type Task, use } from 'polvo'
import { expect, test } from 'vitest'
import { seeded } from '../../../core/test/support/random.ts'
import { Application, type HttpServer, serve, stream } from '../../src/index.ts'
import { until } from './support/serving.ts'

const REQUESTS = 10_000
const CONNECTIONS = 40
const SEEDS = [Number(process.env.POLVO_SEED ?? 20_261_120)]

/** What the handlers do: it is counted, so that what begins without an end is seen. */
class World {
  readonly random: () => number
  readonly permits = new Semaphore(8)
  readonly running = new Set<Task>()
  begun = 0
  ended = 0
  cleaned = 0

  constructor(seed: number) {
    this.random = seeded(seed)
  }

  pick(below: number): number {
    return Math.floor(this.random() * below)
  }

  *inHandler(body: () => Generator<never, string> | Iterable<unknown>) {
    const task = currentTask() as Task
    this.begun++
    this.running.add(task)
    try {
      return (yield* body() as Generator<never, string>) as string
    } finally {
      this.running.delete(task)
      this.ended++
      yield* this.cleanUp()
    }
  }

  /** Takes a pass of the loop, unless somebody cancels the task for a second time. */
  *cleanUp() {
    try {
      yield* sleep(0)
    } finally {
      this.cleaned++
    }
  }

  /** Cancel a handler that is under way, from outside. */
  cancelSomebody(): void {
    const tasks = [...this.running]
    tasks[this.pick(tasks.length)]?.cancel('at random')
  }
}

function application(world: World): Application {
  const app = new Application()
  const waits = function* () {
    yield* sleep(world.pick(4))
    return 'generator'
  }
  app.get('/g', () => world.inHandler(waits) as Generator<never, string>)
  app.get('/a', async () => {
    const task = currentTask() as Task
    world.begun++
    world.running.add(task)
    try {
      await sleep(world.pick(4))
      return 'async'
    } finally {
      world.running.delete(task)
      world.ended++
      await call(() => world.cleanUp())
    }
  })
  app.get(
    '/permit',
    () =>
      world.inHandler(function* () {
        return yield* use(world.permits, waits) as Iterable<never>
      } as () => Generator<never, string>) as Generator<never, string>,
  )
  app.get('/late', () => world.inHandler(waits) as Generator<never, string>, { handlerTimeout: 1 })
  app.get('/finish', () => world.inHandler(waits) as Generator<never, string>, { onDisconnect: 'finish' })
  app.get('/stream', () =>
    stream((writer) =>
      world.inHandler(function* () {
        for (let i = 0; i < 3; i++) {
          yield* writer.write('piece ')
          yield* sleep(world.pick(2))
        }
        return ''
      } as () => Generator<never, string>),
    ),
  )
  app.post(
    '/body',
    (request) =>
      world.inHandler(function* () {
        return yield* request.text()
      } as () => Generator<never, string>) as Generator<never, string>,
  )
  return app
}

const PATHS = ['/g', '/a', '/permit', '/late', '/finish', '/stream'] as const

/** Ask again and again on one connection, and break it at random; a new one takes its place. */
async function customer(server: HttpServer, world: World, isOver: () => boolean, log: Map<string, number>) {
  let socket: Socket | null = null
  let received = ''
  const note = (what: string) => log.set(what, (log.get(what) ?? 0) + 1)
  while (!isOver()) {
    if (socket === null || socket.destroyed) {
      received = ''
      socket = net.connect(server.port, '127.0.0.1').on('error', () => {})
      socket.setEncoding('latin1').on('data', (chunk: string) => {
        received += chunk
      })
      await once(socket, 'connect')
    }
    const here: Socket = socket
    received = ''
    const isPost = world.pick(8) === 0
    const path = PATHS[world.pick(PATHS.length)]
    here.write(
      isPost
        ? 'POST /body HTTP/1.1\r\nhost: t\r\ncontent-length: 8\r\n\r\nhalf'
        : `GET ${path} HTTP/1.1\r\nhost: t\r\n\r\n`,
    )
    if (world.pick(4) === 0) {
      // Hang up: at once, or when some of the answer may be there.
      const patience = world.pick(4)
      if (patience > 0) await new Promise((resolve) => setTimeout(resolve, patience))
      here.destroy()
      note('hung up')
      continue
    }
    if (isPost) here.write('half')
    const isWhole = () => here.destroyed || /\r\n0\r\n\r\n$/.test(received) || hasWholeBody(received)
    await new Promise<void>((resolve) => {
      const look = () => {
        if (!isWhole()) return
        here.off('data', look).off('close', look)
        resolve()
      }
      here.on('data', look).on('close', look)
      look()
    })
    note(received.slice(9, 12) || 'closed')
  }
  socket?.destroy()
}

function hasWholeBody(received: string): boolean {
  const end = received.indexOf('\r\n\r\n')
  const length = /content-length: (\d+)/i.exec(received.slice(0, end))?.[1]
  return end > 0 && length !== undefined && received.length - end - 4 >= Number(length)
}

function sockets(): number {
  return process.getActiveResourcesInfo().filter((name) => name.startsWith('TCP')).length
}

test.each(SEEDS)(
  'leave no task, socket, permit or listener behind (seed %i)',
  { timeout: 120_000 },
  async (seed) => {
    const socketsBefore = sockets()
    const warnings: Error[] = []
    const onWarning = (warning: Error) => warnings.push(warning)
    process.on('warning', onWarning)
    const world = new World(seed)
    const outcomes = new Map<string, number>()
    await run(async () => {
      const tasksBefore = allTasks().size
      const server = await serve(application(world), { port: 0 })
      const tasksServing = allTasks().size
      const disturbing = setInterval(() => world.cancelSomebody(), 2)
      const isOver = () => world.begun >= REQUESTS
      await Promise.all(Array.from({ length: CONNECTIONS }, () => customer(server, world, isOver, outcomes)))
      clearInterval(disturbing)
      await until(() => server.requests === 0 && server.connections === 0)
      expect(allTasks().size).toBe(tasksServing)
      expect(await (await fetch(`${server.url}/g`)).text()).toBe('generator')
      const report = await server.stop()
      expect(report).toEqual({ finished: 0, cancelled: [], refused: [] })
      expect(allTasks().size).toBe(tasksBefore)
    })
    process.off('warning', onWarning)
    expect(world.begun).toBeGreaterThanOrEqual(REQUESTS)
    expect([world.ended, world.cleaned]).toEqual([world.begun, world.begun])
    expect(world.running.size).toBe(0)
    for (let i = 0; i < 8; i++) expect(world.permits.tryAcquire()).toBe(true)
    // All that can happen has happened: answers, the limit of time, cancellations, clients that left.
    for (const outcome of ['200', '503', 'hung up'])
      expect(outcomes.get(outcome), outcome).toBeGreaterThan(100)
    expect(outcomes.get('500')).toBe(undefined)
    expect(warnings).toEqual([])
    await until(() => sockets() <= socketsBefore)
  },
)
