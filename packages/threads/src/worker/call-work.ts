/**
 * Call the function of an order. Coroutines of both spellings run as the main task of a run of their own, which is
 * cancelled with the job; a plain function is simply called. polvo is loaded when there is need of it: it doubles
 * the time a thread takes to start.
 */
import type { CarriedContext } from '../messages.ts'
import type { WorkFunction } from './find-work.ts'

export function callWork(
  fn: WorkFunction,
  args: readonly unknown[],
  context: CarriedContext | null,
  signal: () => AbortSignal,
): unknown {
  const isPlain = !isCoroutineFunction(fn)
  if (isPlain && context === null) return awaitIfCoroutine(fn(...args), signal)
  return callWithPolvo(fn, args, context ?? [], isPlain, signal)
}

/** A plain function may return a coroutine that it was given, or made. */
function awaitIfCoroutine(result: unknown, signal: () => AbortSignal): unknown {
  if (!isGenerator(result)) return result
  return import('polvo').then(({ run }) => run(result as never, { signal: signal() }))
}

async function callWithPolvo(
  fn: WorkFunction,
  args: readonly unknown[],
  values: CarriedContext,
  isPlain: boolean,
  signal: () => AbortSignal,
): Promise<unknown> {
  const [{ Context, Runner }, { contextVarsNamed }] = await Promise.all([
    import('polvo'),
    import('polvo/lowlevel'),
  ])
  const context = new Context()
  context.run(() => {
    for (const [name, value] of values) for (const variable of contextVarsNamed(name)) variable.set(value)
  })
  const result = isPlain ? context.run(fn, ...args) : undefined
  if (isPlain && !isGenerator(result)) return result
  const runner = new Runner()
  try {
    const target = isPlain ? (result as never) : () => fn(...args)
    return await runner.run(target, { context, signal: signal() })
  } finally {
    await runner.close()
  }
}

function isCoroutineFunction(fn: WorkFunction): boolean {
  const tag = Object.prototype.toString.call(fn)
  return tag === '[object AsyncFunction]' || tag === '[object GeneratorFunction]'
}

function isGenerator(value: unknown): boolean {
  return Object.prototype.toString.call(value) === '[object Generator]'
}
