/**
 * A timer can be cancelled before it fires, also by another timer; a timer that has fired is not thereby
 * cancelled.
 */
import { type Coroutine, getRunningLoop, run, sleep } from 'polvo'

function* main(): Coroutine {
  const loop = getRunningLoop()
  const alarms = {
    breakfast: loop.callLater(30, console.log, 'breakfast', 'rings'),
    lunch: loop.callLater(60, console.log, 'lunch', 'rings'),
    dinner: loop.callLater(120, console.log, 'dinner', 'rings'),
  }

  function skipDinner(): void {
    console.log('not hungry')
    alarms.dinner.cancel()
  }

  loop.callLater(90, skipDinner)
  alarms.lunch.cancel()
  yield* sleep(150)
  for (const [name, alarm] of Object.entries(alarms)) console.log(name, 'cancelled', alarm.cancelled())
}

await run(main)
