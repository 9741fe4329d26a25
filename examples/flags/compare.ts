/** All variants on the same list, side by side; the sequential one on a sample, since it takes half a second a flag. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Coroutine, from, use } from 'polvo'
import { downloadFrom } from './download.ts'
import { parseCommandLine, VARIANTS, type Variant } from './options.ts'
import { Tally } from './report.ts'
import { flagSite } from './servers/sites.ts'

const DELAY_SECONDS = 0.5
const CONCURRENCY = 100
const SAMPLE = 20

export function* compare(): Coroutine {
  const folder = yield* from(mkdtemp(join(tmpdir(), 'flags-')))
  try {
    yield* use(flagSite('DELAY'), function* (site) {
      console.log(`${site.url}, each request delayed ${DELAY_SECONDS * 1000} ms\n`)
      console.log(row('variant', 'items', 'at once', 'elapsed', 'ideal', 'ratio', 'items/s'))
      for (const variant of VARIANTS) {
        const options = optionsFor(variant, folder)
        const tally = new Tally()
        yield* downloadFrom(site, options, tally)
        const ideal = Math.ceil(options.codes.length / options.concurrency) * DELAY_SECONDS
        console.log(
          row(
            variant,
            tally.total,
            options.concurrency,
            `${tally.seconds.toFixed(2)}s`,
            `${ideal.toFixed(2)}s`,
            (tally.seconds / ideal).toFixed(2),
            tally.itemsPerSecond.toFixed(1),
          ),
        )
      }
    })
  } finally {
    yield* from(rm(folder, { recursive: true, force: true }))
  }
}

function optionsFor(variant: Variant, folder: string) {
  const size = variant === 'sequential' ? ['--limit', String(SAMPLE)] : []
  const options = parseCommandLine([
    '--every',
    '--server=DELAY',
    `--max_req=${CONCURRENCY}`,
    `--variant=${variant}`,
    `--folder=${folder}`,
    ...size,
  ])
  if (options === null) throw new Error('unreachable: help was not asked for')
  return options
}

function row(...cells: (string | number)[]): string {
  return cells.map((cell, i) => (i === 0 ? String(cell).padEnd(12) : String(cell).padStart(9))).join('')
}
