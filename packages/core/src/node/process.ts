/**
 * A child process. It is looked after by a task, which ends it, and what it has brought with it, when it is to end.
 *
 * | state   | is true                                                           | next           | moved by                         |
 * |---------|-------------------------------------------------------------------|----------------|----------------------------------|
 * | running | its task waits for its exit                                       | ending, exited | itself, whoever leaves or cancels |
 * | ending  | it, and its group, were sent SIGTERM, and have `killAfter` ms     | exited         | itself, SIGKILL                  |
 * | exited  | `returncode` is known; what is left of its group is being ended   | gone           | its task                         |
 * | gone    | nothing is left of it                                             | –              | –                                |
 */
import type { ChildProcess } from 'node:child_process'
import type { Socket } from 'node:net'
import { constants } from 'node:os'
import { Call } from '../coroutine/call.ts'
import { sleep } from '../coroutine/sleep.ts'
import { Subscription } from '../coroutine/subscription.ts'
import type { Awaitable, Coroutine } from '../coroutine/types.ts'
import { DONE } from '../coroutine/waitable.ts'
import { InvalidStateError, isCancelled } from '../errors.ts'
import { inspectKey } from '../host/inspect.ts'
import { loopForWork } from '../loop/default-loop.ts'
import { taskGroup } from '../structured/task-group.ts'
import { moveOnAfter } from '../structured/timeout.ts'
import { wait } from '../structured/wait.ts'
import { Event } from '../sync/event.ts'
import { currentTask, startTask } from '../tasks/create-task.ts'
import type { Task } from '../tasks/task.ts'
import { feedFrom } from './connection.ts'
import { ProcessGroup } from './process-group.ts'
import { StreamReader } from './stream-reader.ts'
import { StreamWriter } from './stream-writer.ts'

export interface ProcessSetup {
  readonly name: string
  readonly limit: number | undefined
  readonly killAfter: number
  readonly hasOwnGroup: boolean
}

/** What a process wrote before its `communicate` was cancelled. */
export interface PartialOutput {
  /** Empty where it is no pipe. */
  readonly stdout: Buffer
  /** Empty where it is no pipe. */
  readonly stderr: Buffer
}

/**
 * A child process, made by `createSubprocessExec` or `createSubprocessShell`. As a resource it is ended when it is left: SIGTERM,
 * then SIGKILL, to it and to the processes it has started. The same happens when the task that made it is cancelled or fails, and
 * at the end of the run.
 */
export class Process implements AsyncDisposable {
  /** The number the system knows it by. */
  readonly pid: number
  readonly #child: ChildProcess
  readonly #setup: ProcessSetup
  readonly #group: ProcessGroup
  readonly #exited = new Event()
  readonly #stdin: StreamWriter | null
  readonly #stdout: StreamReader | null
  readonly #stderr: StreamReader | null
  readonly #task: Task
  #returncode: number | null = null

  /** @internal */
  constructor(child: ChildProcess, setup: ProcessSetup) {
    this.pid = child.pid as number
    this.#child = child
    this.#setup = setup
    this.#group = new ProcessGroup(this.pid, setup.hasOwnGroup)
    this.#stdin = child.stdin === null ? null : new StreamWriter(child.stdin as Socket)
    this.#stdout = this.#readerOf(child.stdout)
    this.#stderr = this.#readerOf(child.stderr)
    child.once('exit', this.#onExit)
    const loop = loopForWork()
    this.#task = startTask('createSubprocess', loop, null, { name: setup.name, eager: true }, [
      this.#supervise(),
    ])
    const owner = currentTask()
    if (owner === null) return
    const watch = new Subscription(loop, owner, () => this.#ownerEnded(owner))
    new Subscription(loop, this.#task, () => watch.end())
  }

  #readerOf(pipe: ChildProcess['stdout']): StreamReader | null {
    if (pipe === null) return null
    const reader = new StreamReader({ limit: this.#setup.limit })
    feedFrom(pipe, reader)
    return reader
  }

  readonly #onExit = (code: number | null, signal: NodeJS.Signals | null): void => {
    this.#returncode = code ?? -constants.signals[signal as NodeJS.Signals]
    this.#group.leaderExited()
    this.#exited.set()
  };

  // ---------------------------------------------------------------- its end

  *#supervise(): Coroutine {
    try {
      yield* this.#exited.wait()
    } finally {
      yield* this.#end()
    }
  }

  /** However often it is cancelled meanwhile, nobody is left; only, there is less patience. */
  *#end(): Coroutine {
    try {
      if (!this.#group.isAlive()) return
      this.#group.signal('SIGTERM')
      yield* moveOnAfter(this.#setup.killAfter, () => this.#untilGone())
    } finally {
      this.#group.destroy()
      yield* this.#exited.wait()
    }
  }

  *#untilGone(): Coroutine {
    yield* this.#exited.wait()
    for (let n = 0; this.#group.isAlive(); n++) yield* sleep(ProcessGroup.pollMs(n))
  }

  /** One that has returned may have handed the process on: then it is the run's. */
  #ownerEnded(owner: Task): void {
    if (owner._state !== DONE) this.#task.cancel(`${owner._describe()}, which made the process, has ended`)
  }

