/** The mutants that no test can tell from the code as it is, with the reason of each: see equivalent.json. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** By the key of the mutation. */
export function equivalents(): Map<string, string> {
  const file = join(import.meta.dirname, 'equivalent.json')
  return new Map(Object.entries(JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>))
}
