/** The tables of features name tests that are there, run, and assert something. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Feature, featuresOf } from './support/feature-table.ts'
import { type Read, TestFile } from './support/test-file.ts'

const root = join(import.meta.dirname, '..')
const PAGES = ['docs/http.md', 'docs/http-client.md', 'docs/postgres.md', 'docs/redis.md']

/** What is wrong with the tests that a page names, line by line. */
function faultsOf(page: string, read: Read): string[] {
  const files = new Map<string, TestFile | null>()
  const fileAt = (path: string) => {
    if (!files.has(path)) {
      const source = read(path)
      files.set(path, source === undefined ? null : new TestFile(path, source, read))
    }
    return files.get(path) as TestFile | null
  }
  return featuresOf(page).flatMap((feature) => faultsOfFeature(feature, fileAt))
}

function faultsOfFeature(
  { name, line, tests, fault }: Feature,
  fileAt: (path: string) => TestFile | null,
): string[] {
  const at = `line ${line}, ${name}:`
  if (fault !== null) return [`${at} ${fault}`]
  return tests.flatMap(({ file, title }) => {
    const found = fileAt(file)
    if (found === null) return [`${at} there is no file ${file}`]
    const cases = found.named(title)
    const problem =
      cases.length === 0
        ? 'has no test'
        : cases.every(({ isSkipped }) => isSkipped)
          ? 'skips the test'
          : cases.every(({ asserts }) => !asserts)
            ? 'asserts nothing in the test'
            : null
    return problem === null ? [] : [`${at} ${file} ${problem} ${JSON.stringify(title)}`]
  })
}

const readHere: Read = (path) => {
  const file = join(root, path)
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined
}

test.each(PAGES.filter((page) => existsSync(join(root, page))))(
  'the rows of %s name tests that hold them',
  (page) => {
    const text = readHere(page) as string
    expect(featuresOf(text).length, 'rows with a last column `Test`').toBeGreaterThan(0)
    expect(faultsOf(text, readHere)).toEqual([])
  },
)

