/** Where a process of a ProcessPoolExecutor begins. */
import { packError } from '../carried-error.ts'
import type { Uncaught } from '../messages.ts'
import { FileFlag } from './flags.ts'
import { serve } from './serve.ts'

/**
 * The file with the number of the job that is cancelled: behind the three standard streams and the channel of
 * messages.
 */
const FLAG_DESCRIPTOR = 4

const send = (process.send as NonNullable<typeof process.send>).bind(process)
process.on(
  'message',
  serve(new FileFlag(FLAG_DESCRIPTOR), (reply) => void send(reply)) as (message: unknown) => void,
)
// Ctrl-C reaches every process of the terminal; what becomes of the work is for the executor's process to say.
process.on('SIGINT', () => {})
process.on('uncaughtException', (error) => {
  send({ kind: 'uncaught', error: packError(error) } satisfies Uncaught, () => process.exit(1))
})
process.on('disconnect', () => process.exit())
