/** Child processes, of Node itself and of the shell. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Coroutine,
  createTask,
  getRunningLoop,
  InvalidStateError,
  isCancelled,
  moveOnAfter,
  run,
  sleep,
  taskGroup,
  timeout,
  use,
} from 'polvo'
import {
  createSubprocessExec,
  createSubprocessShell,
  DEVNULL,
  PIPE,
  type Process,
  partialOutput,
  STDOUT,
  type SubprocessOptions,
} from 'polvo/node'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { seeded } from '../support/random.ts'
import { eventually, inBothSpellings, isAlive, openFiles, processTree } from '../support/real.ts'

const PIPES = { stdin: PIPE, stdout: PIPE, stderr: PIPE } as const

let folder = ''
let filesBefore = 0
let processesBefore: number[] = []

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'polvo-subprocess-'))
  // The first child of a process opens what the system needs to hear of children.
  await run(function* () {
    yield* (yield* createSubprocessShell('true')).wait()
  })
  filesBefore = openFiles()
  processesBefore = processTree(process.pid)
})

afterAll(async () => {
  rmSync(folder, { recursive: true })
  expect(await eventually(() => openFiles() <= filesBefore)).toBe(true)
  expect(processTree(process.pid)).toEqual(processesBefore)
})

const shell = (command: string, options: SubprocessOptions = {}) =>
  createSubprocessShell(command, { ...PIPES, ...options })

/** One that says when it is ready, ignores SIGTERM, and would run for a minute. */
const STUBBORN = "trap '' TERM; echo ready; while :; do sleep 60; done"

function* ready(child: Process): Coroutine {
  expect(String(yield* child.stdout.readline())).toBe('ready\n')
}

