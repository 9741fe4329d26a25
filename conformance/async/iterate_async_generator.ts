/**
 * An async generator waits between its values while other tasks run; left
 * early and closed, it unwinds through its finally block, awaits included.
 */
import { createTask, run, sleep } from 'polvo'

const launch = {
  async *countdown(start: number): AsyncGenerator<number, void> {
    try {
      for (let number = start; number > 0; number--) {
        yield number
        await sleep(0)
      }
    } finally {
      console.log('launch pad cleared')
      await sleep(0)
      console.log('lights off')
    }
  },
}

async function metronome(): Promise<void> {
  for (let beat = 0; beat < 4; beat++) {
    console.log('tick')
    await sleep(0)
  }
}

async function main(): Promise<void> {
  const beat = createTask(metronome)
  for await (const number of launch.countdown(3)) console.log('count', number)
  await beat

  const numbers = launch.countdown(100)
  try {
    for await (const number of numbers) {
      if (number < 98) break
      console.log('count', number)
    }
  } finally {
    await numbers.return()
  }
  console.log('aborted')

  const doubled: number[] = []
  for await (const number of launch.countdown(3)) if (number !== 2) doubled.push(number * 2)
  console.log(...doubled)
}

await run(main)
