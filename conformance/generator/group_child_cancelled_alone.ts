/**
 * A child cancelled on its own is no error: siblings and body go on, and the group ends normally.
 */
import { CancelledError, type Coroutine, run, sleep, taskGroup } from 'polvo'

function* walker(name: string, turns: number): Coroutine<string> {
  for (let i = 0; i < turns; i++) yield* sleep(0)
  console.log(name, 'arrives')
  return name
}

function* main(): Coroutine {
  const [lame, fit, selfMade] = yield* taskGroup(function* (hike) {
    const lame = hike.createTask(walker, 'lame', 50)
    const fit = hike.createTask(walker, 'fit', 4)
    const selfMade = hike.createTask(quitter)
    yield* sleep(0)
    lame.cancel()
    yield* sleep(0)
    console.log('body goes on')
    return [lame, fit, selfMade] as const
  })
  console.log('lame cancelled', lame.cancelled())
  console.log('quitter cancelled', selfMade.cancelled())
  console.log('fit', fit.result())
}

function* quitter(): Coroutine {
  throw new CancelledError()
}

await run(main)
