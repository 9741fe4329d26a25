/** Processes that play programs. Each takes one program in a line of JSON, and gives back its trace in another. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Program } from './program.ts'
import type { Spelling } from './spellings.ts'

/** How long a single program may take. */
const LIMIT = 10_000

interface Request {
  /** The program, as a line. */
  readonly line: string
  readonly resolve: (trace: string[]) => void
  readonly reject: (error: Error) => void
}

/** Who can say what the trace of a program is. */
export interface Player {
  traceOf(program: Program): Promise<string[]>
  close(): void
}

/**
 * Plays programs in a process, in the order in which they are given. Where a program ends the process, or does not come to
 * an end, that is its trace, and a new process goes on with the next.
 */
export class Interpreter implements Player {
  readonly #command: string
  readonly #args: readonly string[]
  #process: ChildProcessWithoutNullStreams | null = null
  /** Whether it has said that it is. Where it ends before that, no program is to blame. */
  #isReady = false
  /** The oldest is the one being played. */
  #requests: Request[] = []
  #limit: NodeJS.Timeout | undefined

  constructor(command: string, ...args: readonly string[]) {
    this.#command = command
    this.#args = args
  }

  static cpython(interpreter: string): Interpreter {
    return new Interpreter(interpreter, join(import.meta.dirname, 'oracle.py'))
  }

  static polvo(spelling: Spelling): Interpreter {
    const file = join(import.meta.dirname, 'player.ts')
    return new Interpreter(process.execPath, ...process.execArgv, file, spelling)
  }

  /** @throws Error where the process does not work at all. */
  traceOf(program: Program): Promise<string[]> {
    return new Promise((resolve, reject) => {
      const request = { line: `${JSON.stringify(program)}\n`, resolve, reject }
      this.#requests.push(request)
      if (this.#process === null) this.#start()
      else this.#process.stdin.write(request.line)
      if (this.#requests.length === 1) this.#watch()
    })
  }

  /** End the process. Another one is started where a program follows. */
  close(): void {
    clearTimeout(this.#limit)
    this.#process?.kill('SIGKILL')
    this.#process = null
  }

  #start(): void {
    const child = spawn(this.#command, this.#args)
    this.#process = child
    this.#isReady = false
    createInterface(child.stdout).on('line', (line) => {
      if (child === this.#process) this.#answered(line)
    })
    let complaint = ''
    child.stderr.on('data', (text) => {
      complaint += text
    })
    child.stdin.on('error', () => {}) // The process has ended, and that is dealt with where it is heard of.
    child.on('error', (error) => this.#ended(child, error.message))
    child.on('close', (status, signal) => this.#ended(child, `${signal ?? `status ${status}`} ${complaint}`))
    for (const { line } of this.#requests) child.stdin.write(line)
  }

  #answered(line: string): void {
    if (this.#isReady) this.#requests.shift()?.resolve(JSON.parse(line))
    this.#isReady = true
    this.#watch()
  }

  /** Begin to count the time of the oldest request. */
  #watch(): void {
    clearTimeout(this.#limit)
    const child = this.#process
    if (this.#requests.length === 0 || child === null) return
    this.#limit = setTimeout(() => {
      child.kill('SIGKILL')
      this.#ended(child, `after ${LIMIT / 1000} s`)
    }, LIMIT)
  }

  #ended(child: ChildProcessWithoutNullStreams, how: string): void {
    if (child !== this.#process) return
    this.close()
    if (!this.#isReady) {
      const error = new Error(`${this.#command} ${this.#args.join(' ')} does not work: ${how}`)
      for (const { reject } of this.#requests.splice(0)) reject(error)
      return
    }
    this.#requests.shift()?.resolve([`the process was ended: ${how.trim()}`])
    if (this.#requests.length === 0) return
    this.#start()
    this.#watch()
  }
}
