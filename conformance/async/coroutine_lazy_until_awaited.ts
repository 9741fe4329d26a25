/**
 * Calling a coroutine function runs nothing; the body starts when awaited, with the arguments as they were at
 * the call.
 */
import { call, run, sleep } from 'polvo'

async function greet(names: string[]): Promise<string> {
  console.log('greeting', names.length)
  return names.join(' and ')
}

async function main(): Promise<void> {
  const names = ['ada']
  const greeting = call(greet, names)
  console.log('nothing has happened yet')
  names.push('grace')
  await sleep(0)
  console.log('still nothing')
  console.log(await greeting)

  try {
    await greeting
  } catch {
    console.log('error')
  }

  const unused = call(greet, ['nobody'])
  unused.close()
  console.log('closed without a word')
}

await run(main)
