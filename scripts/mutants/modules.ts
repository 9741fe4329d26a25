/** What is mutated: the modules of packages/core in which a wrong line is hardest to see. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export const ROOT = join(import.meta.dirname, '../..')
export const SOURCES = join(ROOT, 'packages/core/src')

const WHOLE_FOLDERS = ['sync', 'queues']

const SINGLE_FILES = [
  'coroutine/driver',
  'coroutine/body',
  'coroutine/frame',
  'coroutine/operation',
  'coroutine/future',
  'coroutine/waitable',
  'coroutine/sleep',
  'tasks/task',
  'tasks/scope',
  'tasks/grace',
  'tasks/launch',
  'structured/task-group',
  'structured/timeout',
  'structured/cancel-scope',
  'structured/shield',
]

export interface Module {
  /** As in `sync/lock`. */
  readonly name: string
  readonly file: string
  readonly text: string
}

/** All modules, in the order of the layers. */
export function modules(): Module[] {
  const names = [...SINGLE_FILES, ...WHOLE_FOLDERS.flatMap(modulesIn)]
  return names.map((name) => {
    const file = join(SOURCES, `${name}.ts`)
    return { name, file, text: readFileSync(file, 'utf8') }
  })
}

function modulesIn(folder: string): string[] {
  const files = readdirSync(join(SOURCES, folder)).filter((file) => file.endsWith('.ts'))
  return files.map((file) => `${folder}/${file.slice(0, -'.ts'.length)}`).sort()
}
