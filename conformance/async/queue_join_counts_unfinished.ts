/**
 * join() waits until every item put has been reported done, not merely
 * taken; work added meanwhile counts as well.
 */
import { createTask, gather, Queue, run, sleep } from 'polvo'

type Order = [dish: string, extra: string | null]

async function worker(name: string, orders: Queue<Order>): Promise<void> {
  while (true) {
    const [dish, extra] = await orders.get()
    console.log(name, 'cooks', dish)
    await sleep(0)
    if (extra) orders.putNowait([extra, null])
    console.log(name, 'serves', dish)
    orders.taskDone()
  }
}

async function main(): Promise<void> {
  const orders = new Queue<Order>()
  await orders.join()
  console.log('nothing to wait for')
  const menu: Order[] = [
    ['soup', 'bread'],
    ['fish', null],
    ['cake', 'cream'],
  ]
  for (const order of menu) orders.putNowait(order)
  const cooks = ['ann', 'ben'].map((name) => createTask(worker, name, orders))
  await orders.join()
  console.log('kitchen closed')
  for (const cook of cooks) cook.cancel()
  await gather({ returnExceptions: true }, ...cooks)
  try {
    orders.taskDone()
  } catch {
    console.log('error')
  }
}

await run(main)
