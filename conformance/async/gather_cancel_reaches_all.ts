/**
 * Cancelling the one who awaits a gather cancels every member; the error comes back as soon as the first of
 * them has ended, while the others may still be cleaning up. A finished gather cannot be cancelled.
 */
import { CancelledError, createTask, gather, run, sleep, type Task, wait } from 'polvo'

async function member(name: string, cleanup: number): Promise<void> {
  try {
    await sleep(1000)
  } finally {
    console.log(name, 'stops singing')
    for (let i = 0; i < cleanup; i++) await sleep(0)
    console.log(name, 'packed up')
  }
}

async function concert(choir: Task<void>[]): Promise<void> {
  try {
    await gather(...choir)
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error
    console.log('the hall falls silent')
    throw error
  }
}

async function main(): Promise<void> {
  const choir = [createTask(member, 'alto', 9), createTask(member, 'bass', 1), createTask(member, 'tenor', 6)]
  const evening = createTask(concert, choir)
  await sleep(0)
  evening.cancel()
  try {
    await evening
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error
    console.log('CancelledError, evening cancelled', evening.cancelled())
  }
  await wait(choir)
  console.log(
    'all cancelled',
    choir.every((singer) => singer.cancelled()),
  )

  const settled = gather(sleep(0))
  await settled
  console.log('cancel a finished gather', settled.cancel())
}

await run(main)
