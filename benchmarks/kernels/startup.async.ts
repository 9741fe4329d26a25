/** The smallest program of polvo, async-spelled. Fair: one line of output, as all have. */
import { run } from 'polvo'

async function noop(): Promise<string> {
  return 'done'
}

console.log(await run(noop))
