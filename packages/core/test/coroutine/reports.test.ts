/** What nobody awaited, and what nobody looked at. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type Coroutine, call, createTask, Future, gather, getRunningLoop, sleep, timeout } from 'polvo'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { bothSpellings, traceOf } from '../support/traces.ts'

const neverAwaited = (what: string) =>
  `report: ${what} was created and never awaited, so it did nothing. Write \`yield* ${what}\` or \`await ${what}\`.`

describe('an operation that nobody awaited is reported by name when the run ends', () => {
  bothSpellings('sleep', ['done', neverAwaited('sleep(5)')], {
    *generator(print) {
      sleep(5)
      yield* sleep(1)
      print('done')
    },
    async async(print) {
      sleep(5)
      await sleep(1)
      print('done')
    },
  })

  async function fetchPage(url: string) {
    return url
  }

  bothSpellings('call', [neverAwaited('fetchPage("/index")')], {
    *generator() {
      call(fetchPage, '/index')
    },
    async async() {
      call(fetchPage, '/index')
    },
  })

  bothSpellings('timeout', [neverAwaited('timeout(5)')], {
    *generator() {
      timeout(5, () => sleep(1))
      yield* sleep(1)
    },
    async async() {
      timeout(5, () => sleep(1))
      await sleep(1)
    },
  })

  bothSpellings('but not one that is awaited later', ['later'], {
    *generator(print) {
      const nap = sleep(5, 'later')
      yield* sleep(100)
      print(yield* nap)
    },
    async async(print) {
      const nap = sleep(5, 'later')
      await sleep(100)
      print(await nap)
    },
  })

  bothSpellings('nor one that was closed', [], {
    *generator() {
      call(fetchPage, '/index').close()
    },
    async async() {
      call(fetchPage, '/index').close()
    },
  })
})

describe('a failure that nobody looked at', () => {
  let warnings: string[] = []
  const onWarning = (warning: Error) => warnings.push(warning.message)
  beforeAll(() => process.on('warning', onWarning))
  afterAll(() => process.off('warning', onWarning))
  afterEach(() => {
    warnings = []
  })

  function* boom(): Coroutine<never> {
    yield
    throw new Error('boom')
  }

  test('is warned about when the loop goes idle, and reported when the run ends', async () => {
    const trace = await traceOf(function* (print) {
      createTask({ name: 'careless' }, boom)
      yield* sleep(50)
      print('main done')
    })
    expect(trace).toEqual([
      'main done',
      "report: Task exception was never retrieved: <Task finished name='careless' exception=Error: boom> Error",
    ])
    await new Promise(setImmediate)
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toMatch(/name='careless'.*Error: boom.*nothing waits for it/)
  })

  test('may be looked at late: a warning, but no report', async () => {
    const trace = await traceOf(function* (print) {
      const task = createTask(boom)
      yield* sleep(50)
      try {
        yield* task
      } catch (error) {
        print('caught politely', error)
      }
    })
    expect(trace).toEqual(['caught politely Error'])
    await new Promise(setImmediate)
    expect(warnings).toHaveLength(1)
  })

  test('is reported when the task is collected', async () => {
    setFlagsFromString('--expose-gc')
    const gc = runInNewContext('gc') as () => void
    const trace = await traceOf(
      async (print) => {
        const reported = new Promise<void>((resolve) => {
          getRunningLoop().setExceptionHandler((_, { message, exception }) => {
            print(message.replace(/Task-\d+/, 'Task-N'), exception)
            resolve()
          })
        })
        createTask(boom)
        await sleep(50)
        const collect = setInterval(gc, 5)
        await reported
        clearInterval(collect)
      },
      { io: true },
    )
    expect(trace[0]).toMatch(/^Task exception was never retrieved: <Task finished name='Task-N'.*Error$/)
  })

  test('is no failure when it is a cancellation, or somebody waits', async () => {
    const trace = await traceOf(function* (print) {
      createTask(sleep(1000)).cancel()
      const [error] = yield* gather({ returnExceptions: true }, createTask(boom))
      print(error)
      const future = new Future()
      future.cancel()
      yield* sleep(50)
    })
    expect(trace).toEqual(['Error'])
    expect(warnings).toEqual([])
  })
})
