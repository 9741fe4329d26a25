/** A spinner for a thread: it turns although the loop stands still, until a flag in shared memory tells it to stop. */
import { writeSync } from 'node:fs'

const FRAMES = '|/-\\'
const STDOUT = 1

/** Returns when `done[0]` is not 0 any more, of which `Atomics.notify` tells it at once. */
export function spin(message: string, done: Int32Array): void {
  let frame = 0
  do {
    // What console.log() and process.stdout write in a thread goes through the loop, which is blocked.
    writeSync(STDOUT, `${FRAMES[frame++ % FRAMES.length]} ${message}\r`)
  } while (Atomics.wait(done, 0, 0, 100) === 'timed-out')
  writeSync(STDOUT, `${' '.repeat(message.length + 2)}\r`)
}
