/** Run a variant on a job, with its servers, its bar and its report. */
import { mkdir } from 'node:fs/promises'
import { type Coroutine, call, from, use } from 'polvo'
import { Job } from './job.ts'
import type { Options, Variant } from './options.ts'
import { followProgress } from './progress.ts'
import { printIntroduction, printReport, Tally } from './report.ts'
import { flagSite, type Site } from './servers/sites.ts'
import * as asyncVariant from './variants/async.ts'
import * as generatorVariant from './variants/generator.ts'
import * as sequentialVariant from './variants/sequential.ts'
import * as threadsVariant from './variants/threads.ts'

const DOWNLOAD_MANY: Record<Variant, (job: Job) => Coroutine | Promise<void>> = {
  sequential: sequentialVariant.downloadMany,
  threads: threadsVariant.downloadMany,
  generator: generatorVariant.downloadMany,
  async: asyncVariant.downloadMany,
}

/** Download, and print the report of what was done, also where it was cut short. */
export function* downloadFlags(options: Options): Coroutine {
  yield* use(flagSite(options.server), function* (site) {
    printIntroduction(options, site.url)
    const tally = new Tally()
    try {
      yield* downloadFrom(site, options, tally)
    } finally {
      printReport(tally)
    }
  })
}

/** Download from a site that is running, without a word but the progress. */
export function* downloadFrom(site: Site, options: Options, tally: Tally): Coroutine {
  yield* from(mkdir(options.folder, { recursive: true }))
  const progress = followProgress(options.codes.length, tally, options.verbose)
  const job = new Job(options, site, tally, progress)
  try {
    yield* call(DOWNLOAD_MANY[options.variant] as (job: Job) => Promise<void>, job)
  } finally {
    progress.stop()
  }
}
