/**
 * An async generator takes values by next() and errors by throw() at the point
 * of its yield; once it has ended it stays ended.
 */
import { run, sleep } from 'polvo'

class Boom extends Error {}

const statistics = {
  async *averager(): AsyncGenerator<number | string, void, number | undefined> {
    let [total, count] = [0, 0]
    let average: number | string = 'none'
    while (true) {
      let number: number | undefined
      try {
        number = yield average
      } catch (error) {
        if (!(error instanceof Boom)) throw error
        console.log('discarded:', error.message)
        total = count = 0
        average = 'none'
        continue
      }
      if (number === undefined) return
      await sleep(0)
      total += number
      count += 1
      average = Math.floor(total / count)
    }
  },
}

async function main(): Promise<void> {
  const average = statistics.averager()
  console.log((await average.next()).value)
  for (const number of [10, 20, 60]) console.log((await average.next(number)).value)
  console.log((await average.throw(new Boom('bad data'))).value)
  console.log((await average.next(8)).value)
  for (let attempt = 0; attempt < 2; attempt++) {
    if ((await average.next()).done) console.log('ended')
  }
  await average.return()
  const left: (number | string)[] = []
  for await (const number of average) left.push(number)
  console.log('left over', left.length)
}

await run(main)
