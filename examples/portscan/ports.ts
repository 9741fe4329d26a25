/** The command line of the port scanners. */

/** The ports of `80`, `8000-8100` or `22,80,8000-8100`. @throws RangeError for what is none */
export function portsFrom(text: string): number[] {
  return text.split(',').flatMap((part) => {
    const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(part) ?? []
    const from = Number(first)
    const to = Number(last)
    if (!(from >= 1 && to <= 65_535 && from <= to)) throw new RangeError(`'${part}' is no port, nor a range.`)
    return Array.from({ length: to - from + 1 }, (_, i) => from + i)
  })
}
