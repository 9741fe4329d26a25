/**
 * A future is settled once and for all: reading too early, settling twice, and cancelling too late are each
 * refused in their own way.
 */
import { CancelledError, getRunningLoop, InvalidStateError, run } from 'polvo'

class Boom extends Error {}

function word(value: unknown): string {
  if (value instanceof Boom) return value.message
  return String(value ?? 'none')
}

function attempt(label: string, action: () => unknown): void {
  try {
    console.log(label, word(action()))
  } catch (error) {
    if (error instanceof CancelledError) console.log(label, 'CancelledError')
    else if (error instanceof InvalidStateError) console.log(label, 'InvalidStateError')
    else if (error instanceof Boom) console.log(label, error.message)
    else throw error
  }
}

async function main(): Promise<void> {
  const loop = getRunningLoop()

  const pending = loop.createFuture<string>()
  attempt('pending result', () => pending.result())
  attempt('pending exception', () => pending.exception())
  attempt('pending done', () => pending.done())

  const settled = loop.createFuture<string>()
  settled.setResult('gold')
  attempt('settled again', () => settled.setResult('silver'))
  attempt('settled result', () => settled.result())
  attempt('settled exception', () => settled.exception())
  attempt('settled cancel', () => settled.cancel())

  const failed = loop.createFuture<string>()
  failed.setException(new Boom('rust'))
  attempt('failed result', () => failed.result())
  attempt('failed exception', () => failed.exception())
  attempt('failed done', () => failed.done())

  attempt('cancel', () => pending.cancel())
  attempt('cancel again', () => pending.cancel())
  attempt('cancelled', () => pending.cancelled())
  attempt('cancelled result', () => pending.result())
  attempt('cancelled exception', () => pending.exception())
  attempt('cancelled set', () => pending.setResult('late'))
}

await run(main)
