/**
 * The same awaitable given twice runs once and answers twice; gathers nest; an empty gather is done at birth.
 */
import { type Coroutine, createTask, gather, run, sleep } from 'polvo'

function* roll(dice: number[]): Coroutine<number> {
  const number = dice.length + 1
  dice.push(number)
  yield* sleep(0)
  return number
}

function* main(): Coroutine {
  const dice: number[] = []
  const once = roll(dice)
  const task = createTask(roll(dice))
  console.log(...(yield* gather(once, task, once, task)))
  console.log('rolled', dice.length)

  const empty = gather()
  console.log('empty done', empty.done(), 'size', (yield* empty).length)

  const [left, middle, right] = yield* gather(
    gather(sleep(0, 'a'), sleep(0, 'b')),
    sleep(0, 'c'),
    gather(gather(sleep(0, 'd')), gather()),
  )
  console.log(...left, middle, ...right[0], right[1].length)
}

await run(main)
