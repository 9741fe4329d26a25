/**
 * The same awaitable given twice runs once and answers twice; gathers nest; an empty gather is done at birth.
 */
import { call, createTask, gather, run, sleep } from 'polvo'

async function roll(dice: number[]): Promise<number> {
  const number = dice.length + 1
  dice.push(number)
  await sleep(0)
  return number
}

async function main(): Promise<void> {
  const dice: number[] = []
  const once = call(roll, dice)
  const task = createTask(call(roll, dice))
  console.log(...(await gather(once, task, once, task)))
  console.log('rolled', dice.length)

  const empty = gather()
  console.log('empty done', empty.done(), 'size', (await empty).length)

  const [left, middle, right] = await gather(
    gather(sleep(0, 'a'), sleep(0, 'b')),
    sleep(0, 'c'),
    gather(gather(sleep(0, 'd')), gather()),
  )
  console.log(...left, middle, ...right[0], right[1].length)
}

await run(main)
