/**
 * A task may not await itself, nor be settled from outside, nor accept what it does not understand; each
 * mistake is an error at the place it was made.
 */
import { awaitable, createTask, currentTask, run, sleep } from 'polvo'

class Rubbish {
  [Symbol.iterator](): Iterator<string, void> {
    return { next: () => ({ done: false, value: 'rubbish' }) }
  }
}

async function narcissus(): Promise<string> {
  try {
    await currentTask()!
  } catch {
    console.log('error: awaits itself')
  }
  return 'recovered'
}

async function hoarder(): Promise<string> {
  try {
    // @ts-expect-error: an awaitable yields no strings
    await awaitable(new Rubbish())
  } catch {
    console.log('error: yields rubbish')
  }
  await sleep(0)
  return 'tidied up'
}

async function main(): Promise<void> {
  console.log(await createTask(narcissus))
  console.log(await createTask(hoarder))

  const task = createTask(sleep(0, 'own result'))
  for (const settle of [() => task.setResult('forged'), () => task.setException(new Error())]) {
    try {
      settle()
    } catch {
      console.log('error: settled from outside')
    }
  }
  console.log(await task)

  try {
    // @ts-expect-error: a string is no coroutine
    createTask('not a coroutine')
  } catch {
    console.log('error: not a coroutine')
  }
}

await run(main)