  /** End the process and what it has started, and wait for that: SIGTERM, then SIGKILL. Cancelled, it is SIGKILL at once. */
  [Symbol.asyncDispose](): Awaitable<void> {
    return new Call(this.#dispose, [], 'process[Symbol.asyncDispose]', 0, this)
  }

  *#dispose(): Coroutine {
    try {
      this.#task.cancel('the process was left')
      yield* wait([this.#task])
    } finally {
      if (!this.#task.done()) {
        this.#group.destroy()
        yield* wait([this.#task])
      }
      for (const pipe of [this.#child.stdin, this.#child.stdout, this.#child.stderr]) pipe?.destroy()
    }
  }

  // ---------------------------------------------------------------- its pipes

  /** Writes to the process. @throws InvalidStateError where its `stdin` is not PIPE. */
  get stdin(): StreamWriter {
    return this.#stdin ?? this.#noPipe('stdin')
  }

  /** What the process writes. @throws InvalidStateError where its `stdout` is not PIPE. */
  get stdout(): StreamReader {
    return this.#stdout ?? this.#noPipe('stdout')
  }

  /** What the process writes to stderr. @throws InvalidStateError where its `stderr` is not PIPE. */
  get stderr(): StreamReader {
    return this.#stderr ?? this.#noPipe('stderr')
  }

  #noPipe(name: string): never {
    throw new InvalidStateError(`${name} of ${this} is no pipe. Create it with { ${name}: PIPE }.`)
  }

  /**
   * Write `input` to the process and close its stdin, read its output to the end, and wait for its exit. Returns stdout and stderr,
   * empty where they are no pipes. A process that reads none of its input is no error. A checkpoint.
   *
   * Cancelled, the process goes on, and nothing is lost: what it wrote is in `partialOutput(error)`, and a second call, without
   * input, returns everything.
   */
  communicate(input?: string | Uint8Array): Awaitable<[stdout: Buffer, stderr: Buffer]> {
    return new Call(this.#communicate, [input], 'process.communicate', 0, this)
  }

  *#communicate(input: string | Uint8Array | undefined): Coroutine<[Buffer, Buffer]> {
    const [stdin, stdout, stderr] = [this.#stdin, this.#stdout, this.#stderr]
    if (stdin === null && input !== undefined) this.#noPipe('stdin')
    try {
      yield* taskGroup((group) => {
        if (stdin !== null && !stdin.isClosing()) group.createTask(feed, stdin, input)
        for (const reader of [stdout, stderr]) if (reader !== null) group.createTask(reader._untilOver())
      })
      yield* this.#exited.wait()
    } catch (error) {
      if (isCancelled(error)) outputs.set(error, { stdout: peek(stdout), stderr: peek(stderr) })
      throw error
    }
    return [
      stdout === null ? NOTHING : yield* stdout.read(),
      stderr === null ? NOTHING : yield* stderr.read(),
    ]
  }

  // ---------------------------------------------------------------- the process itself

  /** What it exited with: its status, or the number of the signal that ended it, negative; null while it runs. */
  get returncode(): number | null {
    return this.#returncode
  }

  /**
   * Wait for its exit, and return its `returncode`. A process that writes to pipes nobody reads may never exit; see `communicate`.
   * A checkpoint only where it waits. Any number of tasks may wait; cancelling changes nothing.
   */
  wait(): Awaitable<number> {
    return new Call(this.#wait, [], 'process.wait', 0, this)
  }

  *#wait(): Coroutine<number> {
    yield* this.#exited.wait()
    return this.#returncode as number
  }

  /** Send it a signal, and only itself. Returns false where it has exited. */
  sendSignal(signal: NodeJS.Signals | number): boolean {
    return this.#returncode === null && this.#child.kill(signal)
  }

  /** Ask it to end: SIGTERM. Returns false where it has exited. */
  terminate(): boolean {
    return this.sendSignal('SIGTERM')
  }

  /** End it: SIGKILL. Returns false where it has exited. */
  kill(): boolean {
    return this.sendSignal('SIGKILL')
  }

  toString(): string {
    const state = this.#returncode === null ? 'running' : `returncode=${this.#returncode}`
    return `<Process ${this.pid} ${this.#setup.name} ${state}>`
  }

  [inspectKey](): string {
    return this.toString()
  }
}

const NOTHING = Buffer.alloc(0)
const outputs = new WeakMap<object, PartialOutput>()

/** What a process had written when its `communicate` was cancelled, by the error it threw or one that was caused by that. */
export function partialOutput(error: unknown): PartialOutput | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const output = outputs.get(cause)
    if (output !== undefined) return output
  }
  return undefined
}

function peek(reader: StreamReader | null): Buffer {
  return reader === null ? NOTHING : reader._bytes.peek()
}

/** A process need not read all of its input: it may be gone. */
function* feed(stdin: StreamWriter, input: string | Uint8Array | undefined): Coroutine {
  try {
    if (input !== undefined) stdin.write(input)
    yield* stdin.drain()
  } catch (error) {
    if (isCancelled(error)) throw error
  }
  stdin.close()
}
