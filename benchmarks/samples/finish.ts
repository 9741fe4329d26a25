import type { Sample } from '../kernel.ts'

/** Print the sample and end the process, with all that still sleeps or keeps busy in it. */
export function finish(sample: Sample): never {
  console.log(JSON.stringify(sample))
  process.exit(0)
}
