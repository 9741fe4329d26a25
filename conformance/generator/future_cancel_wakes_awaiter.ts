/**
 * Cancelling a future throws CancelledError into the task that awaits it, though nobody asked the task itself
 * to stop; it may catch it and go on.
 */
import {
  CancelledError,
  type Coroutine,
  createTask,
  currentTask,
  type Future,
  getRunningLoop,
  run,
  sleep,
  wait,
} from 'polvo'

function* angler(name: string, bite: Future<string>, patient: boolean): Coroutine<string> {
  try {
    console.log(name, 'caught', yield* bite)
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error
    const me = currentTask()!
    console.log(name, 'line cut, requests to stop:', me.cancelling())
    if (!patient) throw error
  }
  return 'home for tea'
}

function* main(): Coroutine {
  const bite = getRunningLoop().createFuture<string>()
  const patient = createTask(angler, 'pat', bite, true)
  const hasty = createTask(angler, 'hal', bite, false)
  yield* sleep(0)
  console.log('cut', bite.cancel())
  console.log(yield* patient)
  yield* wait([hasty])
  console.log('pat cancelled', patient.cancelled())
  console.log('hal cancelled', hasty.cancelled())
}

await run(main)
