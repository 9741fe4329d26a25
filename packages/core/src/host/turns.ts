/**
 * How the loop gets the thread from its host. Everything here is looked up on `globalThis`, so that the runtime
 * loads in Node, Bun, Deno and browsers alike.
 */

interface HostGlobals {
  process?: { nextTick?: (callback: () => void) => void }
  setImmediate?: (callback: () => void) => unknown
  MessageChannel?: new () => { port1: { onmessage: () => void }; port2: { postMessage(message: null): void } }
}

// The types of one host (Node's MessagePort has no `onmessage`) do not hold on the others.
const host = globalThis as unknown as HostGlobals

/**
 * Run `callback` once the microtasks queued so far, and those they queue, are through; before I/O.
 * To come behind the microtasks of the moment, call it *from* a microtask: ticks run ahead of promises otherwise.
 */
export const nextTick: (callback: () => void) => void =
  typeof host.process?.nextTick === 'function'
    ? host.process.nextTick
    : (callback) => queueMicrotask(callback)

/** Run `callback` after the host had a chance to handle I/O and timers. */
export const immediate: (callback: () => void) => void = pickImmediate()

function pickImmediate(): (callback: () => void) => void {
  const { setImmediate, MessageChannel } = host
  if (typeof setImmediate === 'function') return (callback) => void setImmediate(callback)
  if (typeof MessageChannel !== 'function') return (callback) => void setTimeout(callback, 0)
  const { port1, port2 } = new MessageChannel()
  const waiting: (() => void)[] = []
  port1.onmessage = () => waiting.shift()?.()
  return (callback) => {
    waiting.push(callback)
    port2.postMessage(null)
  }
}
