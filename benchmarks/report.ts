/** The table to read: Markdown that is also aligned plain text. Losses are printed as wins are. */
import { type JudgedBudget, medianOf, type RowResult, ratioOf } from './analysis.ts'
import type { Limit } from './budgets.ts'
import type { Environment } from './environment.ts'
import type { Metric } from './kernel.ts'
import type { Contestant, Row } from './row.ts'
import type { Interval } from './statistics.ts'
import { isMedianBeyond, ROUNDS_FOR_A_VERDICT, type Verdict } from './verdict.ts'

export interface Run {
  environment: Environment
  /** The load when it ended. */
  loadAfter: number
  rounds: number
  seed: number
  rows: RowResult[]
}

/** Whether the control pair of a row with budgets does not read 1.00 ± 0.03, so that no verdict counts. */
export function isVoid(run: Run): boolean {
  return voidRows(run).length > 0
}

function voidRows({ rows }: Run): string[] {
  return rows
    .filter(({ control, judged }) => judged.length > 0 && control.some(({ isGood }) => !isGood))
    .map(({ measurements: { row } }) => row.name)
}

/** The budgets with a certain verdict, in words. */
export function budgetsThatAre(verdict: Verdict, { rows }: Run): string[] {
  return rows.flatMap(({ judged, measurements: { row } }) =>
    judged.filter((each) => each.verdict === verdict).map((each) => `${row.name}: ${inWords(each, row)}`),
  )
}

export function report(run: Run): string {
  return [head(run), ...run.rows.map((result) => rowReport(result, run.seed)), summary(run)].join('\n\n')
}

function head({ environment: here, loadAfter, rounds, seed }: Run): string {
  const versions = Object.entries(here.versions).map(([name, version]) => `${name} ${version}`)
  const absent = Object.entries(here.absent).map(([name, reason]) => `- Absent: ${name} (${reason}).`)
  return [
    `Measured on ${here.date.slice(0, 10)}, ${rounds} rounds, seed ${seed}; polvo at ${here.commit}.`,
    '',
    `- Machine: ${here.cpu}, ${here.cores} cores, ${here.memoryGiB} GiB, ${here.system}; load ${here.load} before, ${loadAfter} after.`,
    `- Versions: ${versions.join(', ')}; V8 ${here.v8}.`,
    ...absent,
  ].join('\n')
}

function rowReport(result: RowResult, seed: number): string {
  const { row, missing } = result.measurements
  const parts = [`### ${row.name}: ${row.title}`, contestantsTable(result, seed)]
  if (result.control.length > 0) parts.push(controlLine(result))
  if (result.judged.length > 0) parts.push(budgetsTable(result))
  const skipped = row.contestants.filter(({ id }) => missing.has(id))
  if (skipped.length > 0) {
    parts.push(skipped.map(({ id, label }) => `- Skipped: ${label} (${missing.get(id)}).`).join('\n'))
  }
  return parts.join('\n\n')
}

/** One line for each contestant: its medians, and the ratios of those of polvo's that have budgets to it. */
function contestantsTable({ measurements, judged }: RowResult, seed: number): string {
  const { row } = measurements
  const compared = row.contestants.filter(
    ({ id, isUnderNode22 }) => !isUnderNode22 && judged.some(({ budget }) => budget.ours === id),
  )
  const hasNode22 = row.contestants.some(({ isUnderNode22 }) => isUnderNode22)
  const byNode = <T>(on24: T, on22: T): T[] => (hasNode22 ? [on24, on22] : [on24])
  const titles = [
    'contestant',
    ...row.metrics.flatMap((metric) => byNode(metricTitles[metric], `${metricTitles[metric]}, Node 22`)),
    ...compared.flatMap(({ label }) => row.metrics.map((metric) => ratioTitle(label, metric, row))),
  ]
  const lines = row.contestants
    .filter(({ isUnderNode22 }) => !isUnderNode22)
    .map(({ id, label }) => [
      label,
      ...row.metrics.flatMap((metric) =>
        byNode(
          amount(medianOf(measurements, id, metric)),
          amount(medianOf(measurements, `${id}@22`, metric)),
        ),
      ),
      ...compared.flatMap((ours) =>
        row.metrics.map((metric) =>
          ours.id === id ? '' : withInterval(ratioOf(measurements, ours.id, [id], metric, seed)),
        ),
      ),
    ])
  return table(titles, lines)
}

