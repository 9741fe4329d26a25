/**
 * throw() throws at the point of suspension; the coroutine may handle the error and go on to its next await,
 * or let it out.
 */

class Boom extends Error {}

/** A coroutine that is driven by hand may yield whatever its driver understands. */
type HandDriven<T> = Generator<string, T, unknown>

class Pause {
  readonly label: string

  constructor(label: string) {
    this.label = label
  }

  *[Symbol.iterator](): HandDriven<void> {
    yield this.label
  }
}

function* inner(): HandDriven<string> {
  try {
    yield* new Pause('inner one')
  } catch (error) {
    if (!(error instanceof Boom)) throw error
    console.log('inner handles', error.message)
  }
  yield* new Pause('inner two')
  return 'inner done'
}

function* outer(): HandDriven<void> {
  try {
    console.log(yield* inner())
    yield* new Pause('outer')
  } finally {
    console.log('outer leaves')
  }
}

const machine = outer()
console.log(machine.next().value)
console.log(machine.throw(new Boom('first')).value)
console.log(machine.next().value)
try {
  machine.throw(new Boom('second'))
} catch (error) {
  if (!(error instanceof Boom)) throw error
  console.log('came out', error.message)
}

// Python raises RuntimeError; a generator that is over says so.
if (machine.next().done) console.log('error')

const unstarted = outer()
try {
  unstarted.throw(new Boom('at the door'))
} catch (error) {
  if (!(error instanceof Boom)) throw error
  console.log('came out', error.message)
}