describe('a subprocess', { timeout: 30_000 }, () => {
  inBothSpellings('is given input, and its output and exit status are waited for', {
    *generator() {
      const child = yield* createSubprocessExec(PIPES, 'sh', '-c', 'tr a-z A-Z; echo oops >&2; exit 3')
      expect(child.pid).toBeGreaterThan(0)
      expect(child.returncode).toBe(null)
      const [stdout, stderr] = yield* child.communicate('hello')
      expect([String(stdout), String(stderr)]).toEqual(['HELLO', 'oops\n'])
      expect(child.returncode).toBe(3)
      expect(yield* child.wait()).toBe(3)
    },
    async async() {
      const child = await createSubprocessExec(PIPES, 'sh', '-c', 'tr a-z A-Z; echo oops >&2; exit 3')
      const [stdout, stderr] = await child.communicate(Buffer.from('hello'))
      expect([String(stdout), String(stderr)]).toEqual(['HELLO', 'oops\n'])
      expect(await child.wait()).toBe(3)
    },
  })

  inBothSpellings('is talked to line by line', {
    *generator() {
      yield* use(shell('while read line; do echo "got $line"; done'), function* (child) {
        for (const word of ['a', 'b']) {
          child.stdin.write(`${word}\n`)
          expect(String(yield* child.stdout.readline())).toBe(`got ${word}\n`)
        }
        child.stdin.close()
        expect(yield* child.wait()).toBe(0)
      })
    },
    async async() {
      await using child = await shell('while read line; do echo "got $line"; done')
      for (const word of ['a', 'b']) {
        child.stdin.write(`${word}\n`)
        expect(String(await child.stdout.readline())).toBe(`got ${word}\n`)
      }
      child.stdin.close()
      expect(await child.wait()).toBe(0)
    },
  })

  test('that was ended by a signal has its number, negative', async () => {
    await run(function* () {
      for (const [end, returncode] of [
        [(child: Process) => child.terminate(), -15],
        [(child: Process) => child.kill(), -9],
        [(child: Process) => child.sendSignal('SIGHUP'), -1],
      ] as const) {
        const child = yield* createSubprocessExec('sleep', '60')
        expect(end(child)).toBe(true)
        expect(yield* child.wait()).toBe(returncode)
        expect(end(child)).toBe(false)
        expect(String(child)).toBe(`<Process ${child.pid} sleep returncode=${returncode}>`)
      }
    })
  })

  test('moves megabytes through its pipes in both directions', async () => {
    const input = Buffer.alloc(5_000_000, 'polvo ')
    const [output] = await run(function* () {
      return yield* (yield* shell('cat')).communicate(input)
    })
    expect(output.equals(input)).toBe(true)
  })

  test('that does not read its input is no error', async () => {
    await run(function* () {
      const child = yield* shell('exec <&-; echo done')
      const [output] = yield* child.communicate(Buffer.alloc(1_000_000))
      expect(String(output)).toBe('done\n')
    })
  })

  test('may write both outputs to one pipe, in the order it wrote them', async () => {
    await run(function* () {
      const command = 'for i in 1 2 3; do echo out $i; echo err $i >&2; done'
      const lines = 'out 1\nerr 1\nout 2\nerr 2\nout 3\nerr 3\n'
      const options = { stdout: PIPE, stderr: STDOUT } as const
      for (const make of [
        () => createSubprocessShell(command, options),
        () => createSubprocessExec(options, 'sh', '-c', command),
        () => createSubprocessExec(options, '/bin/sh', '-c', command),
      ]) {
        const [stdout, stderr] = yield* (yield* make()).communicate()
        expect([String(stdout), String(stderr)]).toEqual([lines, ''])
      }
    })
  })

  test('runs in the directory and environment it is given, its output where it is told', async () => {
    await run(function* () {
      const options = {
        ...PIPES,
        stderr: DEVNULL,
        cwd: folder,
        env: { GREETING: 'hi', PATH: process.env.PATH },
      }
      const child = yield* shell('pwd; echo $GREETING; echo lost >&2', options)
      const [stdout] = yield* child.communicate()
      expect(String(stdout)).toMatch(/polvo-subprocess-.*\nhi\n$/)
      expect(() => child.stderr).toThrow(InvalidStateError)
      expect(() => child.stderr).toThrow(/Create it with \{ stderr: PIPE \}/)
    })
  })

  test('is not told apart by arguments that look like shell', async () => {
    await run(function* () {
      const child = yield* createSubprocessExec({ stdout: PIPE, stderr: STDOUT }, 'echo', '$HOME; *', "it's")
      expect(String((yield* child.communicate())[0])).toBe("$HOME; * it's\n")
    })
  })
})

describe('a program that cannot be run', () => {
  const errorOf = (make: () => PromiseLike<Process>) =>
    run(async () => {
      try {
        return await make()
      } catch (error) {
        return error
      }
    })

  test.each([PIPES, { stdout: PIPE, stderr: STDOUT } as const])('is named (%j)', async (options) => {
    expect(await errorOf(() => createSubprocessExec(options, 'no-such-program'))).toMatchObject({
      code: 'ENOENT',
      message: 'There is no program "no-such-program" in the PATH.',
    })
    expect(await errorOf(() => createSubprocessExec(options, '/no/such/program'))).toMatchObject({
      code: 'ENOENT',
      message: 'There is no program "/no/such/program".',
    })
    expect(await errorOf(() => createSubprocessExec({ ...options, cwd: '/no/dir' }, 'true'))).toMatchObject({
      code: 'ENOENT',
      message: '"true" cannot be run in "/no/dir": there is no such directory.',
    })
    const file = join(folder, 'data')
    writeFileSync(file, '')
    expect(await errorOf(() => createSubprocessExec(options, file))).toMatchObject({
      code: 'EACCES',
      message: `${JSON.stringify(file)} may not be run.`,
    })
  })

  test('because of its interpreter says that', async () => {
    const file = join(folder, 'script')
    writeFileSync(file, '#!/no/such/interpreter\n', { mode: 0o755 })
    expect(String(await errorOf(() => createSubprocessExec(file)))).toContain('what its first line names')
  })

  test('because it is none is refused at once', () => {
    expect(() => createSubprocessExec('')).toThrow(TypeError)
    expect(() => createSubprocessExec('ls', 7 as never)).toThrow(/as strings, and was given 7/)
    expect(() => createSubprocessShell(undefined as never)).toThrow(TypeError)
    expect(() => createSubprocessShell('ls', { killAfter: -1 })).toThrow(RangeError)
  })
})

