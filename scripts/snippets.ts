/**
 * The programs in the documentation: files under docs/snippets. A page names one by `<!-- snippet: NAME -->`; behind that stand
 * its text and what it prints, kept in step by `npm run docs` and checked by a test.
 */
import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const docs = join(import.meta.dirname, '..', 'docs')
const folder = join(docs, 'snippets')

/** The pages that show snippets, by path. */
export const pages: readonly string[] = readdirSync(docs)
  .filter((name) => name.endsWith('.md'))
  .map((name) => join(docs, name))

export const snippetNames: readonly string[] = readdirSync(folder).filter((name) => name.endsWith('.ts'))

/** What a snippet prints, when run by itself. */
async function outputOf(name: string): Promise<string> {
  const path = join(folder, name)
  const { stdout } = await promisify(execFile)(process.execPath, ['--conditions=polvo-source', path])
  return stdout
}

const MARKER = /^<!-- snippet: (\S+) -->\n(?:\n```ts\n[\s\S]*?\n```\n(?:\n```text\n[\s\S]*?\n```\n)?)?/gm

export function snippetsOf(page: string): string[] {
  return [...readFileSync(page, 'utf8').matchAll(MARKER)].map((match) => match[1] as string)
}

/** The page as it should be. Its programs run one after the other: many at once would miss their own deadlines. */
export async function filledIn(page: string): Promise<string> {
  const text = readFileSync(page, 'utf8')
  const blocks: string[] = []
  for (const name of snippetsOf(page)) blocks.push(await blockFor(name))
  return text.replace(MARKER, () => blocks.shift() as string)
}

async function blockFor(name: string): Promise<string> {
  const source = readFileSync(join(folder, name), 'utf8').trimEnd()
  const output = (await outputOf(name)).trimEnd()
  const shown = output === '' ? '' : `\n\`\`\`text\n${output}\n\`\`\`\n`
  return `<!-- snippet: ${name} -->\n\n\`\`\`ts\n${source}\n\`\`\`\n${shown}`
}
