/** Signals that this process, or a program of its own, is sent. */
import { fileURLToPath } from 'node:url'
import {
  ContextVar,
  createTask,
  forEach,
  getRunningLoop,
  InvalidStateError,
  run,
  sleep,
  timeout,
  use,
} from 'polvo'
import { addSignalHandler, createSubprocessExec, PIPE, removeSignalHandler, signals } from 'polvo/node'
import { describe, expect, test } from 'vitest'
import { inBothSpellings, reporting } from '../support/real.ts'

const send = (...names: NodeJS.Signals[]) => {
  for (const name of names) process.kill(process.pid, name)
}
const listeners = () => process.listenerCount('SIGUSR2') + process.listenerCount('SIGHUP')

describe('a signal handler', () => {
  test('is called in a pass of the loop, with its arguments and variables', async () => {
    const name = new ContextVar<string>('name')
    await run(function* () {
      const calls: unknown[] = []
      name.set('outer')
      addSignalHandler(
        'SIGUSR2',
        (...args: string[]) => void calls.push(args, name.get(), getRunningLoop()),
        'a',
        'b',
      )
      name.set('later')
      send('SIGUSR2')
      yield* sleep(50)
      expect(calls).toEqual([['a', 'b'], 'outer', getRunningLoop()])
    })
    expect(listeners()).toBe(0)
  })

  test('is replaced by the next one, and removed', async () => {
    await run(function* () {
      const calls: string[] = []
      process.on('SIGUSR2', ignore)
      addSignalHandler('SIGUSR2', () => void calls.push('first'))
      addSignalHandler('SIGUSR2', () => void calls.push('second'))
      send('SIGUSR2')
      yield* sleep(50)
      expect(removeSignalHandler('SIGUSR2')).toBe(true)
      expect(removeSignalHandler('SIGUSR2')).toBe(false)
      send('SIGUSR2')
      yield* sleep(50)
      process.off('SIGUSR2', ignore)
      expect(calls).toEqual(['second'])
    })
  })

  test('has its errors reported', async () => {
    const { reports } = await reporting(function* () {
      addSignalHandler('SIGUSR2', () => {
        throw new RangeError('boom')
      })
      send('SIGUSR2')
      yield* sleep(50)
    })
    expect(reports).toMatchObject([{ exception: new RangeError('boom') }])
  })

  test('is refused for what is no signal, or cannot be caught', async () => {
    await run(() => {
      expect(() => addSignalHandler('SIGKILL', ignore)).toThrow(/SIGKILL, which cannot be caught/)
      expect(() => addSignalHandler('SIGNONE' as 'SIGHUP', ignore)).toThrow(RangeError)
      expect(() => addSignalHandler('SIGHUP', undefined as never)).toThrow(TypeError)
      expect(() => signals('SIGSTOP')).toThrow(RangeError)
      expect(() => (signals as () => unknown)()).toThrow(RangeError)
    })
    expect(listeners()).toBe(0)
  })
})

function ignore(): void {}

describe('a stream of signals', () => {
  inBothSpellings('gives those that came, each once until it is taken', {
    *generator() {
      const got: string[] = []
      const stream = signals('SIGHUP', 'SIGUSR2')
      send('SIGUSR2', 'SIGUSR2', 'SIGUSR2')
      yield* sleep(50)
      createTask(function* () {
        yield* sleep(20)
        send('SIGHUP')
        yield* sleep(20)
        stream.close()
      })
      yield* timeout(5000, () => forEach(stream, (name) => void got.push(name)))
      expect(got).toEqual(['SIGUSR2', 'SIGHUP'])
      expect(listeners()).toBe(0)
    },
    async async() {
      const got: string[] = []
      const stream = signals('SIGHUP', 'SIGUSR2')
      send('SIGUSR2', 'SIGUSR2', 'SIGUSR2')
      await sleep(50)
      setTimeout(send, 20, 'SIGHUP')
      for await (const name of stream) {
        got.push(name)
        if (name === 'SIGHUP') break
      }
      expect(got).toEqual(['SIGUSR2', 'SIGHUP'])
      expect(listeners()).toBe(0)
    },
  })

  test('loses none to a cancelled wait, and serves one task at a time', async () => {
    await run(function* () {
      yield* use(signals('SIGUSR2'), function* (stream) {
        const waiting = createTask(() => stream.next())
        yield* sleep(0)
        try {
          yield* stream.next()
          throw new Error('two tasks wait')
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidStateError)
        }
        waiting.cancel()
        yield* sleep(0)
        send('SIGUSR2')
        expect(yield* stream.next()).toEqual({ done: false, value: 'SIGUSR2' })
        expect(String(stream)).toBe('<SignalStream SIGUSR2 open>')
      })
    })
    expect(listeners()).toBe(0)
  })

  test('ends with its run', async () => {
    await run(() => void signals('SIGHUP', 'SIGUSR2'))
    expect(listeners()).toBe(0)
  })
})

describe('a program', { timeout: 20_000 }, () => {
  const program = fileURLToPath(new URL('programs/signals.ts', import.meta.url))

  /** Run it, send it signals once it is ready, and return what it prints and how it ends. */
  const runProgram = (name: string, ...sent: NodeJS.Signals[]) =>
    run(() =>
      use(
        createSubprocessExec({ stdout: PIPE }, process.execPath, '--conditions=polvo-source', program, name),
        function* (child) {
          yield* child.stdout.readline()
          for (const signal of sent) {
            yield* sleep(100)
            child.sendSignal(signal)
          }
          const [output] = yield* child.communicate()
          return [String(output), child.returncode]
        },
      ),
    )

  test('gets the signals it asks for', async () => {
    expect(await runProgram('reloads', 'SIGHUP', 'SIGHUP', 'SIGTERM')).toEqual([
      'SIGHUP\nSIGHUP\nSIGTERM\n',
      0,
    ])
  })

  test('that handles a signal itself is not cancelled by main()', async () => {
    expect(await runProgram('handlesItself', 'SIGTERM')).toEqual(['SIGTERM\ndone\n', 0])
  })

  test('is ended by a signal whose handler went with its run', async () => {
    expect(await runProgram('handlerOfARunThatIsOver', 'SIGUSR2')).toEqual(['', -12])
  })
})
