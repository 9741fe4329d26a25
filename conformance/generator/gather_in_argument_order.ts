/**
 * gather starts its coroutines in argument order and returns their results in argument order, whatever the
 * order in which they finish.
 */
import { type Coroutine, gather, run, sleep } from 'polvo'

function* runner(name: string, delay: number): Coroutine<string> {
  console.log(name, 'starts')
  yield* sleep(delay)
  console.log(name, 'arrives')
  return `${name}'s medal`
}

function* main(): Coroutine {
  const medals = yield* gather(runner('slow', 90), runner('quick', 30), runner('steady', 60))
  console.log(medals.join(', '))
}

await run(main)
