/** One run of the downloader: what all variants share but the way they wait. */
import { ClientError, ClientResponseError } from '@polvo/http'
import type { Options } from './options.ts'
import type { Progress } from './progress.ts'
import type { Status, Tally } from './report.ts'
import type { Site } from './servers/sites.ts'

/** What the downloading itself needs of a job. */
export type DownloadJob = Pick<Job, 'codes' | 'concurrency' | 'folder' | 'urlOf' | 'done'>

export class Job {
  readonly codes: readonly string[]
  readonly concurrency: number
  readonly folder: string
  readonly #site: Site
  readonly #tally: Tally
  readonly #progress: Progress

  constructor(
    { codes, concurrency, folder }: Pick<Options, 'codes' | 'concurrency' | 'folder'>,
    site: Site,
    tally: Tally,
    progress: Progress,
  ) {
    this.codes = codes
    this.concurrency = concurrency
    this.folder = folder
    this.#site = site
    this.#tally = tally
    this.#progress = progress
  }

  urlOf(code: string): string {
    this.#tally.begin()
    const { url, extension } = this.#site
    const lower = code.toLowerCase()
    return `${url}/${lower}/${lower}.${extension}`
  }

  done(code: string, status: Status, error?: unknown): void {
    this.report(code, status, error === undefined ? undefined : describe(error))
  }

  /** As `done`, where the error was described already. */
  report(code: string, status: Status, detail?: string): void {
    this.#tally.add(status)
    this.#progress.done(code, status, detail)
  }
}

/** Whatever goes wrong with one flag is its own affair: it is counted, and the others go on. */
export function describe(error: unknown): string {
  if (error instanceof ClientResponseError) return `HTTP ${error.status} - ${error.reason}`
  if (error instanceof ClientError) return error.message
  return `not saved: ${(error as Error).message}`
}
