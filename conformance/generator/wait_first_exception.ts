/**
 * FIRST_EXCEPTION returns at the first error; a cancelled member does not count as one; without any error it
 * waits for all.
 */
import { type Coroutine, createTask, FIRST_EXCEPTION, run, sleep, type Task, wait } from 'polvo'

class Boom extends Error {}

function* step(turns: number, boom?: string): Coroutine {
  for (let i = 0; i < turns; i++) yield* sleep(0)
  if (boom) throw new Boom(boom)
}

function byName(tasks: Set<Task<void>>): Task<void>[] {
  return [...tasks].sort((a, b) => (a.getName() < b.getName() ? -1 : 1))
}

function names(tasks: Set<Task<void>>): string[] {
  return byName(tasks).map((task) => task.getName())
}

function* watch(label: string, tasks: Task<void>[], cancel?: Task<void>): Coroutine {
  yield* sleep(0)
  cancel?.cancel()
  const [done, pending] = yield* wait(tasks, { returnWhen: FIRST_EXCEPTION })
  console.log(label, 'done:', ...names(done))
  console.log(label, 'pending:', ...names(pending))
  for (const task of byName(done)) {
    const exception = task.cancelled() ? null : task.exception()
    if (exception instanceof Boom) console.log(label, task.getName(), exception.message)
  }
  if (pending.size > 0) yield* wait(pending)
}

function create(...members: [name: string, turns: number, boom?: string][]): Task<void>[] {
  return members.map(([name, ...details]) => createTask({ name }, step, ...details))
}

function* main(): Coroutine {
  yield* watch('error', create(['a', 2], ['b', 4, 'b broke'], ['c', 30]))
  const tasks = create(['a', 2], ['b', 30], ['c', 6])
  yield* watch('cancel', tasks, tasks[1])
  yield* watch('quiet', create(['a', 1], ['b', 3]))
}

await run(main)
