import { ExceptionGroup } from 'polvo'

/** An error by its name, a group with what it holds: `ExceptionGroup[boom, ExceptionGroup[inner]]` */
export function shown(error: unknown): string {
  if (!(error instanceof ExceptionGroup)) return error instanceof Error ? error.name : String(error)
  return `ExceptionGroup[${error.errors.map(shown).join(', ')}]`
}
