/** A spinner that is a coroutine: it turns as long as the loop does. */
import { type Coroutine, sleep } from 'polvo'

export function* spin(message: string): Coroutine<never> {
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
