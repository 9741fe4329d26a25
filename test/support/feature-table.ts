/** The tables of features in the documentation: each row names the tests that hold it, in a last column `Test`. */

/** A test, as a row names it. */
export interface NamedTest {
  readonly file: string
  readonly title: string
}

export interface Feature {
  /** What stands in the first column. */
  readonly name: string
  readonly line: number
  readonly tests: readonly NamedTest[]
  /** What is wrong with the last cell; null where nothing is. */
  readonly fault: string | null
}

const NAMED = /^`([^`]+\.test\.ts)` › (\S.*)$/

/** The rows of all tables of a page that have a column `Test`. */
export function featuresOf(page: string): Feature[] {
  const features: Feature[] = []
  let isInTable = false
  for (const [index, line] of page.split('\n').entries()) {
    if (!line.startsWith('|')) isInTable = false
    else if (/^\|[\s|:-]+\|$/.test(line)) continue
    else if (isInTable) features.push(featureOf(line, index + 1))
    else isInTable = cellsOf(line).at(-1) === 'Test'
  }
  return features
}

function featureOf(row: string, line: number): Feature {
  const cells = cellsOf(row)
  const name = cells[0] as string
  const tests: NamedTest[] = []
  for (const named of (cells.at(-1) as string).split(/; (?=`)/)) {
    const [, file, title] = NAMED.exec(named) ?? []
    if (file === undefined || title === undefined) {
      const fault = `names no test: its last cell is to be \`PATH.test.ts\` › TITLE, and is ${JSON.stringify(named)}`
      return { name, line, tests: [], fault }
    }
    tests.push({ file, title })
  }
  return { name, line, tests, fault: null }
}

/** The cells of a row, as they read: what Markdown needs a backslash for has none. */
function cellsOf(row: string): string[] {
  const cells = row
    .replace(/^\|/, '')
    .replace(/\|\s*$/, '')
    .split(/(?<!\\)\|/)
  return cells.map((cell) => cell.trim().replaceAll(/\\([!-/:-@[-`{-~])/g, '$1'))
}
