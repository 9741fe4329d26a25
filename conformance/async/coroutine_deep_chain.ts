/**
 * A chain of five hundred awaits suspends and resumes as one, carries a value up, and unwinds an error
 * through every level.
 */
import { CancelledError, createTask, run, sleep } from 'polvo'

class Boom extends Error {}

let unwound = 0

async function descend(depth: number, bottom: () => Promise<number>): Promise<number> {
  if (depth === 0) return await bottom()
  try {
    return 1 + (await descend(depth - 1, bottom))
  } finally {
    unwound++
  }
}

async function rest(): Promise<number> {
  await sleep(0)
  await sleep(20)
  return 0
}

async function fail(): Promise<never> {
  await sleep(0)
  throw new Boom('from the deep')
}

async function main(): Promise<void> {
  console.log(await descend(500, rest))
  console.log('unwound', unwound)
  const task = createTask(descend, 500, fail)
  try {
    await task
  } catch (error) {
    if (!(error instanceof Boom)) throw error
    console.log(error.message)
  }
  console.log('unwound', unwound)

  const sinking = createTask(descend, 500, rest)
  await sleep(0)
  sinking.cancel()
  try {
    await sinking
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error
    console.log('CancelledError')
  }
  console.log('unwound', unwound)
}

await run(main)
