/** What is printed before, during and after the downloads. */
import type { Options } from './options.ts'

export type Status = 'ok' | 'not found' | 'error'

/** How the downloads went so far, one status a code. */
export class Tally {
  readonly #counts: Record<Status, number> = { ok: 0, 'not found': 0, error: 0 }
  #began: number | undefined
  #ended: number | undefined

  /** The first connection is about to be made. */
  begin(): void {
    this.#began ??= performance.now()
  }

  add(status: Status): void {
    this.#counts[status]++
    this.#ended = performance.now()
  }

  get(status: Status): number {
    return this.#counts[status]
  }

  get total(): number {
    return this.#counts.ok + this.#counts['not found'] + this.#counts.error
  }

  /** Seconds from the first connection to the last result. */
  get seconds(): number {
    if (this.#began === undefined || this.#ended === undefined) return 0
    return (this.#ended - this.#began) / 1000
  }

  get itemsPerSecond(): number {
    return this.seconds === 0 ? 0 : this.total / this.seconds
  }
}

export function printIntroduction({ codes, server, concurrency }: Options, site: string): void {
  const few = codes.length <= 10
  const which = few ? codes.join(', ') : `from ${codes[0]} to ${codes.at(-1)}`
  console.log(`${server} site: ${site}`)
  console.log(`Searching for ${count(codes.length, 'flag')}: ${which}`)
  console.log(`${count(concurrency, 'concurrent connection')} will be used.`)
}

export function printReport(tally: Tally): void {
  console.log('-'.repeat(20))
  console.log(`${count(tally.get('ok'), 'flag')} downloaded.`)
  if (tally.get('not found') > 0) console.log(`${tally.get('not found')} not found.`)
  if (tally.get('error') > 0) console.log(`${count(tally.get('error'), 'error')}.`)
  console.log(`Elapsed time: ${tally.seconds.toFixed(2)}s (${tally.itemsPerSecond.toFixed(1)} items/s)`)
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`
}
