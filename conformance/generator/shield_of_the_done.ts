/**
 * A shield around something done is that thing itself and costs no turn;
 * a fresh shield costs the turns of its task and one more to be told.
 */
import { type Coroutine, createTask, getRunningLoop, run, shield, sleep } from 'polvo'

function* main(): Coroutine {
  const loop = getRunningLoop()
  const settled = loop.createFuture<string>()
  settled.setResult('solid')
  console.log('same object', shield(settled) === settled)

  loop.callSoon(console.log, '(the loop had a turn)')
  console.log(yield* shield(settled))

  const task = createTask(sleep(0, 'soft'))
  const cover = shield(task)
  console.log('same object', cover === task)
  for (let turn = 0; turn < 4; turn++) {
    console.log('task done', task.done(), 'cover done', cover.done())
    yield* sleep(0)
  }
  console.log(yield* cover)
}

await run(main)
