/**
 * When asCompleted runs out of time each outstanding place throws TimeoutError, but the tasks themselves are
 * left running.
 */
import { asCompleted, type Coroutine, createTask, forEach, gather, run, sleep, TimeoutError } from 'polvo'

function* delivery(name: string, delay: number): Coroutine<string> {
  yield* sleep(delay)
  return name
}

function* main(): Coroutine {
  const tasks = [
    createTask(delivery, 'milk', 30),
    createTask(delivery, 'coal', 120),
    createTask(delivery, 'ice', 150),
  ]
  for (const place of asCompleted(tasks, { timeout: 70 })) {
    try {
      console.log(yield* place)
    } catch (error) {
      if (!(error instanceof TimeoutError)) throw error
      console.log('TimeoutError')
    }
  }
  console.log('cancelled', tasks.filter((task) => task.cancelled()).length)
  console.log(...(yield* gather(...tasks)))

  try {
    yield* forEach(asCompleted([createTask(delivery, 'fog', 100)], { timeout: 20 }), function* () {
      console.log('never printed')
    })
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error
    console.log('TimeoutError')
  }
}

await run(main)
