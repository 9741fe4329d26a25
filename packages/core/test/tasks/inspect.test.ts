/** What objects say of themselves. */
import { inspect } from 'node:util'
import {
  type Coroutine,
  call,
  coroutine,
  createTask,
  Future,
  getRunningLoop,
  Lock,
  Queue,
  run,
  Semaphore,
  sleep,
} from 'polvo'
import { expect, test } from 'vitest'

function* spin(): Coroutine<never> {
  return yield* new Future<never>()
}

test('a generator task shows where it is suspended, and what it waits for', async () => {
  await run(function* () {
    const task = createTask({ name: 'spinner' }, spin)
    yield* sleep(0)
    expect(inspect(task)).toMatch(
      /^<Task pending name='spinner' coro=<spin\(\) running at \S*inspect\.test\.ts:\d+> wait_for=<Future pending>>$/,
    )
    task.cancel()
    expect(inspect(task)).toMatch(/^<Task cancelling name='spinner'/)
    yield* sleep(1)
    expect(inspect(task)).toBe("<Task cancelled name='spinner'>")
  })
})

test('the innermost coroutine is shown, through marked ones and async functions', async () => {
  await run(function* () {
    const outer = coroutine(function* outer() {
      return yield* coroutine(spin)()
    })
    const marked = createTask(outer)
    async function inner() {
      await sleep(3000)
    }
    const mixed = createTask(function* () {
      yield* call(inner)
    })
    yield* sleep(0)
    expect(inspect(marked)).toMatch(/coro=<spin\(\) running at/)
    expect(inspect(mixed)).toMatch(/coro=<inner\(\) defined at \S+:\d+> wait_for=<sleep\(3000\)>>$/)
  })
})

test('an async task shows where its function is defined, and every await under way', async () => {
  await run(async () => {
    async function fan() {
      await Promise.all([sleep(3000), new Future()])
    }
    const task = createTask(fan)
    await sleep(0)
    expect(inspect(task)).toMatch(
      /coro=<fan\(\) defined at \S*inspect\.test\.ts:\d+> wait_for=<sleep\(3000\)>, <Future pending>>$/,
    )
  })
})

test('a task that is done shows its outcome', async () => {
  await run(async () => {
    const good = createTask({ name: 'good' }, () => 42)
    const bad = createTask({ name: 'bad' }, () => {
      throw new RangeError('too far')
    })
    await sleep(1)
    expect(inspect(good)).toBe("<Task finished name='good' result=42>")
    expect(inspect(bad)).toBe("<Task finished name='bad' exception=RangeError: too far>")
    bad.exception()
  })
})

test('a task that waits for another names it, and not the whole chain', async () => {
  await run(async () => {
    const inner = createTask({ name: 'inner' }, sleep(3000))
    const outer = createTask({ name: 'outer' }, async () => {
      await inner
    })
    await sleep(0)
    expect(inspect(outer)).toMatch(/wait_for=<Task pending name='inner'>>$/)
  })
})

test('other objects show their state', async () => {
  await run(async () => {
    const done = new Future<string>()
    done.setResult('gold')
    const lock = new Lock()
    await lock.acquire()
    const queue = new Queue<number>(5)
    queue.putNowait(1)
    expect([done, new Future(), lock, new Semaphore(3), queue].map((object) => inspect(object))).toEqual([
      '<Future finished result="gold">',
      '<Future pending>',
      '<Lock locked waiters=0>',
      '<Semaphore permits=3 waiters=0>',
      '<Queue size=1 maxsize=5 getters=0 putters=0>',
    ])
    expect(inspect(getRunningLoop())).toBe('<EventLoop running tasks=1>')
    expect(inspect(getRunningLoop().callSoon(function tick() {}))).toBe('<Handle tick()>')
    const nap = sleep(3000)
    expect(inspect(nap)).toBe('<sleep(3000)>')
    const later = call(async function fetchPage(_url: string) {}, '/x')
    expect(inspect(later)).toBe('<coroutine fetchPage("/x")>')
    later.close()
    await Promise.race([nap, sleep(0)])
  })
})
