/** Puts the tables of a full run between the markers of README.md. */
const BEGIN = '<!-- results: begin -->'
const END = '<!-- results: end -->'

/** @throws Error when the markers are not there, in this order. */
export function withResults(readme: string, results: string): string {
  const begin = readme.indexOf(BEGIN)
  const end = readme.indexOf(END)
  if (begin < 0 || end < begin) throw new Error(`benchmarks/README.md needs the lines ${BEGIN} and ${END}.`)
  return `${readme.slice(0, begin + BEGIN.length)}\n${results}\n${readme.slice(end)}`
}
