/**
 * The nowait calls refuse instead of waiting: QueueEmpty, QueueFull; an
 * unbounded queue is never full; ready calls cost no turn.
 */
import { getRunningLoop, Queue, QueueEmpty, QueueFull, QueueShutDown, run, sleep } from 'polvo'

async function main(): Promise<void> {
  const small = new Queue<string>(1)
  try {
    small.getNowait()
  } catch (error) {
    if (!(error instanceof QueueEmpty)) throw error
    console.log('QueueEmpty')
  }
  small.putNowait('bun')
  console.log('full', small.full(), 'empty', small.empty())
  try {
    small.putNowait('roll')
  } catch (error) {
    if (!(error instanceof QueueFull)) throw error
    console.log('QueueFull')
  }
  console.log(small.getNowait())

  const endless = new Queue<number>(0)
  getRunningLoop().callSoon(console.log, '(the loop had a turn)')
  for (let number = 0; number < 1000; number++) await endless.put(number)
  console.log('full', endless.full(), 'size', endless.qsize())
  let sum = 0
  for (let count = 0; count < 1000; count++) sum += await endless.get()
  console.log('sum', sum)

  await sleep(0)

  endless.shutdown()
  try {
    endless.getNowait()
  } catch (error) {
    if (!(error instanceof QueueShutDown)) throw error
    console.log('QueueShutDown')
  }
}

await run(main)
