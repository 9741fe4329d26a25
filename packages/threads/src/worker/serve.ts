/** The life of a worker, be it a thread or a process: orders come, one at a time, and each is answered once. */
import type { Transferable } from 'node:worker_threads'
import { packError } from '../carried-error.ts'
import type { Order, Reply, ToWorker } from '../messages.ts'
import { type CancelFlag, enterJob, JobSignal } from '../thread-signal.ts'
import { transfersOf } from '../transfers.ts'
import { callWork } from './call-work.ts'
import { findWork } from './find-work.ts'

/** Sends a reply. Throws where it cannot be cloned. */
export type Send = (reply: Reply, transfers: readonly Transferable[]) => void

/**
 * Returns what is to be called with each message of the executor.
 * @param whenIdle called when an order was answered
 */
export function serve(
  flag: CancelFlag,
  send: Send,
  whenIdle: () => void = () => {},
): (message: ToWorker) => void {
  let job: JobSignal | null = null
  return (message) => {
    switch (message.kind) {
      case 'work':
        job = new JobSignal(message.id, flag)
        void answer(message, job, send).then(whenIdle)
        break
      case 'cancel':
        job?.cancel(message.id)
        break
      case 'end':
        process.exit()
    }
  }
}

async function answer(order: Order, job: JobSignal, send: Send): Promise<void> {
  enterJob(job)
  let reply: Reply
  try {
    reply = job.isCancelled
      ? { id: order.id, kind: 'cancelled' }
      : { id: order.id, kind: 'result', value: await perform(order, job) }
  } catch (error) {
    reply = replyTo(error, order, job)
  }
  enterJob(null)
  try {
    send(reply, reply.kind === 'result' ? transfersOf([reply.value]) : [])
  } catch (error) {
    send({ id: order.id, kind: 'unsendable', reason: (error as Error).message.replace(/\.$/, '') }, [])
  }
}

function perform({ work, args, context }: Order, job: JobSignal): unknown {
  const found = findWork(work)
  const call = (fn: Awaited<typeof found>) => callWork(fn, args, context, () => job.signal)
  return typeof found === 'function' ? call(found) : found.then(call)
}

function replyTo(error: unknown, { id, work }: Order, job: JobSignal): Reply {
  if (job.isCancelled && isAbort(error)) return { id, kind: 'cancelled' }
  const name =
    'text' in work && error instanceof ReferenceError && /^(\S+) is not defined$/.exec(error.message)?.[1]
  if (name) return { id, kind: 'unknown name', name, error: packError(error) }
  return { id, kind: 'error', error: packError(error) }
}

/** The signal's reason, an error of an API that was given the signal, or polvo's cancellation. */
function isAbort(error: unknown): boolean {
  const { name, code } = (error ?? {}) as { name?: unknown; code?: unknown }
  return name === 'AbortError' || code === 'ABORT_ERR'
}
