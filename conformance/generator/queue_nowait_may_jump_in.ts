/**
 * A woken getter looks again: if the item announced to it was snatched
 * meanwhile, it goes back to waiting, now at the end of the line.
 */
import { type Coroutine, createTask, gather, Queue, run, sleep } from 'polvo'

function* bird(name: string, feeder: Queue<string>): Coroutine {
  console.log(name, 'eats', yield* feeder.get())
}

function* main(): Coroutine {
  const feeder = new Queue<string>()
  const flock = ['robin', 'wren'].map((name) => createTask(bird, name, feeder))
  yield* sleep(0)
  feeder.putNowait('worm')
  console.log('squirrel eats', feeder.getNowait())
  yield* sleep(0)
  feeder.putNowait('seed')
  feeder.putNowait('crumb')
  yield* gather(...flock)

  const nest = new Queue<string>(1)
  nest.putNowait('egg')
  const late = createTask(nest.put('own egg'))
  yield* sleep(0)
  console.log('taken', nest.getNowait())
  nest.putNowait("cuckoo's egg")
  yield* sleep(0)
  console.log('own egg laid', late.done())
  console.log('taken', yield* nest.get())
  console.log('taken', yield* nest.get())
  yield* late
}

await run(main)
