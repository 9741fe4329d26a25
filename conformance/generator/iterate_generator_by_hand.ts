/**
 * An async generator takes values by next() and errors by throw() at the point
 * of its yield; once it has ended it stays ended.
 */
import { asyncGenerator, type Coroutine, forEach, run, sleep } from 'polvo'

class Boom extends Error {}

function averager() {
  return asyncGenerator<number | string, number>(function* (emit) {
    let [total, count] = [0, 0]
    let average: number | string = 'none'
    while (true) {
      let number: number | undefined
      try {
        number = yield* emit(average)
      } catch (error) {
        if (!(error instanceof Boom)) throw error
        console.log('discarded:', error.message)
        total = count = 0
        average = 'none'
        continue
      }
      if (number === undefined) return
      yield* sleep(0)
      total += number
      count += 1
      average = Math.floor(total / count)
    }
  })
}

function* main(): Coroutine {
  const average = averager()
  console.log((yield* average.next()).value)
  for (const number of [10, 20, 60]) console.log((yield* average.next(number)).value)
  console.log((yield* average.throw(new Boom('bad data'))).value)
  console.log((yield* average.next(8)).value)
  for (let attempt = 0; attempt < 2; attempt++) {
    if ((yield* average.next()).done) console.log('ended')
  }
  yield* average.return()
  const left: (number | string)[] = []
  yield* forEach(average, (number) => {
    left.push(number)
  })
  console.log('left over', left.length)
}

await run(main)
