/** The spinner of the asyncio introductions, in the generator spelling: something slow goes on, a spinner turns. */
import { inspect } from 'node:util'
import { type Coroutine, createTask, sleep } from 'polvo'
import { main } from 'polvo/node'

function* spin(message: string): Coroutine<never> {
  let status = ''
  try {
    for (;;) {
      for (const char of '|/-\\') {
        status = `${char} ${message}`
        process.stdout.write(`${status}\r`)
        yield* sleep(100)
      }
    }
  } finally {
    process.stdout.write(`${' '.repeat(status.length)}\r`)
  }
}

/** Stands for something that takes long: a download, a query. */
function* slow(): Coroutine<number> {
  yield* sleep(3000)
  return 42
}

function* supervisor(): Coroutine<number> {
  const spinner = createTask(spin, 'thinking!')
  console.log('spinner object:', inspect(spinner))
  const answer = yield* slow()
  spinner.cancel()
  return answer
}

const answer = await main(supervisor)
if (answer !== undefined) console.log('Answer:', answer)
