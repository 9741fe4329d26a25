/** The smallest program of Effection. Fair: esbuild leaves out what it does not use. */
import { type Operation, run } from 'effection'

function* noop(): Operation<string> {
  return 'done'
}

console.log(await run(noop))