function budgetsTable({ judged, measurements: { row } }: RowResult): string {
  const lines = judged.map((each) => [
    inWords(each, row),
    withInterval(each.interval),
    each.verdict === 'met' && each.interval !== null && isMedianBeyond(each.interval, each.budget.limit)
      ? 'met, though its median is beyond'
      : each.verdict,
    each.reason ?? '',
  ])
  const hasReasons = judged.some(({ reason }) => reason !== null)
  const columns = hasReasons ? 4 : 3
  const titles = ['budget', 'measured (95 % interval)', 'verdict', 'because'].slice(0, columns)
  return table(
    titles,
    lines.map((line) => line.slice(0, columns)),
  )
}

function controlLine({ control, judged }: RowResult): string {
  const readings = control.map(({ metric, ratio, isGood }) => {
    const what = metric === 'wall' ? '' : `${metricTitles[metric]} `
    const complaint = `, and should be 1.00 ± 0.03${judged.length > 0 ? ': VOID' : ''}`
    return `${what}${withInterval(ratio)}${isGood ? '' : complaint}`
  })
  return `Control, native against itself: ${readings.join('; ')}.`
}

function summary(run: Run): string {
  const verdicts: Verdict[] = ['met', 'missed', 'undecided', 'no verdict']
  const counts = verdicts.map((verdict) => `${budgetsThatAre(verdict, run).length} ${verdict}`)
  const lines = [`Budgets: ${counts.join(', ')}.`]
  for (const verdict of ['missed', 'undecided'] as const) {
    lines.push(...budgetsThatAre(verdict, run).map((words) => `- ${verdict}: ${words}`))
  }
  if (run.rounds < ROUNDS_FOR_A_VERDICT) {
    lines.push(`A verdict takes ${ROUNDS_FOR_A_VERDICT} rounds; these were ${run.rounds}.`)
  }
  if (isVoid(run)) {
    const where = voidRows(run).join(', ')
    lines.push(`VOID: the control pair of ${where} does not read 1.00 ± 0.03. No number above counts.`)
  }
  return lines.join('\n')
}

const metricTitles: Record<Metric, string> = {
  wall: 'ns',
  cpu: 'CPU ns',
  heap: 'heap B',
  rss: 'RSS B',
  peak: 'peak RSS B',
  p50: 'median ns',
  p99: 'p99 ns',
  gzip: 'gzip B',
}

function inWords({ budget: { ours, metric, limit } }: JudgedBudget, row: Row): string {
  const unit = row.metrics.length > 1 ? ` (${metricTitles[metric]})` : ''
  return `${nameOf(ours, row)}: ${limitInWords(limit, row)}${unit}`
}

function limitInWords(limit: Limit, row: Row): string {
  switch (limit.kind) {
    case 'at most':
      return `≤ ${limit.times} × ${limit.of.map((id) => nameOf(id, row)).join(' + ')}`
    case 'faster':
      return `≥ ${limit.times} × faster than ${nameOf(limit.than, row)} (≤ ${(1 / limit.times).toFixed(3)})`
    case 'absolute':
      return `≤ ${amount(limit.value)}`
  }
}

function nameOf(id: string, row: Row): string {
  const contestant = row.contestants.find((each) => each.id === id) as Contestant
  return contestant.isUnderNode22 ? `${contestant.label}, Node 22` : contestant.label
}

/** `sleep(0)` for polvo `sleep(0)`: the column says what is divided by the line's contestant. */
function ratioTitle(label: string, metric: Metric, row: Row): string {
  const what = row.metrics.length > 1 ? `, ${metricTitles[metric]}` : ''
  return `${label.replace(/^polvo /, '')} ÷ it${what}`
}

function withInterval(interval: Interval | null): string {
  if (interval === null) return '–'
  return `${amount(interval.median)} (${amount(interval.low)}–${amount(interval.high)})`
}

/** Two or three digits that count, and whole numbers from a hundred on. */
function amount(value: number | null): string {
  if (value === null) return '–'
  if (value >= 100) return Math.round(value).toLocaleString('en-US')
  return value >= 10 ? value.toFixed(1) : value.toFixed(value >= 0.2 ? 2 : 3)
}

function table(titles: readonly string[], lines: readonly (readonly string[])[]): string {
  const widths = titles.map((title, i) => Math.max(...[title, ...lines.map((line) => line[i]!)].map(width)))
  const format = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => cell + ' '.repeat(widths[i]! - width(cell))).join(' | ')} |`
  const rule = `|${widths.map((each) => '-'.repeat(each + 2)).join('|')}|`
  return [format(titles), rule, ...lines.map(format)].join('\n')
}

function width(text: string): number {
  return [...text].length
}
