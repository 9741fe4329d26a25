/** Cutting a program down to the least that still shows what it shows: delta debugging over its operations. */
import { type Body, bodiesOf, type Operation, operationsIn, type Program, rewrite } from './program.ts'

/**
 * A smallest program for which `shows` still holds: taking away any one operation, or any of the other cuts, would lose it.
 *
 * @param program one for which it holds
 */
export async function shrink(
  program: Program,
  shows: (candidate: Program) => Promise<boolean>,
): Promise<Program> {
  const { seed } = program
  let { body } = program
  let hasShrunk = true
  while (hasShrunk) {
    hasShrunk = false
    for (const cut of cutsOf(body)) {
      const candidate = cut(body)
      if (candidate === body || !(await shows({ seed, body: candidate }))) continue
      body = candidate
      hasShrunk = true
    }
  }
  return { seed, body }
}

/** A change that makes a program smaller. It gives back the same body where there is nothing left for it to cut. */
type Cut = (body: Body) => Body

/** The widest cuts first. They were planned for one body, and are made in what earlier ones have left of it. */
function* cutsOf(body: Body): Generator<Cut, void> {
  const operations = [...operationsIn(body)]
  for (let size = operations.length; size >= 1; size = Math.floor(size / 2)) {
    for (let start = 0; start < operations.length; start += size) {
      yield without(operations.slice(start, start + size))
    }
  }
  for (const operation of operations) {
    if (bodiesOf(operation).length > 0) yield replacing(operation, (current) => bodiesOf(current).flat())
    for (const field of Object.keys(SIMPLEST)) yield replacing(operation, simplifying(field))
    for (const field of ['tasks', 'children']) {
      for (let index = 0; index < 3; index++) yield replacing(operation, shortening(field, index))
    }
  }
}

function without(operations: readonly Operation[]): Cut {
  const numbers = new Set(operations.map(({ at }) => at))
  return (body) => {
    const isThere = [...operationsIn(body)].some(({ at }) => numbers.has(at))
    return isThere ? rewrite(body, (operation) => (numbers.has(operation.at) ? [] : [operation])) : body
  }
}

/** What an operation is exchanged for; null where that changes nothing. */
type Change = (operation: Operation) => Body | null

function replacing({ at }: Operation, change: Change): Cut {
  return (body) => {
    const current = [...operationsIn(body)].find((operation) => operation.at === at)
    const changed = current === undefined ? null : change(current)
    return changed === null
      ? body
      : rewrite(body, (operation) => (operation.at === at ? changed : [operation]))
  }
}

/** The values that are the least to think about, by the name of the field. */
const SIMPLEST: Readonly<Record<string, unknown>> = {
  times: 1,
  count: 1,
  into: null,
  isOver: false,
  onCancel: 'swallow',
  limit: 'movable',
  returnExceptions: false,
  immediate: false,
  after: 1,
}

function simplifying(field: string): Change {
  return (operation) =>
    !(field in operation) || fieldOf(operation, field) === SIMPLEST[field]
      ? null
      : [{ ...operation, [field]: SIMPLEST[field] }]
}

function shortening(field: string, index: number): Change {
  return (operation) => {
    const list = fieldOf(operation, field)
    if (!Array.isArray(list) || list.length < 2 || index >= list.length) return null
    return [{ ...operation, [field]: list.toSpliced(index, 1) }]
  }
}

function fieldOf(operation: Operation, field: string): unknown {
  return Reflect.get(operation, field)
}
