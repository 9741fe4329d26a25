/**
 * One text with all mutations of a module in it. Each stands behind a question to `__mutant`, which notes that it was asked, and
 * says whether this one is switched on: so a process is loaded once for many mutants.
 */
import type { Mutation } from './mutations.ts'

/** The global function, which takes the number of a mutation. */
export const SWITCH = '__mutant'

interface Site {
  readonly start: number
  readonly end: number
  readonly isStatement: boolean
  readonly variants: { readonly number: number; readonly replacement: string }[]
  readonly inner: Site[]
}

/** @param numbers the number of each mutation */
export function instrumented(
  text: string,
  mutations: readonly Mutation[],
  numbers: ReadonlyMap<Mutation, number>,
): string {
  const whole: Site = { start: 0, end: text.length, isStatement: false, variants: [], inner: [] }
  for (const mutation of mutations) {
    const { replacement } = mutation
    siteOf(whole, mutation).variants.push({ number: numbers.get(mutation) as number, replacement })
  }
  return contentOf(text, whole)
}

/** The site of a mutation, which comes after those around it. */
function siteOf(around: Site, { start, end, isStatement }: Mutation): Site {
  const last = around.inner.at(-1)
  if (last !== undefined && last.start <= start && end <= last.end) {
    const isSame = last.start === start && last.end === end && last.isStatement === isStatement
    return isSame ? last : siteOf(last, { start, end, isStatement } as Mutation)
  }
  const site: Site = { start, end, isStatement, variants: [], inner: [] }
  around.inner.push(site)
  return site
}

function contentOf(text: string, site: Site): string {
  let content = ''
  let at = site.start
  for (const inner of site.inner) {
    content += text.slice(at, inner.start) + withVariants(text, inner)
    at = inner.end
  }
  return content + text.slice(at, site.end)
}

function withVariants(text: string, site: Site): string {
  const content = contentOf(text, site)
  if (site.isStatement) {
    const cases = site.variants.map(
      ({ number, replacement }) => `if (${SWITCH}(${number})) {${replacement}} else `,
    )
    return `{ ${cases.join('')}${content} }`
  }
  const cases = site.variants.map(({ number, replacement }) => `${SWITCH}(${number}) ? (${replacement}) : `)
  return `(${cases.join('')}(${content}))`
}
