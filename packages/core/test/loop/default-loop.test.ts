/** Code outside any run: its awaits are adopted by a loop that is always there. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import {
  createTask,
  Event,
  Future,
  gather,
  getRunningLoop,
  Lock,
  Queue,
  run,
  sleep,
  taskGroup,
  timeout,
} from 'polvo'
import { describe, expect, test } from 'vitest'
import { defaultLoop, loopForWork } from '../../src/loop/default-loop.ts'

test('there is one, and it is running', () => {
  expect(defaultLoop()).toBe(defaultLoop())
  expect(defaultLoop().isRunning()).toBe(true)
})

test('it is for code outside any run, and for no other', async () => {
  expect(loopForWork()).toBe(defaultLoop())
  const inside = await run(function* () {
    return loopForWork() === getRunningLoop() && loopForWork() !== defaultLoop()
  })
  expect(inside).toBe(true)
})

test('operations can be awaited outside any run', async () => {
  const lock = new Lock()
  expect(await sleep(0, 'slept')).toBe('slept')
  expect(await lock.acquire()).toBe(true)
  const queue = new Queue<string>()
  const got = queue.get()
  createTask(function* () {
    yield* queue.put('item')
  })
  expect(await got).toBe('item')
  expect(await timeout(1000, () => sleep(0, 'in time'))).toBe('in time')
})

test('tasks of either spelling can be started and awaited outside any run', async () => {
  const double = function* (n: number) {
    yield
    return 2 * n
  }
  const results = await gather(createTask(double, 1), async () => {
    await sleep(0)
    return 'async'
  })
  expect(results).toEqual([2, 'async'])
  const sum = await taskGroup(async (group) => {
    const [a, b] = [group.createTask(double, 3), group.createTask(double, 4)]
    return (await a) + (await b)
  })
  expect(sum).toBe(14)
})

test('errors and cancellations arrive outside any run', async () => {
  const failing = createTask(function* () {
    yield
    throw new Error('boom')
  })
  await expect(failing).rejects.toThrow('boom')
  const waiting = createTask(function* () {
    yield* new Event().wait()
  })
  await sleep(0)
  waiting.cancel('enough')
  await expect(waiting).rejects.toMatchObject({ code: 'ABORT_ERR', reason: 'enough' })
})

test('a future made outside is settled by foreign code', async () => {
  const future = new Future<string>()
  setImmediate(() => future.setResult('by a listener'))
  expect(await future).toBe('by a listener')
})

describe('the process', () => {
  const root = fileURLToPath(new URL('../../../..', import.meta.url))

  /** Run a program that uses polvo outside any run, and return what it printed once it has ended by itself. */
  function ended(program: string): Promise<string> {
    const options = ['--conditions=polvo-source', '--no-warnings', '--input-type=module', '--eval', program]
    return new Promise((resolve, reject) => {
      execFile(process.execPath, options, { cwd: root, timeout: 10_000 }, (error, stdout, stderr) => {
        if (error === null) resolve(stdout.trim())
        else reject(new Error(`${error.message}\n${stdout}\n${stderr}`))
      })
    })
  }

  test('ends though the loop was used, and a task of it waits for ever', async () => {
    const printed = await ended(`
      import { createTask, Event, sleep } from 'polvo'
      createTask(function* () { yield* new Event().wait(); console.log('never') })
      sleep(1, 'slept').then(console.log)
      setImmediate(() => console.log('running on'))
    `)
    expect(printed.split('\n')).toEqual(['running on', 'slept'])
  })

  test('does not end while a task of the loop sleeps', async () => {
    const printed = await ended(`
      import { createTask, sleep } from 'polvo'
      createTask(function* () { yield* sleep(1); console.log('slept') })
    `)
    expect(printed).toBe('slept')
  })

  test('does not wait for the grace period of a task that was cancelled', async () => {
    const printed = await ended(`
      import { createTask, Event } from 'polvo'
      const task = createTask(function* () {
        for (;;) try { yield* new Event().wait() } catch { console.log('swallowed') }
      })
      setImmediate(() => task.cancel())
    `)
    expect(printed).toBe('swallowed')
  })
})
