/**
 * wait with a timeout throws nothing and cancels nothing: it only tells who is done and who is not.
 */
import { createTask, run, sleep, wait } from 'polvo'

async function bake(name: string, delay: number): Promise<string> {
  await sleep(delay)
  console.log(name, 'is out of the oven')
  return name
}

async function main(): Promise<void> {
  const scone = createTask(bake, 'scone', 30)
  const cake = createTask(bake, 'cake', 100)
  let [done, pending] = await wait([scone, cake], { timeout: 65 })
  console.log('done', done.size, done.has(scone))
  console.log('pending', pending.size, pending.has(cake))
  console.log('cake cancelled', cake.cancelled(), 'requests', cake.cancelling())
  console.log(await cake)

  ;[done, pending] = await wait([scone, cake], { timeout: 0 })
  console.log('done', done.size, 'pending', pending.size)
}

await run(main)
