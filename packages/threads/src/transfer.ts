import type { Transferable } from 'node:worker_threads'
import { misuse } from 'polvo/lowlevel'
import { markTransfer } from './transfers.ts'

/**
 * Mark an argument, or a result, to be moved to the other thread and not copied: afterwards this side's buffer is
 * empty, and a port belongs to the other side. Returns the value itself.
 *
 *     yield* pool.submit(work.sum, transfer(pixels))              // pixels.buffer is moved
 *     yield* pool.submit(work.serve, transfer({ port }, [port]))  // what is to be moved is deeper inside
 *
 * By default what is moved is the value, or the buffer of a typed array. Not a checkpoint. A second call replaces
 * the list. Between processes everything is copied.
 */
export function transfer<T extends object>(value: T, parts: readonly Transferable[] = [partOf(value)]): T {
  markTransfer(value, parts)
  return value
}

function partOf(value: object): Transferable {
  if (typeof value !== 'object' || value === null) {
    throw misuse(`transfer() takes something to be moved to another thread, and was given ${String(value)}.`)
  }
  return (ArrayBuffer.isView(value) ? value.buffer : value) as Transferable
}
