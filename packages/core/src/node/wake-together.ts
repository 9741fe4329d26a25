/**
 * Wakes what the system's news have made ready, together, once the system has told all of them: a server of many connections then
 * starts its loop once for a batch of news, as asyncio's does after each poll, and not once for each connection. A loop that is at
 * work gets them at once, since that costs nothing.
 */
import type { Operation } from '../coroutine/operation.ts'
import type { Scheduler } from '../loop/scheduler.ts'

let waiting: Operation<unknown>[] = []

/** Wake an operation that was awaited in `loop`, now or behind the news of the moment. */
export function wakeTogether(operation: Operation<unknown>, loop: Scheduler): void {
  if (loop._isActive) operation._wakeUp()
  else if (waiting.push(operation) === 1) setImmediate(wakeAll)
}

function wakeAll(): void {
  const woken = waiting
  waiting = []
  for (const operation of woken) operation._wakeUp()
}
