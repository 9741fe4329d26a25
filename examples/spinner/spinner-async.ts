/** The spinner of the asyncio introductions, in the async spelling: something slow goes on, a spinner turns. */
import { inspect } from 'node:util'
import { createTask, sleep } from 'polvo'
import { main } from 'polvo/node'

async function spin(message: string): Promise<never> {
  let status = ''
  try {
    for (;;) {
      for (const char of '|/-\\') {
        status = `${char} ${message}`
        process.stdout.write(`${status}\r`)
        await sleep(100)
      }
    }
  } finally {
    process.stdout.write(`${' '.repeat(status.length)}\r`)
  }
}

/** Stands for something that takes long: a download, a query. */
async function slow(): Promise<number> {
  await sleep(3000)
  return 42
}

async function supervisor(): Promise<number> {
  const spinner = createTask(spin, 'thinking!')
  console.log('spinner object:', inspect(spinner))
  const answer = await slow()
  spinner.cancel()
  return answer
}

const answer = await main(supervisor)
if (answer !== undefined) console.log('Answer:', answer)
