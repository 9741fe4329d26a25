/** What a task's line says of its code: where it is, and what it waits for. */
import { Body } from '../coroutine/body.ts'
import { Strand } from '../coroutine/driver.ts'
import type { Waitable } from '../coroutine/waitable.ts'
import { locate } from '../host/source-location.ts'

/** `coro=<spin() running at spinner.ts:6> wait_for=<Future pending>` */
export function describeRunner(runner: Strand | Body | null): string {
  if (runner === null) return ''
  const waits = waitsOf(runner).map((waitable) => waitable._brief())
  const waitFor = waits.length === 0 ? '' : ` wait_for=${waits.join(', ')}`
  return ` coro=<${describeCode(runner)}>${waitFor}`
}

function describeCode(runner: Strand | Body): string {
  if (runner instanceof Body) return describePlace(runner.fn, 'defined at')
  if (runner.innerBody !== null) return describeCode(runner.innerBody)
  return describePlace(runner.innermost, 'running at')
}

function describePlace(target: object | null, relation: string): string {
  const place = target === null ? undefined : locate(target)
  if (place === undefined) return 'anonymous()'
  const where = place.file === undefined ? '' : ` ${relation} ${place.file}:${place.line}`
  return `${place.name}()${where}`
}

/** What the code waits for: one thing, or several under `Promise.all`; nothing while it is ready or awaits a promise. */
export function waitsOf(runner: Strand | Body): Waitable[] {
  if (runner instanceof Body) {
    return runner.leaves.flatMap(({ strand, waitingFor }) => {
      if (strand instanceof Strand) return waitsOf(strand)
      return waitingFor === null ? [] : [waitingFor]
    })
  }
  if (runner.innerBody !== null) return waitsOf(runner.innerBody)
  return runner.waitingFor === null ? [] : [runner.waitingFor]
}
