/** Which context variables there are, by name: a variable's twin in another thread has nothing else in common with it. */

interface Named {
  readonly name: string
}

const known = new Set<WeakRef<Named>>()
const collected = new FinalizationRegistry<WeakRef<Named>>((reference) => known.delete(reference))

export function noteVariable(variable: Named): void {
  const reference = new WeakRef(variable)
  known.add(reference)
  collected.register(variable, reference)
}

export function variablesNamed(name: string): Named[] {
  return [...known]
    .map((reference) => reference.deref() ?? null)
    .filter((found) => found?.name === name) as Named[]
}
