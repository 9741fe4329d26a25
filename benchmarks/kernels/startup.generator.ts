/** The smallest program of polvo. Fair: one line of output, as all have. */
import { type Coroutine, run } from 'polvo'

function* noop(): Coroutine<string> {
  return 'done'
}

console.log(await run(noop))
