/** Which compressions a client takes. */

/** Those that are known here, the better one first. */
export type Encoding = 'br' | 'gzip'

const KNOWN: readonly Encoding[] = ['br', 'gzip']

/** What a client takes of what is known here, the best first; by `accept-encoding`. */
export function acceptedEncodings(header: string | string[] | undefined): Encoding[] {
  if (header === undefined) return []
  const weights = new Map<string, number>()
  for (const item of String(header).toLowerCase().split(',')) {
    const [name = '', ...params] = item.split(';').map((part) => part.trim())
    const quality = params.find((param) => param.startsWith('q='))
    weights.set(name, quality === undefined ? 1 : Number(quality.slice(2)))
  }
  const weightOf = (encoding: Encoding) => weights.get(encoding) ?? weights.get('*') ?? 0
  return KNOWN.filter((encoding) => weightOf(encoding) > 0).sort((a, b) => weightOf(b) - weightOf(a))
}
