/** The smallest program of Effect. Fair: esbuild leaves out what it does not use. */
import { Effect } from 'effect'

console.log(await Effect.runPromise(Effect.succeed('done')))