describe('communicate', { timeout: 30_000 }, () => {
  test('that is cancelled loses nothing: the process goes on, and a second call returns everything', async () => {
    await run(function* () {
      const child = yield* shell('echo early; echo warning >&2; read line; echo late')
      let caught: unknown
      try {
        yield* timeout(300, () => child.communicate())
      } catch (error) {
        caught = error
      }
      // Without input its stdin was closed: it ends.
      expect(caught).toBe(undefined)

      const other = yield* shell('echo early; echo warning >&2; sleep 1; echo late')
      try {
        yield* timeout(300, () => other.communicate())
      } catch (error) {
        caught = error
      }
      expect(String(partialOutput(caught)?.stdout)).toBe('early\n')
      expect(String(partialOutput(caught)?.stderr)).toBe('warning\n')
      expect(other.returncode).toBe(null)
      const [stdout, stderr] = yield* other.communicate()
      expect([String(stdout), String(stderr)]).toEqual(['early\nlate\n', 'warning\n'])
    })
  })

  test('takes no input without a pipe, and other errors have no output', async () => {
    await run(async () => {
      const child = await createSubprocessExec({ stdin: DEVNULL }, 'true')
      await expect(Promise.resolve(child.communicate('x'))).rejects.toThrow(InvalidStateError)
      expect(partialOutput(new Error('another'))).toBe(undefined)
      expect(await child.communicate()).toEqual([Buffer.alloc(0), Buffer.alloc(0)])
    })
  })
})

