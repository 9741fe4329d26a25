/**
 * Calling a coroutine function runs nothing; the body starts when awaited, with the arguments as they were at
 * the call.
 *
 * `call` makes the coroutine object here: awaiting a generator that is over gives undefined, and no error.
 */
import { type Coroutine, call, run, sleep } from 'polvo'

function* greet(names: string[]): Coroutine<string> {
  console.log('greeting', names.length)
  return names.join(' and ')
}

function* main(): Coroutine {
  const names = ['ada']
  const greeting = call(greet, names)
  console.log('nothing has happened yet')
  names.push('grace')
  yield* sleep(0)
  console.log('still nothing')
  console.log(yield* greeting)

  try {
    yield* greeting
  } catch {
    console.log('error')
  }

  const unused = call(greet, ['nobody'])
  unused.close()
  console.log('closed without a word')
}

await run(main)
