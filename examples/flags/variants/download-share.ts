/** What each thread of the threads variant does: the async variant's work, on its share of the codes. */
import type { MessagePort } from 'node:worker_threads'
import { type DownloadJob, describe } from '../job.ts'
import type { Status } from '../report.ts'
import { downloadMany } from './async.ts'

/** A part of a job, as it is sent to a thread. */
export interface Share {
  readonly urls: ReadonlyMap<string, string>
  readonly concurrency: number
  readonly folder: string
}

/** What became of one code, as it is sent back. */
export interface Outcome {
  readonly code: string
  readonly status: Status
  readonly detail: string | undefined
}

class ShareOfJob implements DownloadJob {
  readonly codes: readonly string[]
  readonly concurrency: number
  readonly folder: string
  readonly #urls: ReadonlyMap<string, string>
  readonly #outcomes: MessagePort

  constructor({ urls, concurrency, folder }: Share, outcomes: MessagePort) {
    this.codes = [...urls.keys()]
    this.concurrency = concurrency
    this.folder = folder
    this.#urls = urls
    this.#outcomes = outcomes
  }

  urlOf(code: string): string {
    return this.#urls.get(code) as string
  }

  done(code: string, status: Status, error?: unknown): void {
    const detail = error === undefined ? undefined : describe(error)
    this.#outcomes.postMessage({ code, status, detail } satisfies Outcome)
  }
}

/** Closes the port when everything was reported. */
export async function downloadShare(share: Share, outcomes: MessagePort): Promise<void> {
  try {
    await downloadMany(new ShareOfJob(share, outcomes))
  } finally {
    outcomes.close()
  }
}