describe('a table of features', () => {
  const helpers = `
    import { test, expect } from 'vitest'
    export function twice(name, body) { for (const s of ['g', 'a']) test(\`\${name} (\${s})\`, async () => { expect(await body(s)).toBe(1) }) }
    export function hollow(name, body) { test(name, body) }
    export function expectLines(lines) { expect(lines).toEqual([]) }
    export function expectNothing(lines) { return lines }
    export const table = [['from elsewhere', 1]]
  `
  const source = `
    import { describe, expect, it, test } from 'vitest'
    import { expectLines, expectNothing, hollow, table, twice } from './support/helpers.ts'
    test('asserts at once', () => expect(1).toBe(1))
    it("asserts inside of a callback", async () => { await run(() => { expect(1).toBe(1) }) })
    test('asserts with a promise', async () => { await expect(thing()).rejects.toThrow() })
    test('asserts in a helper', () => { expectLines([]) })
    test('asserts in a helper of the file', () => { expectOwn() })
    test('asserts with node:assert', () => { assert.equal(1, 1) })
    test('is a body by name', body)
    function expectOwn() { expect(1).toBe(1) }
    function body() { expect(1).toBe(1) }
    describe('a group', () => { describe.each([1])('of %s', () => { test('is nested', () => { expect(1).toBe(1) }) }) })
    test.each([['one', 1], ['two', 2]])('has rows for %s', (_, n) => { expect(n).toBe(n) })
    test.each([['all of it']])('%s', (_) => { expect(1).toBe(1) })
    test.each(table)('has rows %s', (_) => { expect(1).toBe(1) })
    test.runIf(hasService)('needs a service', () => { expect(1).toBe(1) })
    test('has "quotes" | and pipes', () => { expect(1).toBe(1) })
    twice('is made by a helper', async () => 1)
    const local = (name, body) => twice(name, body)
    local('is made by a helper of a helper', async () => 1)
    for (const each of [1]) test(\`is in a loop, \${each}\`, () => { expect(1).toBe(1) })

    test.skip('is skipped', () => { expect(1).toBe(1) })
    test.todo('is to be done')
    test('is skipped by an option', { skip: true }, () => { expect(1).toBe(1) })
    test('skips itself', (context) => { context.skip(); expect(1).toBe(1) })
    describe.skip('a group', () => { test('is in a skipped group', () => { expect(1).toBe(1) }) })
    xit('is crossed out', () => { expect(1).toBe(1) })

    test('does nothing', () => {})
    test('does something', async () => { await run() })
    test('expects nothing of it', () => { expect(1) })
    test('only counts its assertions', () => { expect.assertions(1) })
    test('has a helper that asserts nothing', () => { expectNothing([]) })
    hollow('is made by a hollow helper', () => {})
  `
  const files: Record<string, string> = {
    'test/cases.test.ts': source,
    'test/support/helpers.ts': helpers,
  }
  const faults = (...rows: string[]) => {
    const page = [
      '# Features',
      '',
      '| feature | theirs | Test |',
      '|---|---|---|',
      ...rows,
      '',
      '| other | table |',
      '|-|-|',
      '| a | b |',
    ]
    return faultsOf(page.join('\n'), (path) => files[path])
  }
  const named = (title: string) => faults(`| it | \`x\` | \`test/cases.test.ts\` › ${title} |`)

  test.each([
    'asserts at once',
    'asserts inside of a callback',
    'asserts with a promise',
    'asserts in a helper',
    'asserts in a helper of the file',
    'asserts with node:assert',
    'is a body by name',
    'is nested',
    'has rows for %s',
    'has rows for two',
    'all of it',
    'has rows from elsewhere',
    'needs a service',
    'has "quotes" \\| and pipes',
    'is made by a helper',
    'is made by a helper of a helper',
    'is in a loop, 1',
    'is in a loop, …',
  ])('takes a test that %s', (title) => {
    expect(named(title)).toEqual([])
  })

  test.each(['is not there', 'has rows for three', 'asserts at', 'a group', 'takes anything for a hole'])(
    'misses a test that %s',
    (title) => {
      expect(named(title)).toEqual([`line 5, it: test/cases.test.ts has no test ${JSON.stringify(title)}`])
    },
  )

  test.each([
    'is skipped',
    'is to be done',
    'is skipped by an option',
    'skips itself',
    'is in a skipped group',
    'is crossed out',
  ])('refuses a test that %s', (title) => {
    expect(named(title)).toEqual([`line 5, it: test/cases.test.ts skips the test ${JSON.stringify(title)}`])
  })

  test.each([
    'does nothing',
    'does something',
    'expects nothing of it',
    'only counts its assertions',
    'has a helper that asserts nothing',
    'is made by a hollow helper',
  ])('refuses a test which %s', (title) => {
    expect(named(title)).toEqual([
      `line 5, it: test/cases.test.ts asserts nothing in the test ${JSON.stringify(title)}`,
    ])
  })

  test('may name several tests in a row, each of which has to be right', () => {
    const two = '`test/cases.test.ts` › is nested; `test/cases.test.ts` › is skipped'
    expect(faults(`| both | | ${two} |`)).toEqual([
      'line 5, both: test/cases.test.ts skips the test "is skipped"',
    ])
  })

  test('has to name a test in every row, in a file that is there', () => {
    expect(
      faults(
        '| none | x | |',
        '| words | x | see the tests |',
        '| gone | x | `test/gone.test.ts` › is nested |',
      ),
    ).toEqual([
      expect.stringMatching(/^line 5, none: names no test: .* ""$/),
      expect.stringMatching(/^line 6, words: names no test: .* "see the tests"$/),
      'line 7, gone: there is no file test/gone.test.ts',
    ])
  })
})
