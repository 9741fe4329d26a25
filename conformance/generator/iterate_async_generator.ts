/**
 * An async generator waits between its values while other tasks run; left
 * early and closed, it unwinds through its finally block, awaits included.
 */
import { asyncGenerator, type Coroutine, createTask, forEach, run, sleep } from 'polvo'

function countdown(start: number) {
  return asyncGenerator<number>(function* (emit) {
    try {
      for (let number = start; number > 0; number--) {
        yield* emit(number)
        yield* sleep(0)
      }
    } finally {
      console.log('launch pad cleared')
      yield* sleep(0)
      console.log('lights off')
    }
  })
}

function* metronome(): Coroutine {
  for (let beat = 0; beat < 4; beat++) {
    console.log('tick')
    yield* sleep(0)
  }
}

function* main(): Coroutine {
  const beat = createTask(metronome)
  yield* forEach(countdown(3), (number) => console.log('count', number))
  yield* beat

  const numbers = countdown(100)
  try {
    for (let step = yield* numbers.next(); !step.done; step = yield* numbers.next()) {
      if (step.value < 98) break
      console.log('count', step.value)
    }
  } finally {
    yield* numbers.return()
  }
  console.log('aborted')

  const doubled: number[] = []
  yield* forEach(countdown(3), (number) => {
    if (number !== 2) doubled.push(number * 2)
  })
  console.log(...doubled)
}

await run(main)
