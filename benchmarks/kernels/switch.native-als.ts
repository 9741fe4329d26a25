/**
 * Switching between native async functions under an active AsyncLocalStorage. Fair: what any server with tracing or
 * request ids pays for, and it is entered once per function.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Sizes } from '../kernel.ts'
import { worker } from './switch.native.ts'

const storage = new AsyncLocalStorage<{ id: number }>()

export async function batch({ tasks, repeats }: Sizes): Promise<number> {
  const workers = Array.from({ length: tasks }, (_, id) => storage.run({ id }, worker, repeats))
  const passes = await Promise.all(workers)
  return passes.reduce((sum, each) => sum + each, 0)
}
