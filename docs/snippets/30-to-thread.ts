import { toThread } from '@polvo/threads'
import { createTask, run, sleep } from 'polvo'

function countPrimes(limit: number): number {
  let count = 0
  for (let n = 2; n < limit; n++) {
    let divisor = 2
    while (divisor * divisor <= n && n % divisor !== 0) divisor++
    if (divisor * divisor > n) count++
  }
  return count
}

await run(async () => {
  let ticks = 0
  const clock = createTask(async () => {
    for (;;) {
      await sleep(10)
      ticks++
    }
  })
  console.log('primes:', await toThread(countPrimes, 300_000))
  clock.cancel()
  console.log('the loop went on meanwhile:', ticks > 0)
})