describe('the end of a subprocess', { timeout: 30_000 }, () => {
  inBothSpellings('comes when it is left, and is waited for', {
    *generator() {
      const child = yield* use(createSubprocessExec('sleep', '60'), (child) => ({ child }))
      expect(child.child.returncode).toBe(-15)
    },
    async async() {
      let child: Process | undefined
      {
        await using scoped = await createSubprocessExec('sleep', '60')
        child = scoped
      }
      expect(child.returncode).toBe(-15)
    },
  })

  test('is SIGKILL for one that ignores SIGTERM, after its time', async () => {
    await run(function* () {
      const loop = getRunningLoop()
      const child = yield* shell(STUBBORN, { killAfter: 200 })
      yield* ready(child)
      const before = loop.time()
      yield* child[Symbol.asyncDispose]()
      expect(loop.time() - before).toBeGreaterThanOrEqual(199)
      expect(loop.time() - before).toBeLessThan(10_000)
      expect(child.returncode).toBe(-9)
    })
  })

  test('comes for what it has started as well', async () => {
    const grandchildren = await run(function* () {
      const child = yield* shell(`sh -c "${STUBBORN}" & sleep 60 & echo $!; wait`, { killAfter: 200 })
      const lines = [yield* child.stdout.readline(), yield* child.stdout.readline()].map(String)
      expect(lines).toContain('ready\n')
      const pid = Number(lines.find((line) => line !== 'ready\n'))
      const tree = processTree(child.pid)
      yield* child[Symbol.asyncDispose]()
      return [pid, child.pid, ...tree]
    })
    expect(grandchildren.length).toBeGreaterThanOrEqual(process.platform === 'linux' ? 5 : 2)
    expect(await eventually(() => !grandchildren.some(isAlive))).toBe(true)
  })

  test('that it comes to by itself is also that of what it has left behind', async () => {
    const pid = await run(function* () {
      const child = yield* shell('sleep 60 >/dev/null 2>&1 & echo $!')
      const [stdout] = yield* child.communicate()
      return Number(stdout)
    })
    expect(await eventually(() => !isAlive(pid))).toBe(true)
  })

  test.each(['cancelled', 'failed'])('comes when the task that made it is %s', async (how) => {
    await run(function* () {
      let child: Process | undefined
      const owner = createTask(function* () {
        child = yield* createSubprocessExec('sleep', '60')
        if (how === 'failed') throw new RangeError('boom')
        yield* child.wait()
      })
      yield* sleep(50)
      owner.cancel()
      yield* sleep(200)
      expect(how === 'failed' ? owner.exception() : owner.cancelled()).toBeTruthy()
      expect(child?.returncode).toBe(-15)
    })
  })

  test('does not come when the task that made it hands it over', async () => {
    await run(function* () {
      const child = yield* createTask(() => shell('read line; echo $line'))
      yield* sleep(50)
      expect(child.returncode).toBe(null)
      expect(String((yield* child.communicate('still here\n'))[0])).toBe('still here\n')
    })
  })

  test('comes with the end of the run', async () => {
    const child = await run(function* () {
      const child = yield* shell(STUBBORN, { killAfter: 100 })
      yield* ready(child)
      return { child }
    })
    expect(child.child.returncode).toBe(-9)
  })

  test('comes at once when whoever leaves it loses patience', async () => {
    await run(function* () {
      const loop = getRunningLoop()
      const child = yield* shell(STUBBORN, { killAfter: 60_000 })
      yield* ready(child)
      const before = loop.time()
      expect(yield* moveOnAfter(100, () => child[Symbol.asyncDispose]())).toBe(undefined)
      expect(loop.time() - before).toBeLessThan(10_000)
      expect(child.returncode).toBe(-9)
    })
  })

  test('comes even where this program ends without notice', async () => {
    const pidFile = join(folder, 'pid')
    const program = `
      import { writeFileSync } from 'node:fs'
      import { run } from 'polvo'
      import { createSubprocessShell } from 'polvo/node'
      await run(async () => {
        const child = await createSubprocessShell('trap "" TERM; sleep 60 & wait')
        writeFileSync(${JSON.stringify(pidFile)}, String(child.pid))
        setTimeout(() => process.exit(7), 100)
        await child.wait()
      })`
    await run(function* () {
      const node = yield* createSubprocessExec(
        { ...PIPES, cwd: import.meta.dirname },
        process.execPath,
        '--conditions=polvo-source',
        '--input-type=module',
        '-e',
        program,
      )
      yield* node.communicate()
      expect(node.returncode).toBe(7)
    })
    const pid = Number(readFileSync(pidFile, 'utf8'))
    expect(await eventually(() => !isAlive(pid))).toBe(true)
  })

  test('leaves a program in the same session alone with what it has started', async () => {
    await run(function* () {
      const child = yield* shell('sleep 60', { startNewSession: false })
      yield* child[Symbol.asyncDispose]()
      expect(child.returncode).toBe(-15)
    })
  })

  test.each([1, 2])('comes for a hundred at once, cancelled at random (seed %i)', async (seed) => {
    const random = seeded(seed)
    const pids: number[] = []
    await run(function* () {
      yield* taskGroup(function* (group) {
        const tasks = Array.from({ length: 100 }, () =>
          group.createTask(function* () {
            const child = yield* shell('echo ready; cat', { killAfter: 500 })
            pids.push(child.pid)
            yield* use(child, function* () {
              yield* ready(child)
              yield* sleep(random() * 200)
              if (random() < 0.3) child.kill()
              yield* child.communicate('x')
            })
          }),
        )
        for (const task of tasks) {
          if (random() < 0.2) yield* sleep(random() * 40)
          if (random() < 0.7) task.cancel()
        }
        for (const task of tasks) {
          yield* moveOnAfter(10_000, () => untilDone(task))
          if (!task.done()) throw new Error('hangs')
        }
      })
    })
    expect(pids.length).toBeGreaterThan(10)
    expect(pids.filter(isAlive)).toEqual([])
  })
})

function* untilDone(task: PromiseLike<unknown> & { done(): boolean }): Coroutine {
  try {
    while (!task.done()) yield* sleep(5)
  } catch (error) {
    if (!isCancelled(error)) throw error
  }
}
