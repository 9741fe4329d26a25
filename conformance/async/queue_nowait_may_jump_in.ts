/**
 * A woken getter looks again: if the item announced to it was snatched
 * meanwhile, it goes back to waiting, now at the end of the line.
 */
import { createTask, gather, Queue, run, sleep } from 'polvo'

async function bird(name: string, feeder: Queue<string>): Promise<void> {
  console.log(name, 'eats', await feeder.get())
}

async function main(): Promise<void> {
  const feeder = new Queue<string>()
  const flock = ['robin', 'wren'].map((name) => createTask(bird, name, feeder))
  await sleep(0)
  feeder.putNowait('worm')
  console.log('squirrel eats', feeder.getNowait())
  await sleep(0)
  feeder.putNowait('seed')
  feeder.putNowait('crumb')
  await gather(...flock)

  const nest = new Queue<string>(1)
  nest.putNowait('egg')
  const late = createTask(nest.put('own egg'))
  await sleep(0)
  console.log('taken', nest.getNowait())
  nest.putNowait("cuckoo's egg")
  await sleep(0)
  console.log('own egg laid', late.done())
  console.log('taken', await nest.get())
  console.log('taken', await nest.get())
  await late
}

await run(main)
