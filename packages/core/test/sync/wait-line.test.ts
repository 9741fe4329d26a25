/** The waiting line by itself, with the simplest operation that can stand in it; each row of its table is walked. */
import { type Coroutine, createTask, sleep, type Task } from 'polvo'
import { describe, expect, test } from 'vitest'
import { LineWait, WaitLine } from '../../src/sync/wait-line.ts'
import { traceOf } from '../support/traces.ts'

/** Waits for its turn, takes it, and says so. */
class Turn extends LineWait<string> {
  readonly #name: string
  readonly #say: (line: string) => void

  constructor(line: WaitLine, name: string, say: (line: string) => void) {
    super(line)
    this.#name = name
    this.#say = say
    this._value = name
  }

  isOf(name: string): boolean {
    return this.#name === name
  }

  override _describe(): string {
    return 'turn'
  }

  protected override _begin(): boolean {
    return this.join()
  }

  protected override _resume(): boolean {
    this.leave()
    return true
  }

  protected override _withdraw(): void {
    this.leave()
    this.#say(`${this.#name} withdraws`)
  }

  protected override _handBack(): void {
    this.leave()
    this.#say(`${this.#name} hands back`)
  }
}

interface Scene {
  line: WaitLine
  say: (line: string) => void
  tasks: Record<string, Task>
}

/** Tasks that stand in a line in the order of their names, and what they say. */
function inLine(names: string, program: (scene: Scene) => Coroutine): Promise<string[]> {
  return traceOf(function* (print) {
    const line = new WaitLine()
    const tasks: Record<string, Task> = {}
    for (const name of names) {
      tasks[name] = createTask(function* () {
        print(yield* new Turn(line, name, print), 'runs')
      }) as Task
    }
    yield
    yield* program({ line, say: print, tasks })
    for (const task of Object.values(tasks)) task.cancel()
  })
}

/** Whether there was somebody to wake. */
const wakes = (line: WaitLine): boolean => Boolean(line.wakeNext())

test('waiters count as live', async () => {
  const trace = await inLine('abc', function* ({ line, say, tasks }) {
    say(`live ${line.live}`)
    for (const task of Object.values(tasks)) task.cancel()
    yield
    yield
  })
  expect(trace.slice(0, 1)).toEqual(['live 3'])
})

describe('wakeNext()', () => {
  test('wakes one after the other, who counts as live until its task has run', async () => {
    const trace = await inLine('abc', function* ({ line, say }) {
      say(`${wakes(line)} live ${line.live}`)
      yield
      say(`live ${line.live}`)
      line.wakeNext()
      line.wakeNext()
      say(`${wakes(line)} live ${line.live}`)
      yield
      say(`live ${line.live}`)
    })
    expect(trace).toEqual(['true live 3', 'a runs', 'live 2', 'false live 2', 'b runs', 'c runs', 'live 0'])
  })

  test('passes over the cancelled, who do not count as live at once', async () => {
    const trace = await inLine('abc', function* ({ line, say, tasks }) {
      tasks.a?.cancel()
      tasks.b?.cancel()
      say(`live ${line.live}`)
      say(`${wakes(line)} ${wakes(line)}`)
      yield
      say(`live ${line.live}`)
    })
    expect(trace).toEqual(['live 1', 'true false', 'a withdraws', 'b withdraws', 'c runs', 'live 0'])
  })

  test('a waiter that is cancelled after it was woken hands its turn back when it runs', async () => {
    const trace = await inLine('ab', function* ({ line, say, tasks }) {
      line.wakeNext()
      tasks.a?.cancel()
      say(`live ${line.live}`)
      yield
      say(`live ${line.live}`)
    })
    expect(trace.slice(0, 3)).toEqual(['live 2', 'a hands back', 'live 1'])
  })
})

describe('wakeHead()', () => {
  test('leaves the head in its place until its task has run: nobody behind it is woken meanwhile', async () => {
    const trace = await inLine('ab', function* ({ line, say }) {
      line.wakeHead()
      line.wakeHead()
      yield
      say(`live ${line.live}`)
      line.wakeHead()
      yield
      line.wakeHead()
      say(`live ${line.live}`)
    })
    expect(trace).toEqual(['a runs', 'live 1', 'b runs', 'live 0'])
  })

  test('does nothing while the head is one that was cancelled: it is up to that one to pass the turn on', async () => {
    const trace = await inLine('ab', function* ({ line, say, tasks }) {
      tasks.a?.cancel()
      line.wakeHead()
      yield
      say(`live ${line.live}`)
      line.wakeHead()
      yield
      say(`live ${line.live}`)
    })
    expect(trace).toEqual(['a withdraws', 'live 1', 'b runs', 'live 0'])
  })
})

test('wakeAll() wakes all in the order they came', async () => {
  const trace = await inLine('abcd', function* ({ line, say, tasks }) {
    tasks.b?.cancel()
    line.wakeAll()
    yield
    say(`live ${line.live} ${wakes(line)}`)
  })
  expect(trace).toEqual(['b withdraws', 'a runs', 'c runs', 'd runs', 'live 0 false'])
})

test('waking an empty line does nothing', () => {
  const line = new WaitLine()
  line.wakeHead()
  line.wakeAll()
  expect([wakes(line), line.live]).toEqual([false, 0])
})

test('cancelling any of 10,000 waiters leaves the order of the others', async () => {
  const trace = await traceOf(function* (print) {
    const line = new WaitLine()
    const order: number[] = []
    const tasks = Array.from({ length: 10_000 }, (_, i) =>
      createTask(function* () {
        yield* new Turn(line, '', () => {})
        order.push(i)
      }),
    )
    yield
    for (const [i, task] of tasks.entries()) if (i % 100 !== 7) task.cancel()
    print('live', line.live)
    line.wakeAll()
    yield* sleep(1)
    print(order.join())
    print('live', line.live)
  })
  const left = Array.from({ length: 100 }, (_, i) => i * 100 + 7)
  expect(trace).toEqual(['live 100', left.join(), 'live 0'])
})

test('wakeThose() wakes those that are meant and still wait, and leaves the others their places', async () => {
  const trace = await inLine('abcd', function* ({ line, say, tasks }) {
    tasks.b?.cancel()
    line.wakeThose((waiter) => ['b', 'c'].some((name) => (waiter as Turn).isOf(name)))
    say(`${line.live} live`)
    yield
    say(`${line.live} live`)
    line.wakeNext()
    yield
    line.wakeNext()
    yield
  })
  expect(trace).toEqual(['3 live', 'b withdraws', 'c runs', '2 live', 'a runs', 'd runs'])
})
