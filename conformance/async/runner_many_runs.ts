/**
 * A Runner runs one coroutine after another on the same loop and in the same
 * context; an error of one run does not spoil the next.
 */
import { ContextVar, copyContext, type EventLoop, getRunningLoop, Runner, sleep } from 'polvo'

const visits = new ContextVar('visits', { default: 0 })

class Boom extends Error {}

async function visit(): Promise<[EventLoop, number]> {
  visits.set(visits.get() + 1)
  await sleep(0)
  return [getRunningLoop(), visits.get()]
}

async function fail(): Promise<void> {
  visits.set(visits.get() + 10)
  throw new Boom('tripped')
}

const runner = new Runner()
try {
  const [firstLoop, firstCount] = await runner.run(visit)
  console.log('visits', firstCount)
  try {
    await runner.run(fail)
  } catch (error) {
    if (!(error instanceof Boom)) throw error
    console.log(error.message)
  }
  const [secondLoop, secondCount] = await runner.run(visit)
  console.log('visits', secondCount)
  console.log('same loop', firstLoop === secondLoop && secondLoop === runner.getLoop())
  const [, count] = await runner.run(visit, { context: copyContext() })
  console.log('visits elsewhere', count)
} finally {
  await runner.close()
}
console.log('closed', runner.getLoop().isClosed())
console.log('visits outside', visits.get())
