/** How two traces differ: in a line, and in an excerpt. */

/** Whether CPython's trace ends with a decision to differ (see `differences.py`): what follows is not compared. */
export function hasParted(wanted: readonly string[]): boolean {
  return wanted.at(-1)?.startsWith('# ') ?? false
}

/** Where they begin to differ; null where they are equal, as far as they are to be. */
export function differenceOf(wanted: readonly string[], got: readonly string[]): number | null {
  const length = hasParted(wanted) ? wanted.length - 1 : Math.max(wanted.length, got.length)
  for (let line = 0; line < length; line++) if (wanted[line] !== got[line]) return line
  return null
}

export function describeDifference(wanted: readonly string[], got: readonly string[]): string {
  const line = differenceOf(wanted, got)
  if (line === null) return 'no difference'
  const [should, is] = [wanted[line], got[line]]
  if (should === undefined) return `goes on after line ${line} with "${is}"`
  if (is === undefined) return `ends after line ${line}, "${should}" should follow`
  return `line ${line + 1} is "${is}", should be "${should}"`
}

/** The lines before the first difference, and those of each side from there on; "-" is CPython's. */
export function excerptOf(wanted: readonly string[], got: readonly string[]): string[] {
  const start = differenceOf(wanted, got) ?? 0
  return [
    ...(start > BEFORE ? ['  …'] : []),
    ...wanted.slice(Math.max(0, start - BEFORE), start).map((line) => `  ${line}`),
    ...beginning(wanted, start).map((line) => `- ${line}`),
    ...beginning(got, start).map((line) => `+ ${line}`),
  ]
}

const BEFORE = 8
const AFTER = 6

function beginning(trace: readonly string[], start: number): string[] {
  const lines = trace.slice(start, start + AFTER)
  return trace.length > start + AFTER ? [...lines, '…'] : lines
}
