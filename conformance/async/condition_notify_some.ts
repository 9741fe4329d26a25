/**
 * notify(n) wakes the n who have waited longest, notifyAll the rest; each
 * goes on only when it has got the lock back, one after the other.
 */
import { Condition, createTask, gather, run, sleep, use } from 'polvo'

async function crew(name: string, whistle: Condition): Promise<void> {
  await use(whistle, async () => {
    console.log(name, 'waits')
    await whistle.wait()
    console.log(name, 'works')
    await sleep(0)
    console.log(name, 'rests')
  })
}

async function main(): Promise<void> {
  const whistle = new Condition()
  const tasks = [...'abcde'].map((name) => createTask(crew, name, whistle))
  await sleep(0)
  await use(whistle, () => {
    whistle.notify()
    whistle.notify(2)
    console.log('three were called')
  })
  for (let turn = 0; turn < 12; turn++) await sleep(0)
  await use(whistle, () => {
    whistle.notifyAll()
    console.log('the others were called')
  })
  await gather(...tasks)
}

await run(main)
