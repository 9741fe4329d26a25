/**
 * A gather whose members all finish eagerly is done at birth and costs no
 * turn; one member that waits makes it an ordinary gather.
 */
import { type Coroutine, eagerTaskFactory, gather, getRunningLoop, run, sleep, taskGroup } from 'polvo'

function* lookup(cache: Map<number, number>, key: number): Coroutine<number> {
  if (!cache.has(key)) {
    yield* sleep(0)
    cache.set(key, key * key)
  }
  return cache.get(key)!
}

function* main(): Coroutine {
  const loop = getRunningLoop()
  loop.setTaskFactory(eagerTaskFactory)
  const cache = new Map([
    [2, 4],
    [3, 9],
  ])

  loop.callSoon(console.log, '(the loop had a turn)')
  const warm = gather(lookup(cache, 2), lookup(cache, 3))
  console.log('warm done', warm.done())
  console.log(...(yield* warm))

  const mixed = gather(lookup(cache, 2), lookup(cache, 5), lookup(cache, 3))
  console.log('mixed done', mixed.done())
  console.log(...(yield* mixed))

  const tasks = yield* taskGroup(function* (group) {
    const tasks = [5, 7].map((key) => group.createTask(lookup, cache, key))
    console.log('in the group', ...tasks.map((task) => task.done()))
    return tasks
  })
  console.log(...tasks.map((task) => task.result()))
}

await run(main)
