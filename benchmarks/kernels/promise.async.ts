/** Awaiting promises in an async-spelled task. Fair: the loop of promise.native.ts, under `run`. */
import { run } from 'polvo'
import type { Sizes } from '../kernel.ts'
import { awaitMany } from './promise.native.ts'

export function batch({ repeats }: Sizes): Promise<number> {
  return run(() => awaitMany(repeats))
}
