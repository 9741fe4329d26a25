/**
 * Delegation to a sub-generator: values sent and errors thrown go straight to the innermost one, and its
 * return value is the value of the delegation.
 */

class Boom extends Error {}

type Tree = Generator<string, number, number | undefined>

function* leaf(name: string): Tree {
  let total = 0
  try {
    while (true) {
      const amount = yield `${name} holds ${total}`
      if (amount === undefined) return total
      total += amount
    }
  } catch (error) {
    if (!(error instanceof Boom)) throw error
    console.log(name, 'drops', error.message)
    return -1
  } finally {
    console.log(name, 'ends')
  }
}

function* branch(): Tree {
  const first = yield* leaf('oak')
  const second = yield* leaf('elm')
  const last = (yield `oak ${first}, elm ${second}`) ?? 0
  return first + second + last
}

const tree = branch()
console.log(tree.next().value)
console.log(tree.next(5).value)
console.log(tree.next(7).value)
console.log(tree.next().value)
console.log(tree.next(3).value)
console.log(tree.throw(new Boom('a nest')).value)
const end = tree.next(100)
if (end.done) console.log('grand total', end.value)

const stump = branch()
console.log(stump.next().value)
stump.return(0)
console.log('felled')
