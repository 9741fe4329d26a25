/**
 * A task works in a copy of the context made at its creation: later changes
 * of its maker do not reach it, and its own changes reach nobody else.
 */
import { ContextVar, type Coroutine, copyContext, createTask, run, sleep } from 'polvo'

const colour = new ContextVar('colour', { default: 'white' })

function* painter(name: string): Coroutine {
  console.log(name, 'begins with', colour.get())
  colour.set(`${name}'s blue`)
  yield* sleep(0)
  console.log(name, 'still has', colour.get())
}

function* main(): Coroutine {
  colour.set('red')
  const first = createTask(painter, 'first')
  colour.set('green')
  const second = createTask(painter, 'second')
  colour.set('yellow')
  yield* first
  yield* second
  console.log('main has', colour.get())

  const own = copyContext()
  own.run(() => colour.set('grey'))
  yield* createTask({ context: own }, painter, 'third')
  console.log('the private context has', own.get(colour))
  console.log('main has', colour.get())
}

await run(main)
