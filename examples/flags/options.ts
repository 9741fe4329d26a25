/** The command line: what to download, from where, how many at once. */
import { parseArgs } from 'node:util'
import { ALL_CODES, EVERY_CODE, POPULOUS_CODES, withFirstLetter } from './countries.ts'

export const VARIANTS = ['sequential', 'threads', 'generator', 'async'] as const
export type Variant = (typeof VARIANTS)[number]

const SERVER_LABELS = ['DELAY', 'ERROR', 'LOCAL', 'NGINX', 'REMOTE'] as const
export type ServerLabel = (typeof SERVER_LABELS)[number]

export interface Options {
  readonly variant: Variant
  /** Sorted, without duplicates. */
  readonly codes: readonly string[]
  readonly server: ServerLabel
  /** How many downloads may be under way at once. */
  readonly concurrency: number
  readonly verbose: boolean
  /** The folder the flags are saved in. */
  readonly folder: string
}

/** The command line says something that cannot be done; `message` is for the person who typed it. */
export class UsageError extends Error {}

/** How many downloads at once: by default, and at the most. The default is low, to spare a public server. */
const CONCURRENCY: Record<Variant, { default: number; max: number }> = {
  sequential: { default: 1, max: 1 },
  threads: { default: 5, max: 1000 },
  generator: { default: 5, max: 1000 },
  async: { default: 5, max: 1000 },
}

export const USAGE =
  'usage: flags [-h] [-a] [-e] [-l N] [-m CONCURRENT] [-s LABEL] [-v] [--variant NAME] [--folder DIR] [CC ...]'

export const HELP = `${USAGE}

Download flags for country codes. Default: the 20 most populous countries.

  CC                       country code, or first letter (B is BA to BZ)
  -a, --all                get all available flags (AD to ZW)
  -e, --every              get flags for every possible code (AA to ZZ)
  -l, --limit N            limit to N first codes
  -m, --max_req CONCURRENT maximum concurrent requests
  -s, --server LABEL       server to hit; one of ${SERVER_LABELS.join(', ')} (default: LOCAL)
  -v, --verbose            output detailed progress info, in place of the bar
      --variant NAME       one of ${VARIANTS.join(', ')} (default: async)
      --folder DIR         where to save the flags (default: downloaded)
  -h, --help               show this help`

/** @throws UsageError. Returns null where help was asked for. */
export function parseCommandLine(args: readonly string[]): Options | null {
  const { values, positionals } = parse(args)
  if (values.help === true) return null
  const variant = oneOf('--variant NAME', values.variant ?? 'async', VARIANTS)
  const codes = limit(expand(positionals, values), values.limit)
  const { default: fallback, max } = CONCURRENCY[variant]
  const asked = values.max_req === undefined ? fallback : atLeastOne('--max_req CONCURRENT', values.max_req)
  return {
    variant,
    codes,
    server: oneOf('--server LABEL', values.server?.toUpperCase() ?? 'LOCAL', SERVER_LABELS),
    concurrency: Math.min(asked, max, codes.length),
    verbose: values.verbose === true,
    folder: values.folder ?? 'downloaded',
  }
}

interface Values {
  all?: boolean
  every?: boolean
  limit?: string
  max_req?: string
  server?: string
  verbose?: boolean
  variant?: string
  folder?: string
  help?: boolean
}

function parse(args: readonly string[]): { values: Values; positionals: string[] } {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        all: { type: 'boolean', short: 'a' },
        every: { type: 'boolean', short: 'e' },
        limit: { type: 'string', short: 'l' },
        max_req: { type: 'string', short: 'm' },
        server: { type: 'string', short: 's' },
        verbose: { type: 'boolean', short: 'v' },
        variant: { type: 'string' },
        folder: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    })
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error })
  }
}

function expand(given: readonly string[], { all, every }: Values): string[] {
  if (every === true) return [...EVERY_CODE]
  if (all === true) return [...ALL_CODES].sort()
  if (given.length === 0) return [...POPULOUS_CODES].sort()
  const codes = given.map((code) => code.toUpperCase()).flatMap(expandOne)
  return [...new Set(codes)].sort()
}

function expandOne(code: string): string[] {
  if (/^[A-Z]$/.test(code)) return withFirstLetter(code)
  if (/^[A-Z]{2}$/.test(code)) return [code]
  throw new UsageError('each CC argument must be A to Z or AA to ZZ.')
}

function limit(codes: string[], count: string | undefined): string[] {
  return count === undefined ? codes : codes.slice(0, atLeastOne('--limit N', count))
}

function atLeastOne(what: string, text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1)
    throw new UsageError(`${what} must be >= 1, and was ${JSON.stringify(text)}`)
  return value
}

function oneOf<T extends string>(what: string, value: string, allowed: readonly T[]): T {
  if (!(allowed as readonly string[]).includes(value)) {
    throw new UsageError(`${what} must be one of ${allowed.join(', ')}, and was ${JSON.stringify(value)}`)
  }
  return value as T
}
