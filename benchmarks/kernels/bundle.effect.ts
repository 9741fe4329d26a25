/** The same of Effect. Fair: single functions from its module, so that esbuild can leave out the others. */
export { forkChild, runPromise, sleep } from 'effect/Effect'
export { join } from 'effect/Fiber'
