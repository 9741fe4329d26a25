/** The documentation says what is so: its programs run and print what is shown, its links and file names lead somewhere. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { describe, expect, test } from 'vitest'
import { filledIn, pages, snippetNames, snippetsOf } from '../scripts/snippets.ts'

const root = join(import.meta.dirname, '..')

// The programs sleep in real time: one after another, and again where the machine was too busy for what one shows.
describe('pages', { timeout: 60_000, retry: 2 }, () => {
  test.each(pages.map((page) => relative(root, page)))(
    '%s shows its programs as they are, and what they print',
    async (page) => {
      expect(readFileSync(join(root, page), 'utf8'), 'run `npm run docs`').toBe(
        await filledIn(join(root, page)),
      )
    },
  )
})

test('every snippet is shown on a page', () => {
  expect(pages.flatMap(snippetsOf).sort()).toEqual([...snippetNames].sort())
})

const documents = [
  '.',
  'docs',
  'docs/decisions',
  'benchmarks',
  'conformance',
  ...readdirSync(join(root, 'packages')).map((name) => join('packages', name)),
].flatMap((folder) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name)),
)

test.each(documents)('the links of %s lead somewhere', (document) => {
  const text = readFileSync(join(root, document), 'utf8')
  const links = [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map((match) => match[1] as string)
  const broken = links.filter(
    (link) => !/^[a-z]+:/.test(link) && !existsSync(join(root, dirname(document), link)),
  )
  expect(broken).toEqual([])
})

const sources = new Set(
  ['packages', 'conformance', 'benchmarks', 'scripts', 'test'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((path) => basename(path)),
  ),
)

test.each(documents.filter((name) => name === 'ARCHITECTURE.md' || name.includes('decisions')))(
  'the files that %s names are there',
  (document) => {
    const text = readFileSync(join(root, document), 'utf8')
    const names = [...text.matchAll(/(?:([\w-]+)|\{([\w,-]+)\})\.ts\b/g)].flatMap(([, one, several]) =>
      (one ?? (several as string)).split(','),
    )
    expect(names.filter((name) => !sources.has(`${name}.ts`))).toEqual([])
  },
)

test('ARCHITECTURE.md lists every folder of packages/core/src, and every package', () => {
  const text = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8')
  const foldersOf = (parent: string) =>
    readdirSync(join(root, parent), { withFileTypes: true }).filter((entry) => entry.isDirectory())
  const layers = foldersOf('packages/core/src').map(({ name }) => `\`${name}/\``)
  const packages = foldersOf('packages').map(({ name }) => `\`packages/${name}\``)
  expect([...layers, ...packages].filter((name) => !text.includes(name))).toEqual([])
})
