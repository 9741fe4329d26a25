/**
 * Connections and streams that were forgotten: collected as garbage, and neither given back nor read to their end. Each holds a
 * session that nobody else can use, so that is taken back, and the loop it was taken on is told.
 */
import { type EventLoop, getRunningLoop } from 'polvo'

/** What stands behind a handle, and must not hold it. */
export interface Held {
  /** It has given its session back. */
  readonly isOver: boolean
  /** Give the session back without a word. */
  forget(): void
}

interface Forgotten {
  readonly held: Held
  readonly what: string
  readonly loop: WeakRef<EventLoop>
}

const collected = new FinalizationRegistry<Forgotten>(({ held, what, loop: reference }) => {
  if (held.isOver) return
  held.forget()
  const message = `${what} was forgotten without being closed. Open it with use() or 'await using'.`
  const loop = reference.deref()
  if (loop === undefined) process.emitWarning(message, 'PolvoWarning')
  else loop.callExceptionHandler({ message })
})

/** Watch `handle`, in a task, until what it holds is over; `what` it is, as a sentence begins. */
export function watchForgotten(handle: object, held: Held, what: string): void {
  collected.register(handle, { held, what, loop: new WeakRef(getRunningLoop()) }, held)
}

export function stopWatching(held: Held): void {
  collected.unregister(held)
}
