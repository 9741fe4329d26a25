import { misuse } from '../errors.ts'
import { brief } from '../host/inspect.ts'
import { Call } from './call.ts'
import { Future } from './future.ts'
import type { Awaitable, Coroutine } from './types.ts'

/** What `fromEvent` listens to: Node's EventEmitter, or the web's EventTarget. */
export type EventSource = EmitterLike | EventTargetLike

interface EmitterLike {
  on(name: string | symbol, listener: (...args: unknown[]) => void): unknown
  off(name: string | symbol, listener: (...args: unknown[]) => void): unknown
}

interface EventTargetLike {
  addEventListener(name: string, listener: (event: unknown) => void): void
  removeEventListener(name: string, listener: (event: unknown) => void): void
}

/**
 * Wait for the next event of that name, and return its arguments. Listens from the moment it is awaited, and no longer when
 * it is cancelled. An 'error' event that an EventEmitter has in the meantime is thrown, unless it is what is waited for; an
 * EventTarget is not listened to for errors. A checkpoint.
 *
 *     const [code] = yield* fromEvent(child, 'exit')
 *
 * @throws TypeError where `source` is neither.
 */
export function fromEvent<Args extends unknown[] = unknown[]>(
  source: EventSource,
  name: string | symbol,
): Awaitable<Args> {
  if (!isEmitter(source) && !isEventTarget(source)) {
    throw misuse(`fromEvent() takes an EventEmitter or EventTarget, and was given ${brief(source)}.`)
  }
  return new Call(awaitEvent, [source, name], 'fromEvent') as Awaitable<unknown[]> as Awaitable<Args>
}

function* awaitEvent(source: EventSource, name: string | symbol): Coroutine<unknown[]> {
  const outcome = new Future<unknown[]>()
  const onEvent = (...args: unknown[]) => {
    if (!outcome.done()) outcome.setResult(args)
  }
  const onError = (error: unknown) => {
    if (!outcome.done()) outcome.setException(error)
  }
  const stopListening = listen(source, name, onEvent)
  const stopWatching = name === 'error' || !isEmitter(source) ? () => {} : listen(source, 'error', onError)
  try {
    return yield* outcome
  } finally {
    stopListening()
    stopWatching()
  }
}

function listen(
  source: EventSource,
  name: string | symbol,
  listener: (...args: unknown[]) => void,
): () => void {
  if (isEmitter(source)) {
    source.on(name, listener)
    return () => source.off(name, listener)
  }
  source.addEventListener(String(name), listener)
  return () => source.removeEventListener(String(name), listener)
}

function isEmitter(source: EventSource): source is EmitterLike {
  const { on, off } = (source ?? {}) as Partial<EmitterLike>
  return typeof on === 'function' && typeof off === 'function'
}

function isEventTarget(source: EventSource): source is EventTargetLike {
  return typeof (source as Partial<EventTargetLike> | null)?.addEventListener === 'function'
}
