/** How the downloads are followed while they go on: a bar, a line each, or nothing. */
import { SingleBar } from 'cli-progress'
import type { Status, Tally } from './report.ts'

export interface Progress {
  /** @param detail what to say of it in verbose mode, where that is more than the status */
  done(code: string, status: Status, detail?: string): void
  stop(): void
}

export function followProgress(total: number, tally: Tally, verbose: boolean): Progress {
  if (verbose) return lines
  return process.stderr.isTTY ? bar(total, tally) : silence
}

export const silence: Progress = { done() {}, stop() {} }

const lines: Progress = {
  done(code, status, detail) {
    if (status === 'error') console.log(`*** Error for ${code}: ${detail}`)
    else console.log(code, status === 'ok' ? 'OK' : status)
  },
  stop() {},
}

function bar(total: number, tally: Tally): Progress {
  const single = new SingleBar({
    stream: process.stderr,
    format: '{bar} {percentage}% | {value}/{total} | {rate} items/s | {eta_formatted} left',
    barCompleteChar: '█',
    barIncompleteChar: '░',
    hideCursor: true,
    clearOnComplete: false,
  })
  single.start(total, 0, { rate: '0' })
  return {
    done: () => single.update(tally.total, { rate: tally.itemsPerSecond.toFixed(0) }),
    stop: () => single.stop(),
  }
}
