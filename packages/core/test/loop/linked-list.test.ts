import { describe, expect, test } from 'vitest'
import { isLinked, type Linked, LinkedList, unlink } from '../../src/loop/linked-list.ts'
import { seeded } from '../support/random.ts'

interface Node extends Linked {
  readonly name: string
}

const node = (name: string): Node => ({ name, _prev: null, _next: null })

function listOf(...nodes: Node[]): LinkedList<Node> {
  const list = new LinkedList<Node>()
  for (const one of nodes) list.push(one)
  return list
}

function names(list: LinkedList<Node>): string {
  const all: string[] = []
  list.forEach(({ name }) => {
    all.push(name)
  })
  return all.join('')
}

test('a new list is empty', () => {
  const list = new LinkedList<Node>()
  expect([list.isEmpty, list.first, list.last, list.shift()]).toEqual([true, null, null, null])
})

test('gives the nodes back in the order they were pushed', () => {
  const list = listOf(node('a'), node('b'), node('c'))
  expect([list.isEmpty, list.first?.name, list.last?.name]).toEqual([false, 'a', 'c'])
  expect([list.shift()?.name, list.shift()?.name, list.shift()?.name, list.shift()]).toEqual([
    'a',
    'b',
    'c',
    null,
  ])
  expect(list.isEmpty).toBe(true)
})

describe('unlinking', () => {
  for (const [place, index, left] of [
    ['first', 0, 'bc'],
    ['middle', 1, 'ac'],
    ['last', 2, 'ab'],
  ] as const) {
    test(`takes the ${place} node out and leaves the others in order`, () => {
      const nodes = [node('a'), node('b'), node('c')]
      const list = listOf(...nodes)
      unlink(nodes[index] as Node)
      expect(names(list)).toBe(left)
      expect([list.first?.name, list.last?.name]).toEqual([left[0], left[1]])
    })
  }

  test('the only node leaves an empty list', () => {
    const only = node('a')
    const list = listOf(only)
    unlink(only)
    expect([list.isEmpty, list.first, list.last]).toEqual([true, null, null])
  })

  test('a node that is in no list does nothing', () => {
    const stranger = node('x')
    const list = listOf(node('a'))
    unlink(stranger)
    expect([names(list), isLinked(stranger)]).toEqual(['a', false])
  })

  test('a second time does nothing, even when the neighbours have moved since', () => {
    const [a, b, c] = [node('a'), node('b'), node('c')]
    const list = listOf(a, b, c)
    unlink(b)
    unlink(c)
    unlink(b)
    expect(names(list)).toBe('a')
  })

  test('lets go of the neighbours', () => {
    const [a, b] = [node('a'), node('b')]
    listOf(a, b)
    unlink(a)
    expect([a._prev, a._next, isLinked(a), isLinked(b)]).toEqual([null, null, false, true])
  })
})

test('a node that was taken out can be pushed again, into another list too', () => {
  const a = node('a')
  const one = listOf(a, node('b'))
  const other = listOf(node('c'))
  one.shift()
  other.push(a)
  expect([names(one), names(other)]).toEqual(['b', 'ca'])
})

test('a visitor may unlink the node it is given', () => {
  const list = listOf(node('a'), node('b'), node('c'), node('d'))
  list.forEach((one) => {
    if (one.name !== 'b') unlink(one)
  })
  expect(names(list)).toBe('b')
})

test('agrees with an array under random pushes, shifts and unlinks', () => {
  for (let seed = 1; seed <= 50; seed++) {
    const random = seeded(seed)
    const list = new LinkedList<Node>()
    const model: Node[] = []
    for (let step = 0; step < 200; step++) {
      const dice = random()
      if (dice < 0.5) {
        const one = node(`${step} `)
        list.push(one)
        model.push(one)
      } else if (dice < 0.7) {
        expect(list.shift(), `seed ${seed}`).toBe(model.shift() ?? null)
      } else if (model.length > 0) {
        const [one] = model.splice(Math.floor(random() * model.length), 1)
        unlink(one as Node)
      }
      expect(names(list), `seed ${seed}`).toBe(model.map(({ name }) => name).join(''))
    }
  }
})
