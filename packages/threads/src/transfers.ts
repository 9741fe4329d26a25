/**
 * What was marked to be moved to another thread in place of being copied, with the parts that are moved. It stands apart from
 * `transfer()`, which needs polvo: a worker loads this one when it starts.
 */
import type { Transferable } from 'node:worker_threads'

const marked = new WeakMap<object, readonly Transferable[]>()

export function markTransfer(value: object, parts: readonly Transferable[]): void {
  marked.set(value, parts)
}

/** What is to be moved of these values. */
export function transfersOf(values: readonly unknown[]): Transferable[] {
  const parts: Transferable[] = []
  for (const value of values) {
    if (typeof value === 'object' && value !== null) parts.push(...(marked.get(value) ?? []))
  }
  return parts
}
