/**
 * An eager task runs within createTask up to its first suspension; one that
 * never suspends is done, for better or worse, before createTask returns.
 */
import { type Coroutine, createTask, eagerTaskFactory, getRunningLoop, run, sleep } from 'polvo'

class Boom extends Error {}

function* walk(name: string, turns: number): Coroutine<string> {
  console.log(name, 'starts')
  for (let turn = 0; turn < turns; turn++) yield* sleep(0)
  console.log(name, 'ends')
  return name
}

function* fail(): Coroutine {
  throw new Boom('at the first step')
}

function* main(): Coroutine {
  getRunningLoop().setTaskFactory(eagerTaskFactory)
  const long = createTask(walk, 'long', 2)
  console.log('long done', long.done())
  const short = createTask(walk, 'short', 0)
  console.log('short done', short.done(), short.result())
  const failed = createTask(fail)
  console.log('failed done', failed.done(), (failed.exception() as Boom).message)
  failed.addDoneCallback((task) => console.log('listener told', (task.exception() as Boom).message))
  console.log('no turn yet')
  console.log(yield* long)
  console.log('cancel', short.cancel())
}

await run(main)
