/**
 * When asCompleted runs out of time each outstanding place throws TimeoutError, but the tasks themselves are
 * left running.
 */
import { asCompleted, createTask, gather, run, sleep, TimeoutError } from 'polvo'

async function delivery(name: string, delay: number): Promise<string> {
  await sleep(delay)
  return name
}

async function main(): Promise<void> {
  const tasks = [
    createTask(delivery, 'milk', 30),
    createTask(delivery, 'coal', 120),
    createTask(delivery, 'ice', 150),
  ]
  for (const place of asCompleted(tasks, { timeout: 70 })) {
    try {
      console.log(await place)
    } catch (error) {
      if (!(error instanceof TimeoutError)) throw error
      console.log('TimeoutError')
    }
  }
  console.log('cancelled', tasks.filter((task) => task.cancelled()).length)
  console.log(...(await gather(...tasks)))

  try {
    for await (const _ of asCompleted([createTask(delivery, 'fog', 100)], { timeout: 20 })) {
      console.log('never printed')
    }
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error
    console.log('TimeoutError')
  }
}

await run(main)
