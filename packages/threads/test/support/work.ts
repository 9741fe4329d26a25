/** What the tests have done in workers. */
import { createHash } from 'node:crypto'
import { threadId } from 'node:worker_threads'
import { threadSignal, transfer } from '@polvo/threads'
import { ContextVar, type Coroutine, sleep } from 'polvo'

export const user = new ContextVar<string>('user', { default: 'nobody' })

export function add(a: number, b: number): number {
  return a + b
}

export function double(n: number): number {
  return 2 * n
}

export function failAtTwo(n: number): number {
  if (n === 2) throw new Error('two')
  return n
}

export function hash(data: string): string {
  return createHash('sha256').update(data).digest('hex')
}

export async function greet(): Promise<string> {
  await sleep(1)
  return `hello ${user.get()}`
}

export function greetNow(): string {
  return `hello ${user.get()}`
}

export function* slowly(ms: number, value: string): Coroutine<string> {
  yield* sleep(ms)
  return value
}

/** Who runs this: the thread, or the process. */
export function whoAmI(): number {
  return threadId === 0 ? process.pid : threadId
}

/** Turn until told to stop, in a loop that never awaits. Says how often it asked. */
export function spinUntilCancelled(started: Int32Array | null): number {
  let turns = 0
  if (started !== null) Atomics.store(started, 0, 1)
  while (!threadSignal().aborted) turns++
  return turns
}

/** Turn for some milliseconds, whatever anybody says. */
export function spin(ms: number): number {
  const end = performance.now() + ms
  let turns = 0
  while (performance.now() < end) turns++
  return turns
}

/** Write 1 into the cell, await in polvo, and write 2 in the clean-up. */
export async function awaitThenCleanUp(cell: Int32Array): Promise<void> {
  Atomics.store(cell, 0, 1)
  try {
    await sleep(60_000)
  } finally {
    await sleep(5)
    Atomics.store(cell, 0, 2)
  }
}

export function failInCleanUp(cell: Int32Array): void {
  Atomics.store(cell, 0, 1)
  while (!threadSignal().aborted);
  throw new RangeError('the clean-up failed')
}

export class TooHot extends Error {
  readonly degrees = 451
  readonly code = 'TOO_HOT'
}

export function burn(): never {
  throw new TooHot('paper burns', { cause: new RangeError('at 451') })
}

export function throwPlain(): never {
  throw { plain: true }
}

export function exit(code: number): void {
  process.exit(code)
}

export async function failLater(): Promise<void> {
  setTimeout(() => {
    throw new RangeError('nobody catches this')
  }, 1)
  await sleep(10_000)
}

export function failWhenDone(): void {
  setTimeout(() => {
    throw new RangeError('nobody waits')
  }, 1)
}

export function eatMemory(): number {
  const eaten: unknown[] = []
  for (;;) eaten.push(new Array(100_000).fill(Math.random()))
}

export function sum(numbers: Float64Array): number {
  return numbers.reduce((a, b) => a + b, 0)
}

export function makeBuffer(bytes: number): ArrayBuffer {
  return transfer(new ArrayBuffer(bytes))
}

export function returnFunction(): unknown {
  return () => 1
}

let calls = 0
export function countCalls(): number {
  return ++calls
}

export async function whoAmISlowly(ms: number): Promise<number> {
  await sleep(ms)
  return whoAmI()
}
