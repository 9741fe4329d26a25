/** Four countdowns at once, in the generator spelling: each line shows when it was printed, each countdown has its column. */
import { type Coroutine, getRunningLoop, sleep, taskGroup } from 'polvo'
import { main } from 'polvo/node'

function* countdown(label: string, delay: number, began: number): Coroutine<void> {
  const tabs = '\t'.repeat(label.charCodeAt(0) - 'A'.charCodeAt(0))
  for (let n = 3; n > 0; n--) {
    yield* sleep(delay)
    const seconds = (getRunningLoop().time() - began) / 1000
    console.log('━'.repeat(50))
    console.log(`${seconds.toFixed(4).padStart(7)}s \t${tabs}${label} = ${n}`)
  }
}

function* supervisor(): Coroutine<void> {
  const began = getRunningLoop().time()
  yield* taskGroup((group) => {
    group.createTask(countdown, 'A', 700, began)
    group.createTask(countdown, 'B', 2000, began)
    group.createTask(countdown, 'C', 300, began)
    group.createTask(countdown, 'D', 1000, began)
  })
  console.log('━'.repeat(50))
}

await main(supervisor)
