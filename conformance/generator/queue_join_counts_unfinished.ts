/**
 * join() waits until every item put has been reported done, not merely
 * taken; work added meanwhile counts as well.
 */
import { type Coroutine, createTask, gather, Queue, run, sleep } from 'polvo'

type Order = [dish: string, extra: string | null]

function* worker(name: string, orders: Queue<Order>): Coroutine {
  while (true) {
    const [dish, extra] = yield* orders.get()
    console.log(name, 'cooks', dish)
    yield* sleep(0)
    if (extra) orders.putNowait([extra, null])
    console.log(name, 'serves', dish)
    orders.taskDone()
  }
}

function* main(): Coroutine {
  const orders = new Queue<Order>()
  yield* orders.join()
  console.log('nothing to wait for')
  const menu: Order[] = [
    ['soup', 'bread'],
    ['fish', null],
    ['cake', 'cream'],
  ]
  for (const order of menu) orders.putNowait(order)
  const cooks = ['ann', 'ben'].map((name) => createTask(worker, name, orders))
  yield* orders.join()
  console.log('kitchen closed')
  for (const cook of cooks) cook.cancel()
  yield* gather({ returnExceptions: true }, ...cooks)
  try {
    orders.taskDone()
  } catch {
    console.log('error')
  }
}

await run(main)
