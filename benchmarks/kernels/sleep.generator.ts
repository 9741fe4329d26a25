/** Tasks of a group that sleep up to a second. Fair: one shared function. */
import { type Coroutine, run, sleep, taskGroup } from 'polvo'
import { durations } from '../durations.ts'
import type { Sizes } from '../kernel.ts'

let awake = 0

function* sleeper(ms: number): Coroutine {
  yield* sleep(ms)
  awake++
}

function* main(tasks: number): Coroutine<number> {
  awake = 0
  yield* taskGroup(function* (group): Coroutine {
    for (const ms of durations(tasks, 1_000)) group.createTask(sleeper, ms)
  })
  return awake
}

export function batch({ tasks }: Sizes): Promise<number> {
  return run(main(tasks))
}
