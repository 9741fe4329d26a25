/**
 * A task works in a copy of the context made at its creation: later changes
 * of its maker do not reach it, and its own changes reach nobody else.
 */
import { ContextVar, copyContext, createTask, run, sleep } from 'polvo'

const colour = new ContextVar('colour', { default: 'white' })

async function painter(name: string): Promise<void> {
  console.log(name, 'begins with', colour.get())
  colour.set(`${name}'s blue`)
  await sleep(0)
  console.log(name, 'still has', colour.get())
}

async function main(): Promise<void> {
  colour.set('red')
  const first = createTask(painter, 'first')
  colour.set('green')
  const second = createTask(painter, 'second')
  colour.set('yellow')
  await first
  await second
  console.log('main has', colour.get())

  const own = copyContext()
  own.run(() => colour.set('grey'))
  await createTask({ context: own }, painter, 'third')
  console.log('the private context has', own.get(colour))
  console.log('main has', colour.get())
}

await run(main)
